"""Measure a classifier's predictions against labels, with intervals."""

from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from edge_runtime.bundle.metrics import Interval, Intervals, Metrics
from train.metrics.intervals import (
    BOOTSTRAP,
    CONFIDENCE,
    Bootstrap,
    figure_interval,
    resampled_weights,
)
from train.metrics.reliability import calibrated_errors, error_interval, expected_calibration_error
from train.metrics.weighted_metrics import BY_CLASS, OVERALL, Floats, confusion, weighted_metrics

#: With fewer groups than this the bootstrap's intervals are too narrow on average. Source: Cameron,
#: Gelbach and Miller, Bootstrap-based improvements for inference with clustered errors, Review of
#: Economics and Statistics 90, 2008, call 5 to 30 few.
FEW_GROUPS = 20

_Labels = npt.NDArray[np.integer]


def evaluate(
    probabilities: npt.NDArray[np.floating],
    labels: _Labels,
    classes: tuple[str, ...],
    *,
    groups: _Labels | None = None,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> Metrics:
    """Measure what a classifier gets right and how far its confidence can be believed.

    Args:
        probabilities: (N, C), rows sum to 1; N at least 1.
        labels: (N,), indices into ``classes``; not every class must occur.
        classes: The C class names in the model's order.
        groups: (N,), the group of each photo, any integers: copies of one photo and both eyes of
            a patient share one. None leaves the intervals out.
        bootstrap: Draws of the groups. The interval of ``ece`` is
            ``train.metrics.reliability.error_interval``, the others are percentiles.
    """
    once = np.ones((1, len(labels)))
    points = weighted_metrics(probabilities, labels, once)
    named: dict[str, Any] = {name: _number(points[name][0]) for name in OVERALL}
    for name in BY_CLASS:
        named[name] = dict(zip(classes, map(_number, points[name][0]), strict=True))
    matrix = confusion(probabilities, labels, once)[0].astype(int)
    return Metrics(
        photos=len(labels),
        **named,
        confusion=tuple(map(tuple, matrix.tolist())),
        intervals=UNSET
        if groups is None
        else _intervals(probabilities, labels, classes, groups, bootstrap),
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _intervals(
    probabilities: npt.NDArray[np.floating],
    labels: _Labels,
    classes: tuple[str, ...],
    groups: _Labels,
    bootstrap: Bootstrap,
) -> Intervals:
    draws = _draws(probabilities, labels, groups, bootstrap)
    predicted, everyone = probabilities.argmax(axis=1), _count(groups)
    of_class = [_count(groups[labels == k]) for k in range(len(classes))]
    of_others = [_count(groups[labels != k]) for k in range(len(classes))]
    of_predicted = [_count(groups[predicted == k]) for k in range(len(classes))]
    notes: dict[str, str] = {}

    def interval(label: str, values: Floats, needs: int, trials: int | None) -> Interval | None:
        found, note = figure_interval(values, groups=needs, trials=trials)
        if note:
            notes[label] = note
        return found

    smallest = min(count for count in of_class if count)
    overall: dict[str, Any] = {
        name: interval(
            name,
            draws[name],
            smallest if name.startswith(("macro", "balanced")) else everyone,
            everyone if name == "accuracy" else None,
        )
        for name in OVERALL
    }
    by_class: dict[str, Any] = {
        name: {
            class_name: interval(
                f"{name}.{class_name}",
                draws[name][:, k],
                min(of_class[k], of_others[k]) if name == "auroc" else of_class[k],
                {"recall": of_class[k], "precision": of_predicted[k]}.get(name),
            )
            for k, class_name in enumerate(classes)
        }
        for name in BY_CLASS
    }
    if overall["ece"]:
        chance = calibrated_errors(probabilities, groups, bootstrap)
        error = expected_calibration_error(probabilities, labels)
        overall["ece"] = error_interval(error, draws["ece"], chance)
        notes["ece"] = _chance(chance)
    counted = dict(zip(classes, of_class, strict=True))
    return Intervals(
        confidence=CONFIDENCE,
        method="percentile bootstrap over groups",
        resamples=bootstrap.resamples,
        seed=bootstrap.seed,
        groups=everyone,
        groups_by_class=counted,
        notes=notes | _few(everyone, counted),
        **overall,
        **by_class,
    )


def _draws(
    probabilities: npt.NDArray[np.floating], labels: _Labels, groups: _Labels, bootstrap: Bootstrap
) -> dict[str, Floats]:
    """Compute every metric of every draw, by its name: (R,) or (R, C)."""
    parts = [
        weighted_metrics(probabilities, labels, weights)
        for weights in resampled_weights(groups, bootstrap)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _chance(errors: Floats) -> str:
    return (
        f"a perfectly calibrated model would show {errors.mean():.3f} on average on so few "
        f"photographs, and up to {np.percentile(errors, 97.5):.3f}"
    )


def _few(everyone: int, by_class: dict[str, int]) -> dict[str, str]:
    """Say of which photos there are so few groups that intervals are likely too narrow."""
    counts = {"groups": everyone} | {f"groups.{name}": count for name, count in by_class.items()}
    return {
        name: f"only {count}: the intervals that rest on them are likely too narrow"
        for name, count in counts.items()
        if 2 <= count < FEW_GROUPS
    }


def _count(groups: _Labels) -> int:
    return len(np.unique(groups))
