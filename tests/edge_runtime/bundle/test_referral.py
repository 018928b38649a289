"""A referral is decided by the bundle's thresholds, and predict says so and why."""

import csv
import json

import pytest
from click.testing import CliRunner

from edge_runtime import load_bundle
from edge_runtime.bundle.referral import referral
from edge_runtime.bundle.thresholds import Thresholds
from edge_runtime.commands.main import main
from edge_runtime.errors import BundleInvalidError
from edge_runtime.system.codec import read

THRESHOLDS = {
    "no_referral": ["normal"],
    "sensitivity": 0.95,
    "classes": {
        "cataract": {"threshold": 0.6},
        "diabetic_retinopathy": {"threshold": 0.5},
        "glaucoma": {"threshold": 0.2},
    },
}


def probabilities(*values):
    return dict(
        zip(("cataract", "diabetic_retinopathy", "glaucoma", "normal"), values, strict=True)
    )


def test_the_diseases_together_are_held_against_the_lowest_threshold():
    found = referral(probabilities(0.1, 0.1, 0.05, 0.75), read(THRESHOLDS, Thresholds))
    assert found.refer
    assert found.score == pytest.approx(0.25)
    assert found.threshold == 0.2
    assert not referral(probabilities(0.1, 0.05, 0.04, 0.81), read(THRESHOLDS, Thresholds)).refer


@pytest.mark.parametrize(
    ("shares", "why"),
    [
        (
            (0.7, 0.1, 0.1, 0.1),
            "90.0% {} reaches 20.0%, the threshold of glaucoma, the lowest, which decides; that of "
            "cataract, the likeliest, is 60.0% and reached too",
        ),
        (
            (0.05, 0.1, 0.6, 0.25),
            "75.0% {} reaches 20.0%, the threshold of glaucoma, the likeliest, and the lowest, "
            "which decides",
        ),
        (
            (0.2, 0.1, 0.05, 0.65),
            "35.0% {} reaches 20.0%, the threshold of glaucoma, the lowest, which decides; that of "
            "cataract, the likeliest, is 60.0%",
        ),
        (
            (0.1, 0.05, 0.04, 0.81),
            "19.0% {} is below 20.0%, the threshold of glaucoma, the lowest, which decides; that "
            "of cataract, the likeliest, is 60.0%",
        ),
        (
            (0.01, 0.01, 0.1, 0.88),
            "12.0% {} is below 20.0%, the threshold of glaucoma, the likeliest, and the lowest, "
            "which decides",
        ),
    ],
)
def test_the_sentence_names_the_threshold_that_decides_and_the_likeliest_diseases(shares, why):
    found = referral(probabilities(*shares), read(THRESHOLDS, Thresholds))
    assert found.why == why.format("for any class but normal")


def test_without_thresholds_there_is_no_decision():
    assert referral(probabilities(0.7, 0.1, 0.1, 0.1), None) is None


def edit_manifest(bundle, thresholds):
    file = bundle / "manifest.json"
    raw = json.loads(file.read_text("utf-8"))
    raw["thresholds"] = thresholds
    file.write_text(json.dumps(raw), "utf-8")


def without(key):
    return {name: value for name, value in THRESHOLDS.items() if name != key}


@pytest.mark.parametrize(
    ("thresholds", "clause"),
    [
        (without("no_referral"), "thresholds.no_referral"),
        (THRESHOLDS | {"no_referral": ["healthy"]}, "thresholds.no_referral"),
        (THRESHOLDS | {"classes": {"glaucoma": {"threshold": 0.2}}}, "thresholds.classes"),
        (
            THRESHOLDS | {"classes": THRESHOLDS["classes"] | {"glaucoma": {"threshold": 1.2}}},
            "thresholds.classes.glaucoma.threshold",
        ),
        (
            THRESHOLDS | {"classes": THRESHOLDS["classes"] | {"glaucoma": {}}},
            "thresholds.classes.glaucoma.threshold",
        ),
        (without("sensitivity"), "thresholds.sensitivity"),
    ],
)
def test_thresholds_that_cant_be_decided_by_are_refused_on_loading(bundle, thresholds, clause):
    edit_manifest(bundle, thresholds)
    with pytest.raises(BundleInvalidError, match=clause):
        load_bundle(bundle)


