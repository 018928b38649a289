"""A gate holds at its limit, is missed beyond it and where nothing was measured."""

import json
from dataclasses import asdict

import pytest

from calibration.gates import DEFAULT_GATES, SENTENCES, judge, read_gates, said, shown_value
from edge_runtime.errors import GatesError


def figures(**changes):
    values = {
        "accuracy": 0.99, "recall": 0.02, "agreement": 0.99, "ece": 0.01,
        "pearson": 0.95, "iou": 0.8, "unusable": 0, "saturates": False,
        "weights": 27,
    } | changes  # fmt: skip
    measures = {key: {"median": values[key]} for key in ("pearson", "iou")}
    return {
        "paired": {
            "accuracy": {"original": 1.0, "model": values["accuracy"]},
            "recall": {
                "a": {"interval": [-0.5, -values["recall"]]},
                "b": {"interval": [-0.9, 0.1]},
            },
        },
        "agreement": {"top1": values["agreement"]},
        "confidence": {"ece_rise": values["ece"]},
        "explanation": {"measures": {} if values["iou"] is None else measures},
        "unusable": values["unusable"],
        "may_saturate": values["saturates"],
        "weights": {"sqnr_db": values["weights"]},
    }


def missed(**changes):
    return [found.name for found in judge(figures(**changes), DEFAULT_GATES) if not found.holds]


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
        ({"unusable": 1}, ["unusable_max"]),
        ({"saturates": True}, ["saturation_max"]),
        ({"weights": 26.9}, ["weights_sqnr_min"]),
    ],
)
def test_each_gate_is_missed_alone(change, gates):
    assert missed(**change) == gates


def test_weights_that_cant_be_compared_are_not_judged_and_do_not_fail():
    assert missed(weights=None) == []
    unjudged = [asdict(f) for f in judge(figures(weights=None), DEFAULT_GATES) if not f.judged]
    assert [gate["name"] for gate in unjudged] == ["weights_sqnr_min"]
    assert (said(unjudged[0]), shown_value(unjudged[0])) == ("not judged", "not compared")
    assert all(found.judged for found in judge(figures(), DEFAULT_GATES))


def test_a_loss_that_its_interval_leaves_in_doubt_is_no_loss():
    (found,) = (f for f in judge(figures(recall=-0.05), DEFAULT_GATES) if "recall" in f.name)
    assert (found.value, found.holds) == (0, True)


def test_a_file_goes_before_the_manifest_and_the_manifest_before_the_default(tmp_path):
    file = tmp_path / "gates.json"
    file.write_text(json.dumps({"agreement_min": 0.5}))
    found = read_gates(file, manifest={"agreement_min": 0.7, "ece_rise_max": 0.05})
    assert found == dict(DEFAULT_GATES) | {"agreement_min": 0.5, "ece_rise_max": 0.05}
    assert set(SENTENCES) == set(DEFAULT_GATES)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("[1]", "isn't an object"),
        ("{", "is not JSON"),
        ('{"agreement": 1}', "names the gate 'agreement'"),
        ('{"agreement_min": "0.9"}', "that isn't a number"),
        ('{"agreement_min": true}', "that isn't a number"),
        ('{"agreement_min": NaN}', "that isn't a number"),
    ],
)
def test_a_file_that_cant_be_judged_by_is_refused(text, cause, tmp_path):
    file = tmp_path / "gates.json"
    file.write_text(text)
    with pytest.raises(GatesError, match=cause):
        read_gates(file, manifest={})


def test_a_file_that_isnt_there_is_refused(tmp_path):
    with pytest.raises(GatesError, match="can't be read"):
        read_gates(tmp_path / "none.json", manifest={})
