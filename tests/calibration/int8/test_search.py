"""The search tries methods, then layers in float, and ends with the best that it found."""

from types import SimpleNamespace

import pytest

from calibration.compare.gates import missed_by_original
from calibration.int8.search import Trial, search
from edge_runtime.bundle.verdict import GateVerdict

LAYERS = [f"layer{i}" for i in range(20)]


def trial(method, in_float, *, passed, distance=0.1):
    judgement = GateVerdict("agreement_min", passed, 1.0 if passed else 0.9, 0.99)
    return Trial(method, in_float, (judgement,), distance)


def fail_to_rank(method):
    raise AssertionError("no layer is to be looked at")


def test_the_closest_of_the_methods_that_pass_is_kept_without_looking_at_layers():
    distances = {"min-max": 0.02, "entropy": 0.01, "percentile": 0.005}
    found = search(
        list(distances),
        lambda method, in_float: trial(
            method, in_float, passed=method != "percentile", distance=distances[method]
        ),
        fail_to_rank,
    )
    assert found.best.method == "entropy"
    assert len(found.trials) == 3
    assert found.reason.startswith("every gate holds with all layers quantised")


def test_the_fewest_layers_that_pass_are_found():
    found = search(
        ["min-max"],
        lambda method, in_float: trial(method, in_float, passed=len(in_float) >= 6),
        lambda method: LAYERS,
    )
    assert found.best.in_float == tuple(LAYERS[:6])
    assert [len(each.in_float) for each in found.trials] == [0, 1, 2, 4, 8, 6, 5]
    assert "6 layer(s) in float" in found.reason


def test_never_more_evaluations_than_allowed_and_the_best_is_kept():
    for most in range(1, 11):
        found = search(
            ["min-max", "entropy", "percentile", "distribution"],
            lambda method, in_float: trial(
                method, in_float, passed=False, distance=1 / (1 + len(in_float))
            ),
            lambda method: LAYERS,
            most=most,
        )
        assert len(found.trials) <= most
        assert found.best.distance == min(each.distance for each in found.trials)
        assert found.reason.endswith("misses agreement_min")


def test_layers_are_ranked_for_the_best_method_alone():
    asked = []

    def worst(method):
        asked.append(method)
        return LAYERS

    search(
        ["min-max", "entropy"],
        lambda method, in_float: trial(
            method, in_float, passed=False, distance={"min-max": 0.2, "entropy": 0.1}[method]
        ),
        worst,
    )
    assert asked == ["entropy"]


def test_a_model_that_never_passes_keeps_one_layer_quantised_and_says_which_was_best():
    found = search(
        ["min-max"],
        lambda method, in_float: trial(
            method, in_float, passed=False, distance=abs(len(in_float) - 1)
        ),
        lambda method: LAYERS[:4],
    )
    assert [len(each.in_float) for each in found.trials] == [0, 1, 2, 3]
    assert len(found.best.in_float) == 1
    assert found.reason == (
        "the best of 4 evaluations, with 1 layer(s) in float, still misses agreement_min"
    )


def test_a_gate_that_the_original_misses_too_is_no_reason_to_put_layers_back():
    peak = GateVerdict("peak_outside_max", False, 0.03, 0.02)

    def evaluate(method, in_float):
        agrees = GateVerdict("agreement_min", method == "entropy", 1.0, 0.99)
        return Trial(method, in_float, (agrees, peak), 0.1, frozenset({"peak_outside_max"}))

    found = search(["min-max", "entropy"], evaluate, fail_to_rank)
    assert found.best.method == "entropy"
    assert not found.best.passed
    assert found.reason == (
        "every gate holds, but peak_outside_max, which the original misses too, with all layers "
        "quantised; the best of 2 evaluations"
    )


def test_a_model_that_holds_every_gate_goes_before_one_whose_miss_is_excused():
    def evaluate(method, in_float):
        holds = method == "min-max"
        peak = GateVerdict("peak_outside_max", holds, 0.01 if holds else 0.03, 0.02)
        excused = frozenset({"peak_outside_max"})
        return Trial(method, in_float, (peak,), 0.2 if holds else 0.1, excused)

    assert search(["min-max", "entropy"], evaluate, fail_to_rank).best.method == "min-max"


@pytest.mark.parametrize(
    ("original", "model", "excused"),
    [(0.03, 0.04, True), (0.03, 0.3, False), (0.01, 0.03, False)],
)
def test_the_original_excuses_a_miss_of_its_own_size_alone(original, model, excused):
    gates = {"evidence_outside_max": 0.02, "peak_outside_max": 0.02}
    evidence = {
        name: SimpleNamespace(flagged=0.0, peak_outside=value)
        for name, value in (("original", original), ("model", model))
    }
    found = missed_by_original(SimpleNamespace(evidence=evidence), gates)
    assert found == (frozenset({"peak_outside_max"}) if excused else frozenset())


def test_a_gate_that_the_original_holds_is():
    peak = GateVerdict("peak_outside_max", False, 0.03, 0.02)
    found = search(
        ["min-max"],
        lambda method, in_float: Trial(method, in_float, (peak,), 0.1),
        lambda method: LAYERS,
    )
    assert len(found.trials) > 1