@pytest.mark.parametrize(("limit", "refer"), [(0.0, "yes"), (1.0, "no")])
def test_predict_shows_the_decision_in_text_json_csv_and_report(
    limit, refer, bundle, photo_file, tmp_path
):
    edit_manifest(
        bundle,
        THRESHOLDS | {"classes": {name: {"threshold": limit} for name in THRESHOLDS["classes"]}},
    )
    options = [str(photo_file), "--bundle", str(bundle)]
    text = CliRunner().invoke(main, ["predict", *options])
    assert f"refer: {refer}, " in text.stdout
    out = tmp_path / "out"
    result = CliRunner().invoke(main, ["predict", *options, "--json", "--out", str(out)])
    record = json.loads(result.stdout)
    assert record["referral"]["refer"] == (refer == "yes")
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["refer"] == refer
    assert row["refer_why"] == record["referral"]["why"]
    again = CliRunner().invoke(main, ["predict", *options, "--out", str(out), "--resume"])
    counts = "1 referred, 0 not referred" if refer == "yes" else "0 referred, 1 not referred"
    for ran in (result, again):
        assert ran.stderr.endswith(f"\n1 photo: {counts}, 0 ungradable, 0 with an error.\n")
    page = (out / "report.html").read_text("utf-8")
    assert f"<b>1</b>{'to refer' if refer == 'yes' else 'not to refer'}</a>" in page
    details = (out / "report" / "photos-001.html").read_text("utf-8")
    assert f"<strong>{refer}</strong>: {record['referral']['why']}</td>" in details


def test_a_model_with_thresholds_of_its_own_is_decided_by_them_and_others_by_the_bundles(
    bundle, photo_file
):
    def limits(limit):
        return THRESHOLDS | {
            "classes": {name: {"threshold": limit} for name in THRESHOLDS["classes"]}
        }

    edit_manifest(bundle, limits(1.0))
    file = bundle / "manifest.json"
    raw = json.loads(file.read_text("utf-8"))
    for key in ("temperature", "thresholds"):  # as older bundles are
        del raw["models"]["float32"][key]
    raw["models"]["float32-tflite"] |= {"temperature": 2.0, "thresholds": limits(0.0)}
    file.write_text(json.dumps(raw), "utf-8")
    for model, refer in (("float32", "no"), ("float32-tflite", "yes")):
        options = [str(photo_file), "--bundle", str(bundle), "--model", model]
        result = CliRunner().invoke(main, ["predict", *options])
        assert f"refer: {refer}, " in result.stdout
    manifest = load_bundle(bundle).manifest
    assert manifest.for_model("float32") == manifest
    assert manifest.for_model("float32-tflite").temperature == 2


def test_a_bundle_without_thresholds_shows_none(exported, photo_file):
    result = CliRunner().invoke(
        main, ["predict", str(photo_file), "--bundle", str(exported), "--json"]
    )
    assert json.loads(result.stdout)["referral"] is None


def edit_validation(bundle, change):
    file = bundle / "manifest.json"
    raw = json.loads(file.read_text("utf-8"))
    found = {"passed": True, "reference": "x", "photos": 3, "gates": []} | change
    raw["models"]["float32"]["checks"]["validation"] = found
    file.write_text(json.dumps(raw), "utf-8")


def gate(name, value, limit):
    return {"name": name, "holds": True, "value": value, "limit": limit}


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"passed": "yes"}, "validation.passed' that isn't true or false"),
        ({"photos": 1.5}, "validation.photos' that isn't a whole number"),
        ({"gates": {}}, "validation.gates' that isn't a list"),
        ({"gates": ["x"]}, "validation.gates' that isn't an object"),
        ({"gates": [{"name": "x"}]}, r"lacks '.*validation\.gates\.holds'"),
        ({"gates": [{"name": "x", "holds": False}]}, "a verdict that its own gates contradict"),
        ({"gates": [gate("a_min", 0.5, 0.6)]}, "the gate 'a_min' holds, or not, against its value"),
        ({"gates": [gate("a_max", 0.7, 0.6)]}, "the gate 'a_max' holds, or not, against its value"),
        ({"gates": [gate("a_max", None, 0.6)]}, "the gate 'a_max' holds, or not, against its"),
        ({"thresholds": {"glaucoma": 0.5}}, "has other thresholds than its validation judged"),
    ],
)
def test_a_verdict_that_cant_be_shown_is_refused_on_loading(bundle, change, clause):
    held = [gate("a_min", 0.6, 0.6), gate("b_max", 0.1, 0.6)]
    edit_validation(bundle, {"gates": held, "thresholds": {}})
    load_bundle(bundle)
    edit_validation(bundle, change)
    with pytest.raises(BundleInvalidError, match=clause):
        load_bundle(bundle)


def test_gates_are_numbers_and_older_bundles_have_none(bundle):
    file = bundle / "manifest.json"
    raw = json.loads(file.read_text("utf-8"))
    del raw["gates"]
    file.write_text(json.dumps(raw), "utf-8")
    assert load_bundle(bundle).manifest.gates == {}
    file.write_text(json.dumps(raw | {"gates": {"agreement_min": "high"}}), "utf-8")
    with pytest.raises(BundleInvalidError, match=r"gates\.agreement_min' that isn't a number"):
        load_bundle(bundle)
