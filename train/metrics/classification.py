"""Measure a classifier's predictions against labels, with intervals."""

from typing import Any

import numpy as np
import numpy.typing as npt

from train.metrics.intervals import CONFIDENCE, figure_interval, resampled_weights
from train.metrics.reliability import calibrated_errors, error_interval, expected_calibration_error
from train.metrics.weighted_metrics import BY_CLASS, OVERALL, Floats, confusion, weighted_metrics

#: With fewer groups than this the bootstrap's intervals are too narrow on average. Source: Cameron,
#: Gelbach and Miller, Bootstrap-based improvements for inference with clustered errors, Review of
#: Economics and Statistics 90, 2008, call 5 to 30 few.
FEW_GROUPS = 20


def evaluate(
    probabilities: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    classes: tuple[str, ...],
    *,
    groups: npt.NDArray[np.integer] | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure what a classifier gets right and how far its confidence can be believed.

    Args:
        probabilities: (N, C), rows sum to 1; N at least 1.
        labels: (N,), indices into ``classes``; not every class must occur.
        classes: The C class names in the model's order.
        groups: (N,), the group of each photo, any integers: copies of one photo and both eyes of
            a patient share one. None leaves the intervals out.
        resamples: Bootstrap draws of the groups.
        seed: Seed of the draws.

    Returns:
        JSON-ready: ``photos``; ``accuracy``, ``balanced_accuracy`` (the macro recall),
        ``macro_precision``, ``macro_f1``, ``macro_auroc`` (one versus rest; null where a class is
        absent), ``ece``, ``nll`` and ``brier``; ``recall``, ``precision``, ``f1`` and ``auroc`` by
        class name, null for an absent class; ``confusion`` (C rows of true classes, C columns of
        predicted ones). ``train.metrics.weighted_metrics`` defines them.

        With groups also ``intervals``: the percentile interval [low, high] under the same names
        (that of ``ece`` is ``train.metrics.reliability.error_interval``), null where the groups
        don't allow one; ``notes`` say why by the figure's name; ``groups`` and ``groups_by_class``
        count them.
    """
    once = np.ones((1, len(labels)))
    points = weighted_metrics(probabilities, labels, once)
    measured = {"photos": len(labels), **_by_name(points, classes)}
    measured["confusion"] = confusion(probabilities, labels, once)[0].astype(int).tolist()
    if groups is not None:
        measured["intervals"] = _intervals(
            probabilities, labels, classes, groups, resamples=resamples, seed=seed
        )
    return measured


def _by_name(points: dict[str, Floats], classes: tuple[str, ...]) -> dict[str, Any]:
    """Name the figures of the only row; NaN becomes None."""
    named: dict[str, Any] = {name: _number(points[name][0]) for name in OVERALL}
    for name in BY_CLASS:
        named[name] = dict(zip(classes, map(_number, points[name][0]), strict=True))
    return named


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _intervals(
    probabilities: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    classes: tuple[str, ...],
    groups: npt.NDArray[np.integer],
    *,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    parts = [
        weighted_metrics(probabilities, labels, weights)
        for weights in resampled_weights(groups, resamples=resamples, seed=seed)
    ]
    draws = {name: np.concatenate([part[name] for part in parts]) for name in (*OVERALL, *BY_CLASS)}
    predicted = probabilities.argmax(axis=1)
    everyone = _count(groups)
    of_class = [_count(groups[labels == k]) for k in range(len(classes))]
    of_others = [_count(groups[labels != k]) for k in range(len(classes))]
    of_predicted = [_count(groups[predicted == k]) for k in range(len(classes))]
    smallest = min(count for count in of_class if count)

    notes: dict[str, str] = {}
    intervals: dict[str, Any] = {
        "confidence": CONFIDENCE,
        "method": "percentile bootstrap over groups",
        "resamples": resamples,
        "seed": seed,
        "groups": everyone,
        "groups_by_class": dict(zip(classes, of_class, strict=True)),
        "notes": notes,
    }

    def add(
        into: dict[str, Any], key: str, name: str, values: Floats, needs: int, trials: int | None
    ) -> None:
        into[key], note = figure_interval(values, groups=needs, trials=trials)
        if note:
            notes[name] = note

    for name in OVERALL:
        needs = smallest if name.startswith(("macro", "balanced")) else everyone
        add(intervals, name, name, draws[name], needs, everyone if name == "accuracy" else None)
    for name in BY_CLASS:
        intervals[name] = {}
        for k, class_name in enumerate(classes):
            needs = min(of_class[k], of_others[k]) if name == "auroc" else of_class[k]
            trials = {"recall": of_class[k], "precision": of_predicted[k]}.get(name)
            label = f"{name}.{class_name}"
            add(intervals[name], class_name, label, draws[name][:, k], needs, trials)
    if intervals["ece"]:
        calibrated = calibrated_errors(probabilities, groups, draws=resamples, seed=seed)
        error = expected_calibration_error(probabilities, labels)
        intervals["ece"] = list(error_interval(error, draws["ece"], calibrated))
        notes["ece"] = (
            f"a perfectly calibrated model would show {calibrated.mean():.3f} on average on so few "
            f"photographs, and up to {np.percentile(calibrated, 97.5):.3f}"
        )
    counts = {"groups": everyone}
    counts |= {f"groups.{name}": count for name, count in zip(classes, of_class, strict=True)}
    for name, count in counts.items():
        if 2 <= count < FEW_GROUPS:
            notes[name] = f"only {count}: the intervals that rest on them are likely too narrow"
    return intervals


def _count(groups: npt.NDArray[np.integer]) -> int:
    return len(np.unique(groups))
