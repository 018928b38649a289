"""Compare two classifiers that answered the same photos."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest, rankdata

from train.metrics.intervals import percentile_interval, resample_groups
from train.metrics.reliability import expected_calibration_error

Doubles = npt.NDArray[np.float64]
Labels = npt.NDArray[np.integer]


def mcnemar(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Test whether two classifiers are right on different numbers of photos: McNemar, exact.

    Only photos on which one is right and the other wrong count; without a difference each of the
    two cases is as likely. The test takes photos for independent, and both eyes of a patient
    aren't: its p-value is a little too small.

    Args:
        first: (N,), where the original is right.
        second: (N,), where the model is right.

    Returns:
        JSON-ready: ``only_original`` and ``only_model``, the photos that only one got right, and
        the two-sided ``p_value``.

    Source: McNemar, Psychometrika 12, 1947.
    """
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    apart = only_first + only_second
    p_value = float(binomtest(only_first, apart, 0.5).pvalue) if apart else 1.0
    return {"only_original": only_first, "only_model": only_second, "p_value": p_value}


def paired_figures(
    labels: Labels,
    original: Doubles,
    model: Doubles,
    groups: Labels,
    classes: Sequence[str],
    *,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Measure two classifiers on the same photos, and their difference with its interval.

    Every draw of groups serves both, so what makes photos hard for both cancels out.

    Args:
        labels: (N,), indices into ``classes``; every class must be among them.
        original: (N, C), the original's probabilities.
        model: (N, C), the model's.
        groups: (N,), the group of each photo.
        classes: The C class names.
        resamples: Draws of groups.
        seed: Of the draws.

    Returns:
        JSON-ready: ``accuracy``, ``balanced_accuracy``, ``macro_auroc``, ``ece`` and, by class
        name, ``recall`` and ``auroc``, each with ``original``, ``model``, ``difference`` (model
        minus original) and its 95 % ``interval``; and ``mcnemar``.
    """
    count = len(classes)
    first, second = _statistics(labels, original, count), _statistics(labels, model, count)
    differences = [
        _statistics(labels[draw], model[draw], count)
        - _statistics(labels[draw], original[draw], count)
        for draw in resample_groups(groups, resamples=resamples, seed=seed)
    ]
    rows = [
        {
            "original": float(a),
            "model": float(b),
            "difference": float(b - a),
            "interval": list(percentile_interval(column)),
        }
        for a, b, column in zip(first, second, np.transpose(differences), strict=True)
    ]
    names = ("accuracy", "balanced_accuracy", "macro_auroc", "ece")
    overall, by_class = rows[: len(names)], rows[len(names) :]
    return {
        **dict(zip(names, overall, strict=True)),
        "recall": dict(zip(classes, by_class[:count], strict=True)),
        "auroc": dict(zip(classes, by_class[count:], strict=True)),
        "mcnemar": mcnemar(original.argmax(axis=1) == labels, model.argmax(axis=1) == labels),
    }


def _statistics(labels: Labels, probabilities: Doubles, count: int) -> Doubles:
    """List accuracy, balanced accuracy, macro AUROC, ECE, and recall and AUROC of each class.

    A class that a draw lacks has NaN, and the averages are over the others.
    """
    right = probabilities.argmax(axis=1) == labels
    photos = np.bincount(labels, minlength=count)
    with np.errstate(invalid="ignore"):
        recall = np.bincount(labels, weights=right, minlength=count) / photos
        ranks = rankdata(probabilities, axis=0)
        own = ranks[np.arange(len(labels)), labels]
        sums = np.bincount(labels, weights=own, minlength=count)
        auroc = (sums - photos * (photos + 1) / 2) / (photos * (len(labels) - photos))
    present = photos > 0
    defined = np.isfinite(auroc)
    macro = auroc[defined].mean() if defined.any() else np.nan
    ece = expected_calibration_error(probabilities, labels)
    return np.array([right.mean(), recall[present].mean(), macro, ece, *recall, *auroc])
