"""A bundle is measured as the device runs it: with the quality gate and without, in one pass."""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from make_fundus import write_dataset

from edge_runtime import Classifier, load_bundle
from edge_runtime.bundle.bundle import write_bundle
from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from edge_runtime.engine.onnx import Session
from edge_runtime.errors import AnswerInvalidError, PhotoUngradableError
from edge_runtime.photo.prepare import decode_timed, prepare_timed
from tests.conftest import ROOT, as_json
from train.evaluation import evaluated
from train.evaluation.evaluate_bundle import evaluate_bundle
from train.evaluation.evaluated import Evaluated
from train.evaluation.held_out import find_held_out
from train.evaluation.options import EvaluationOptions
from train.evaluation.run_bundle import ask_bundle
from train.metrics.intervals import Bootstrap

CLASSES = ("cataract", "diabetic_retinopathy", "glaucoma", "normal")
FILES = {
    "metrics.json", "metrics.md", "predictions.csv", "roc.png", "confusion.png",
    "reliability.png", "worst_errors.png", "evaluation.html",
}  # fmt: skip

#: No photo is turned away.
OPEN = QualityLimits(
    field_min=0, brightness_min=0, brightness_max=255, frame_min=0, gaps_max=1, colour_min=-1,
    grain_max=9, detail_min=0, sharpness_min=0,
)  # fmt: skip


DRAWS = EvaluationOptions(bootstrap=Bootstrap(100))


def call(*arguments):
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments), "--resamples", "100"])


def with_manifest(source, target, **changes):
    """Copy a bundle with another manifest."""
    manifest = load_bundle(source).manifest
    files = {name: source / name for name in manifest.files}
    write_bundle(target, replace(manifest, **changes), files)
    return target


@pytest.fixture(scope="module")
def photos(dataset):
    return find_held_out(dataset, split="test_dir", classes=CLASSES, seed=0)


def asked_of(photos):
    """What ``ask_bundle`` asks about these photos."""
    return Evaluated(photos[0].path.parents[1], "test_dir", photos, np.arange(len(photos)), (), "")


@pytest.fixture(scope="module")
def half(exported, photos, tmp_path_factory):
    """The tiny bundle with a gate that calls about half of test_dir too bright."""
    decoded = [decode_timed(photo.path)[0] for photo in photos]
    low, high = 0.0, 255.0
    for _ in range(12):
        limits = replace(OPEN, brightness_max=(low + high) / 2)
        faults = [
            prepare_timed(each, size=(64, 64), limits=limits, decode_ms=0).fault for each in decoded
        ]
        passed = faults.count(None)
        if 3 <= passed <= 9:
            break
        low, high = (low, limits.brightness_max) if passed > 9 else (limits.brightness_max, high)
    return with_manifest(exported, tmp_path_factory.mktemp("half") / "bundle", quality=limits)


@pytest.fixture(scope="module")
def found(half, dataset, tmp_path_factory):
    """What the half-shut bundle's evaluation returns, and its folder."""
    out = tmp_path_factory.mktemp("evaluation") / "out"
    return as_json(evaluate_bundle(half, dataset, options=replace(DRAWS, out=out))), out


def test_the_figures_are_those_of_predict_with_its_gate_and_without(half, photos, found):
    result, _ = found
    bundle = load_bundle(half)
    gated, ungated = Classifier(bundle), Classifier(bundle, quality_gate=False)
    right, passed = [], []
    for photo in photos:
        right.append(ungated.predict(photo.path).class_name == CLASSES[photo.label])
        try:
            gated.predict(photo.path)
            passed.append(True)
        except PhotoUngradableError:
            passed.append(False)
    assert 0 < sum(passed) < len(passed)
    assert result["photos"] == len(photos)
    assert result["accuracy"] == pytest.approx(np.mean(right))
    assert result["with_gate"]["photos"] == sum(passed)
    assert result["with_gate"]["accuracy"] == pytest.approx(np.mean(np.array(right)[passed]))
    assert result["gate"]["ungradable"] == len(passed) - sum(passed)
    assert result["gate"]["share"] == pytest.approx(1 - np.mean(passed))
    assert result["gate"]["reasons"] == {"the photo is too bright": len(passed) - sum(passed)}
    for label, name in enumerate(CLASSES):
        of_class = [
            not ok for ok, photo in zip(passed, photos, strict=True) if photo.label == label
        ]
        counted = result["gate"]["by_class"][name]
        assert (counted["photos"], counted["ungradable"]) == (len(of_class), sum(of_class))


