"""Compare two classifiers that answered the same photos."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from train.metrics.intervals import percentile_interval, resampled_weights
from train.metrics.weighted_metrics import weighted_metrics

Doubles = npt.NDArray[np.float64]
Labels = npt.NDArray[np.integer]

_OVERALL = ("accuracy", "balanced_accuracy", "macro_auroc", "ece")


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
        ``train.metrics.weighted_metrics`` defines them; a draw that leaves one undefined doesn't
        count for its interval.
    """
    once = np.ones((1, len(labels)))
    draws = resampled_weights(groups, resamples=resamples, seed=seed)
    parts = [
        tuple(weighted_metrics(answers, labels, weights) for answers in (original, model))
        for weights in chain([once], draws)
    ]

    def figures(name: str) -> list[dict[str, Any]]:
        """Put a metric together, once for all classes or for each one."""
        before, after = (
            np.concatenate([each[name] for each in answers]).reshape(1 + resamples, -1)
            for answers in zip(*parts, strict=True)
        )
        return [
            {
                "original": float(a[0]),
                "model": float(b[0]),
                "difference": float(b[0] - a[0]),
                "interval": list(percentile_interval(b[1:] - a[1:])),
            }
            for a, b in zip(before.T, after.T, strict=True)
        ]

    return {
        **{name: figures(name)[0] for name in _OVERALL},
        **{name: dict(zip(classes, figures(name), strict=True)) for name in ("recall", "auroc")},
        "mcnemar": mcnemar(original.argmax(axis=1) == labels, model.argmax(axis=1) == labels),
    }
