"""Compute every metric of a classifier under many weightings of its photos at once.

One definition serves the figure itself (every photo once) and its bootstrap draws (each photo as
often as it was drawn), so an interval can't belong to another quantity than its figure.
"""

import numpy as np
import numpy.typing as npt

from train.metrics.reliability import calibration_gaps
from train.metrics.roc import area, weighted_roc

Floats = npt.NDArray[np.float64]

#: Metrics with one value for all classes.
OVERALL = (
    "accuracy", "balanced_accuracy", "macro_precision", "macro_f1", "macro_auroc", "ece", "nll",
    "brier",
)  # fmt: skip

#: Metrics with one value for each class.
BY_CLASS = ("recall", "precision", "f1", "auroc")


def weighted_metrics(
    probabilities: npt.NDArray[np.floating], labels: npt.NDArray[np.integer], weights: Floats
) -> dict[str, Floats]:
    """Compute all metrics under each weighting.

    Recall, precision, F1 and AUROC of a class that has no weight are NaN. The precision of a class
    that is never predicted is 0. Balanced accuracy (which is the macro recall), macro precision
    and macro F1 average over the classes that occur in ``labels``; macro AUROC over all classes,
    and each AUROC is of one class versus the rest. A mean over something undefined is NaN.

    Args:
        probabilities: (N, C), rows sum to 1.
        labels: (N,), indices of the true classes.
        weights: (R, N), not negative, no row all zero.

    Returns:
        By name: (R,) for those of ``OVERALL``, (R, C) for those of ``BY_CLASS``.

    Source: Negative log likelihood clips probabilities to the precision of their type, as
    scikit-learn's ``log_loss``. The Brier score is the sum over the classes, 0..2: Brier,
    Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1950.
    """
    count, classes = probabilities.shape
    total = weights.sum(axis=1)
    matrix = confusion(probabilities, labels, weights)
    right, true, predicted = np.einsum("rcc->rc", matrix), matrix.sum(axis=2), matrix.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, f1 = right / true, np.where(true > 0, 2 * right / (true + predicted), np.nan)
        precision = np.where(predicted > 0, right / predicted, 0.0)
    precision = np.where(true > 0, precision, np.nan)
    auroc = np.stack(
        [area(*weighted_roc(probabilities[:, k], labels == k, weights)) for k in range(classes)],
        axis=1,
    )
    exact = probabilities.astype(np.float64)
    smallest = np.finfo(probabilities.dtype).eps
    surprise = -np.log(np.clip(exact[np.arange(count), labels], smallest, 1))
    squares = ((exact - np.eye(classes)[labels]) ** 2).sum(axis=1)
    gaps = calibration_gaps(probabilities, labels)
    present = np.unique(labels)
    return {
        "accuracy": right.sum(axis=1) / total,
        "balanced_accuracy": recall[:, present].mean(axis=1),
        "macro_precision": precision[:, present].mean(axis=1),
        "macro_f1": f1[:, present].mean(axis=1),
        "macro_auroc": auroc.mean(axis=1),
        "ece": np.abs(weights @ gaps).sum(axis=1) / total,
        "nll": weights @ surprise / total,
        "brier": weights @ squares / total,
        "recall": recall,
        "precision": precision,
        "f1": f1,
        "auroc": auroc,
    }


def confusion(
    probabilities: npt.NDArray[np.floating], labels: npt.NDArray[np.integer], weights: Floats
) -> Floats:
    """Add up the weights by true and predicted class: (R, C, C), true classes are the rows."""
    classes = probabilities.shape[1]
    cells = np.eye(classes**2)[labels * classes + probabilities.argmax(axis=1)]
    return np.asarray((weights @ cells).reshape(-1, classes, classes), np.float64)
