"""Measure a classifier's predictions against labels."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn import metrics


def evaluate(
    probabilities: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """Count and average what a classifier gets right.

    Args:
        probabilities: (N, C), rows sum to 1.
        labels: (N,), indices into ``classes``.
        classes: The C class names in the model's order.

    Returns:
        JSON-ready: ``photos``, ``accuracy``, ``balanced_accuracy``, ``macro_auroc`` (one versus
        rest; null where a class is absent), ``recall`` and ``precision`` by class name, and
        ``confusion`` (C rows of true classes, C columns of predicted ones).
    """
    predicted = probabilities.argmax(axis=1)
    indices = list(range(len(classes)))
    shared = {"labels": indices, "average": None, "zero_division": 0}
    recall = metrics.recall_score(labels, predicted, **shared)
    precision = metrics.precision_score(labels, predicted, **shared)
    present = np.unique(labels)
    auroc = None
    if len(present) == len(classes):
        rates = [metrics.roc_auc_score(labels == k, probabilities[:, k]) for k in indices]
        auroc = float(np.mean(rates))
    return {
        "photos": len(labels),
        "accuracy": float(metrics.accuracy_score(labels, predicted)),
        "balanced_accuracy": float(recall[present].mean()),
        "macro_auroc": auroc,
        "recall": dict(zip(classes, map(float, recall), strict=True)),
        "precision": dict(zip(classes, map(float, precision), strict=True)),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=indices).tolist(),
    }