def test_each_photo_is_asked_about_once(half, dataset, monkeypatch):
    asked = []
    run = Session.run

    def counted(self, images, outputs):
        asked.append(len(images))
        return run(self, images, outputs)

    monkeypatch.setattr(Session, "run", counted)
    evaluate_bundle(half, dataset, options=DRAWS)
    assert asked == [1] * 12


def test_the_folder_has_every_file_and_both_tables(found):
    result, out = found
    assert {path.name for path in out.iterdir()} == FILES
    assert json.loads((out / "metrics.json").read_text("utf-8")) == json.loads(json.dumps(result))
    table = (out / "metrics.md").read_text("utf-8")
    headings = [line for line in table.splitlines() if line.startswith("## ")]
    title = "test_dir (the split leaks)"
    assert headings == [
        f"## {title}", "## The quality gate", f"## {title}, the gradable photographs alone",
    ]  # fmt: skip
    count = result["gate"]["ungradable"]
    assert f"`predict` calls {count} of the 12 ungradable" in table
    assert table.count(DISCLAIMER) == 2


def test_predictions_say_which_photos_the_gate_turns_away(found):
    result, out = found
    with (out / "predictions.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    refused = [row for row in rows if row["ungradable"]]
    assert {row["ungradable"] for row in refused} == {"the photo is too bright"}
    assert len(refused) == result["gate"]["ungradable"]
    right = np.mean([row["true"] == row["predicted"] for row in rows])
    assert result["accuracy"] == pytest.approx(right)
    assert "source" not in rows[0]
    assert "camera" not in rows[0]


def test_a_bundle_says_what_the_run_says_that_it_was_made_of(tiny_run, exported, dataset):
    of_run, of_bundle = (
        json.loads(call(source, dataset, "--json").stdout) for source in (tiny_run, exported)
    )
    # Keras and ONNX Runtime sum float32 in another order, which these figures don't show.
    assert of_bundle["confusion"] == of_run["confusion"]
    assert of_bundle["nll"] == pytest.approx(of_run["nll"], abs=1e-4)
    assert of_bundle["title"] == of_run["title"] == "test_dir (the split leaks)"
    assert of_bundle["dataset"] == of_run["dataset"]
    assert of_bundle["leaks"] == of_run["leaks"]
    assert of_bundle["model"]["name"] == "float32"


def test_the_models_of_a_bundle_can_be_chosen_tflite_too(device_bundle, dataset):
    result = call(device_bundle, dataset, "--model", "int8.tflite", "--json")
    assert result.exit_code == 0, result.stderr
    model = json.loads(result.stdout)["model"]
    assert (model["name"], model["format"], model["gradients"]) == ("int8", "tflite", "fixed")
    assert len(model["sha256"]) == 64
    wrong = call(device_bundle, dataset, "--model", "none")
    assert wrong.exit_code == 1
    assert "none" in wrong.stderr


@pytest.mark.parametrize("model", ["float32", "int8"])
def test_the_maps_are_the_bundles_own_of_the_predicted_class(device_bundle, photos, model):
    classifier = Classifier(load_bundle(device_bundle), model=model)
    told = ask_bundle(classifier, asked_of(photos[::4]))
    classifier.quality_gate = False
    for photo, cam, row in zip(
        photos[::4], told.maps(slice(None)), told.probabilities, strict=True
    ):
        prediction = classifier.predict(photo.path)
        own = prediction.cam[CLASSES.index(prediction.class_name)]
        np.testing.assert_array_equal(cam, own)
        np.testing.assert_array_equal(row, list(prediction.probabilities.values()))


def test_a_gate_that_lets_nothing_pass_leaves_figures_without_it(exported, dataset, tmp_path):
    shut = replace(OPEN, brightness_min=254.0)
    bundle = with_manifest(exported, tmp_path / "bundle", quality=shut)
    result = call(bundle, dataset)
    assert result.exit_code == 0, result.stderr
    assert "It leaves no photograph whose class is known." in result.stdout
    assert "| all | 12 | 12 | 100.0% |" in result.stdout


def test_sources_and_cameras_are_told_of_and_measured(half, dataset, tmp_path, monkeypatch):
    def with_sources(*arguments, **options):
        found = find_held_out(*arguments, **options)
        return tuple(
            replace(photo, source=f"s{at % 2}", camera="c|1" if at % 2 else "")
            for at, photo in enumerate(found)
        )

    monkeypatch.setattr(evaluated, "find_held_out", with_sources)
    options = replace(DRAWS, out=tmp_path / "out")
    result = as_json(evaluate_bundle(half, dataset, options=options))
    gate = result["gate"]["by_source"]
    assert [gate[name]["photos"] for name in ("s0", "s1")] == [6, 6]
    assert sum(part["ungradable"] for part in gate.values()) == result["gate"]["ungradable"]
    assert set(result["by_source"]["sources"]) == {"s0", "s1"}
    passed = result["with_gate"]["by_source"]["sources"]
    assert sum(part["photos"] for part in passed.values()) == result["with_gate"]["photos"]
    table = (tmp_path / "out" / "metrics.md").read_text("utf-8")
    assert table.count("### By source") == 2
    assert table.count("mix the cameras of 2 sources") == 2
    with (tmp_path / "out" / "predictions.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["source"], row["camera"]) for row in rows[:2]] == [("s0", ""), ("s1", "c|1")]


def test_a_bundles_thresholds_are_measured_by_source(exported, dataset, tmp_path, monkeypatch):
    entries = {name: {"threshold": 0.4} for name in CLASSES[:3]}
    thresholds = {"no_referral": ["normal"], "sensitivity": 0.9, "classes": entries}
    bundle = with_manifest(exported, tmp_path / "bundle", thresholds=thresholds)

    def with_a_source(*arguments, **options):
        return tuple(replace(p, source="one") for p in find_held_out(*arguments, **options))

    monkeypatch.setattr(evaluated, "find_held_out", with_a_source)
    result = as_json(evaluate_bundle(bundle, dataset, options=DRAWS))
    entry = result["by_source"]["sources"]["one"]["diseases"]["glaucoma"]["at_threshold"]
    assert entry["threshold"] == 0.4


def test_evidence_outside_is_that_of_predict_held_to_the_bundles_limit(
    exported, photos, dataset, tmp_path
):
    classifier = Classifier(load_bundle(exported), quality_gate=False)
    outside = [classifier.predict(photo.path).evidence_outside() for photo in photos]
    limit = float(np.median(outside))
    bundle = with_manifest(exported, tmp_path / "bundle", evidence_outside_max=limit)
    out = tmp_path / "out"
    found = evaluate_bundle(bundle, dataset, options=replace(DRAWS, out=out))
    evidence = as_json(found)["evidence"]
    assert evidence["limit"] == limit
    # black pixels of the retina count as outside here, and not in predict
    assert evidence["outside_mean"] == pytest.approx(np.mean(outside), abs=0.01)
    assert evidence["flagged"] == pytest.approx(0.5, abs=2 / len(photos))
    told = f"more than {limit:.0%} in {evidence['flagged']:.1%} of the photographs"
    assert told in (out / "metrics.md").read_text("utf-8")


def test_figures_on_training_photos_are_marked_as_such(exported, dataset):
    result = call(exported, dataset, "--split", "train_dir")
    assert result.stdout.startswith("## train_dir (the model was trained on 32 of these)\n")
    assert "trained on 32 of these 32 photographs: the figures are too good" in result.stderr


def test_photos_that_chose_the_training_are_told_of(exported, dataset):
    assert "also chose the model's training" in call(exported, dataset, "--split", "val_dir").stderr
    assert "also chose" not in call(exported, dataset).stderr


def test_photos_that_set_the_ranges_are_noticed_in_another_folder(exported, dataset, tmp_path):
    write_dataset(tmp_path / "made", per_split={"all": 2}, seed=5)
    folder = tmp_path / "made" / "all"
    photo = sorted((dataset / "train_dir" / "normal").iterdir())[0]
    origin = as_json(load_bundle(exported).manifest.origin)
    silent = with_manifest(exported, tmp_path / "silent", origin={})
    unknown = json.loads(call(silent, folder, "--json").stdout)
    assert (unknown["trained_on"], unknown["calibrated_on"]) == (None, None)
    assert (unknown["title"], unknown["photos"]) == ("all", 8)

    sha256 = [hashlib.sha256(photo.read_bytes()).hexdigest()]
    origin["representative"] = {"seed": 0, "sha256": sha256}
    bundle = with_manifest(exported, tmp_path / "bundle", origin=origin)
    assert call(bundle, folder).stdout.startswith("## all\n")
    shutil.copy(photo, folder / "normal" / "renamed.jpg")
    result = call(bundle, folder)
    assert result.stdout.startswith("## all (the model was trained on at least 1 of these)\n")
    assert "trained on at least 1 of these 9 photographs" in result.stderr


def test_choices_of_the_training_that_are_nonsense_tell_nothing(exported, dataset, tmp_path):
    origin = {"training": {"seed": "x", "patients": "("}}
    bundle = with_manifest(exported, tmp_path / "bundle", origin=origin)
    result = json.loads(call(bundle, dataset, "--json").stdout)
    assert (result["trained_on"], result["leaks"], result["title"]) == (None, None, "test_dir")


def test_a_photo_that_cant_be_read_is_named(exported, dataset, tmp_path):
    root = shutil.copytree(dataset, tmp_path / "data")
    (root / "test_dir" / "normal" / "zzz.jpg").write_bytes(b"no photo")
    result = call(exported, root)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "1 photo(s) can't be read, remove or mend them: " in line
    assert "zzz.jpg" in line


def test_an_answer_that_is_no_number_is_refused(exported, photos, monkeypatch):
    run = Session.run

    def broken(self, images, outputs):
        found = run(self, images, outputs)
        return found | {"probabilities": np.full((1, 4), np.nan, np.float32)}

    monkeypatch.setattr(Session, "run", broken)
    with pytest.raises(AnswerInvalidError, match="'probabilities' that isn't finite numbers"):
        ask_bundle(Classifier(load_bundle(exported)), asked_of(photos[:1]))


def test_options_of_the_other_kind_are_usage_errors(tiny_run, exported, dataset):
    assert call(exported, dataset, "--flips").exit_code == 2
    assert call(tiny_run, dataset, "--model", "int8").exit_code == 2


def test_a_broken_bundle_is_refused_in_one_sentence(bundle, dataset):
    (bundle / "manifest.json").write_text("{")
    result = call(bundle, dataset)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "manifest.json" in result.stderr


def loaded_frameworks(source, dataset, out):
    """Evaluate in a fresh Python and list the training frameworks that this loaded."""
    arguments = ["evaluate", str(source), str(dataset), "--out", str(out), "--resamples", "100"]
    code = (
        "import sys\nfrom edge_runtime.commands.main import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        "print('LOADED', *sorted({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert (out / "worst_errors.png").is_file() or "| accuracy | 1.000" in ran.stdout
    marker, *names = ran.stdout.splitlines()[-1].split()
    assert marker == "LOADED"
    return names


def test_evaluating_a_bundle_loads_no_training_framework(exported, dataset, tmp_path):
    assert loaded_frameworks(exported, dataset, tmp_path / "out") == []


def test_the_check_of_what_is_loaded_can_fail(tiny_run, dataset, tmp_path):
    assert loaded_frameworks(tiny_run, dataset, tmp_path / "out") == ["keras", "tensorflow"]


def test_the_contact_sheet_of_a_bundle_is_drawn(found):
    result, out = found
    assert result["worst_errors"]
    picture = cv2.imread(str(out / "worst_errors.png"))
    assert np.ptp(picture) > 100
    assert re.fullmatch(r"test_dir/\w+/.+", result["worst_errors"][0]["photo"])
