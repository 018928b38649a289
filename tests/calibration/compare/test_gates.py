"""A gate holds at its limit, is missed beyond it and where nothing was measured."""

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from calibration.compare.gates import GATES, judge, read_gates, said, shown_value
from calibration.errors import GatesError
from edge_runtime import load_bundle
from edge_runtime.bundle import verdict
from edge_runtime.commands.main import main
from edge_runtime.contract import DEFAULT_BUNDLE

DEFAULTS = read_gates(None, manifest={})


def figures(**changes):
    values = {
        "accuracy": 0.99, "recall": 0.02, "agreement": 0.99, "ece": 0.01,
        "pearson": 0.95, "iou": 0.8, "specificity": 0.4, "saturates": False,
        "weights": 27, "flagged": 0.02, "peak": 0.02,
    } | changes  # fmt: skip
    measures = {key: SimpleNamespace(median=values[key]) for key in ("pearson", "iou")}
    recall = {"a": (-0.5, -values["recall"]), "b": (-0.9, 0.1)}
    return SimpleNamespace(
        paired=SimpleNamespace(
            accuracy=SimpleNamespace(original=1.0, model=values["accuracy"]),
            recall={name: SimpleNamespace(interval=found) for name, found in recall.items()},
        ),
        agreement=SimpleNamespace(top1=values["agreement"]),
        confidence=SimpleNamespace(ece_rise=values["ece"]),
        explanation=SimpleNamespace(measures={} if values["iou"] is None else measures),
        evidence={"model": SimpleNamespace(flagged=values["flagged"], peak_outside=values["peak"])},
        referral=SimpleNamespace(
            rule=values.get("rule", "thresholds"), specificity_model=values["specificity"]
        ),
        may_saturate=values["saturates"],
        weights=SimpleNamespace(sqnr_db=values["weights"]),
    )


def missed(**changes):
    return [found.name for found in judge(figures(**changes), DEFAULTS) if not found.holds]


def test_the_runtime_knows_all_gates_by_name_so_that_it_misses_one_that_was_left_out():
    assert tuple(GATES) == verdict.GATES


def test_every_gate_holds_at_its_own_limit():
    assert missed() == []


@pytest.mark.parametrize(
    ("change", "gates"),
    [
        ({"accuracy": 0.989}, ["accuracy_ratio_min"]),
        ({"recall": 0.021}, ["recall_loss_max"]),
        ({"agreement": 0.989}, ["agreement_min"]),
        ({"ece": 0.0101}, ["ece_rise_max"]),
        ({"ece": float("nan")}, ["ece_rise_max"]),
        ({"pearson": 0.949}, ["drift_correlation_min"]),
        ({"iou": 0.79}, ["drift_iou_min"]),
        ({"iou": None}, ["drift_correlation_min", "drift_iou_min"]),
        ({"flagged": 0.021}, ["evidence_outside_max"]),
        ({"peak": 0.021}, ["peak_outside_max"]),
        ({"specificity": 0.399}, ["specificity_min"]),
        ({"saturates": True}, ["saturation_max"]),
        ({"weights": 26.9}, ["weights_sqnr_min"]),
    ],
)
def test_each_gate_is_missed_alone(change, gates):
    assert missed(**change) == gates


@pytest.mark.parametrize("change", [{"rule": "predicted class"}, {"specificity": None}])
def test_without_thresholds_or_healthy_eyes_the_specificity_is_not_judged(change):
    assert missed(**{"specificity": 0.1, **change}) == []
    unjudged = [found.name for found in judge(figures(**change), DEFAULTS) if not found.judged]
    assert unjudged == ["specificity_min"]


def test_the_packages_bundle_holds_the_default_specificity():
    thresholds = load_bundle().manifest.thresholds
    assert thresholds.specificity > DEFAULTS["specificity_min"]


def test_a_gate_of_older_versions_is_taken_and_judges_nothing(tmp_path):
    file = tmp_path / "gates.json"
    file.write_text(json.dumps({"unusable_max": 5}))
    assert read_gates(file, manifest={"unusable_max": 0}) == DEFAULTS


def test_weights_that_cant_be_compared_are_not_judged_and_do_not_fail():
    assert missed(weights=None) == []
    unjudged = [found for found in judge(figures(weights=None), DEFAULTS) if not found.judged]
    assert [gate.name for gate in unjudged] == ["weights_sqnr_min"]
    assert (said(unjudged[0]), shown_value(unjudged[0])) == ("not judged", "not compared")
    assert all(found.judged for found in judge(figures(), DEFAULTS))


def test_a_loss_that_its_interval_leaves_in_doubt_is_no_loss():
    (found,) = (f for f in judge(figures(recall=-0.05), DEFAULTS) if "recall" in f.name)
    assert (found.value, found.holds) == (0, True)


def test_a_file_goes_before_the_manifest_and_the_manifest_before_the_default(tmp_path):
    file = tmp_path / "gates.json"
    file.write_text(json.dumps({"agreement_min": 0.5}))
    found = read_gates(file, manifest={"agreement_min": 0.7, "ece_rise_max": 0.05})
    assert found == DEFAULTS | {"agreement_min": 0.5, "ece_rise_max": 0.05}


MALFORMED = [
    ("", "is empty"),
    (" \n", "is empty"),
    ("{", "is not JSON: expecting property name enclosed in double quotes at line 1, column 2"),
    ("agreement_min: 0.9", "is not JSON: expecting value at line 1, column 1"),
    ('{"agreement_min": 0.9} x', "is not JSON: extra data at line 1, column 24"),
    ("\xff", "is not UTF-8 text"),
    ("[" * 100_000, "is nested too deep or has too long a number"),
    ("[0.9]", "holds a list, not an object"),
    ('"agreement_min"', 'holds "agreement_min", not an object'),
    ("null", "holds null, not an object"),
    ('{"agreement": 1}', "names the gate 'agreement', which isn't one of accuracy_ratio_min, "),
    ('{"a\\nb": 1}', r"names the gate 'a\nb', which"),
    ('{"agreement_min": "0.9"}', """gives 'agreement_min' the limit "0.9", not a number"""),
    ('{"agreement_min": true}', "gives 'agreement_min' the limit true, not a number"),
    ('{"agreement_min": null}', "gives 'agreement_min' the limit null, not a number"),
    ('{"agreement_min": {"min": 1}}', "gives 'agreement_min' the limit an object, not a number"),
    ('{"agreement_min": NaN}', "gives 'agreement_min' the limit NaN, not a number"),
    ('{"agreement_min": 1e999}', "gives 'agreement_min' the limit Infinity, not a number"),
    ('{"agreement_min": -0.1}', "gives 'agreement_min' the limit -0.1, not a number of 0 or more"),
    (f'{{"agreement_min": 1{"0" * 400}}}', "gives 'agreement_min' the limit 1000"),
    (f'{{"agreement_min": 1{"0" * 5000}}}', "is nested too deep or has too long a number"),
]


@pytest.mark.parametrize(("text", "cause"), MALFORMED)
def test_a_file_that_cant_be_judged_by_is_refused_in_one_sentence(text, cause, tmp_path):
    file = tmp_path / "gates.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(GatesError) as found:
        read_gates(file, manifest={})
    assert str(found.value).startswith(f"{file} {cause}")
    assert "expected a JSON object" in str(found.value)
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 600


def test_a_file_that_isnt_there_or_is_a_folder_is_refused(tmp_path):
    with pytest.raises(GatesError, match="can't be read: no such file or directory"):
        read_gates(tmp_path / "none.json", manifest={})
    with pytest.raises(GatesError, match="can't be read: is a directory"):
        read_gates(tmp_path, manifest={})


def test_a_manifests_limits_are_checked_too():
    with pytest.raises(GatesError, match="the bundle's manifest gives 'ece_rise_max'"):
        read_gates(None, manifest={"ece_rise_max": -1.0})


@pytest.mark.parametrize("command", ["calibrate", "validate"])
def test_commands_end_with_that_sentence_before_the_data_is_read(command, tmp_path):
    file = tmp_path / "gates.json"
    file.write_text('{"agreement_min": -1}')
    out = ["--out", str(tmp_path / "new"), "--data", str(tmp_path / "none")]
    arguments = [command, str(DEFAULT_BUNDLE), *out, "--gates", str(file)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {file} gives 'agreement_min' the limit -1")
    assert result.output.count("\n") == 1
