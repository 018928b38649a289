"""Compare two classifiers that answered the same photos."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from edge_runtime.bundle.metrics import Interval
from train.metrics.intervals import Bootstrap, percentile_interval, resampled_weights
from train.metrics.weighted_metrics import weighted_metrics

Doubles = npt.NDArray[np.float64]
Labels = npt.NDArray[np.integer]


@dataclass(frozen=True)
class PairedFigure:
    """A figure of both, the difference, model minus original, and its 95 % interval."""

    original: float
    model: float
    difference: float
    interval: Interval


@dataclass(frozen=True)
class McNemar:
    """The photos that only one of the two got right, and the two-sided p-value."""

    only_original: int
    only_model: int
    p_value: float


@dataclass(frozen=True)
class Paired:
    """The figures of ``train.metrics.weighted_metrics`` of both, the last two by class name."""

    accuracy: PairedFigure
    balanced_accuracy: PairedFigure
    macro_auroc: PairedFigure
    ece: PairedFigure
    recall: Mapping[str, PairedFigure]
    auroc: Mapping[str, PairedFigure]
    mcnemar: McNemar


def mcnemar(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> McNemar:
    """Test whether two classifiers are right on different numbers of photos: McNemar, exact.

    Only photos on which one is right and the other wrong count; without a difference each of the
    two cases is as likely. The test takes photos for independent, and both eyes of a patient
    aren't: its p-value is a little too small.

    Args:
        first: (N,), where the original is right.
        second: (N,), where the model is right.

    Source: McNemar, Psychometrika 12, 1947.
    """
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    apart = only_first + only_second
    p_value = float(binomtest(only_first, apart, 0.5).pvalue) if apart else 1.0
    return McNemar(only_first, only_second, p_value)


def paired_figures(
    labels: Labels,
    original: Doubles,
    model: Doubles,
    groups: Labels,
    classes: tuple[str, ...],
    bootstrap: Bootstrap,
) -> Paired:
    """Measure two classifiers on the same photos, and their difference with its interval.

    Every draw of groups serves both, so what makes photos hard for both cancels out. A draw that
    leaves a figure undefined doesn't count for its interval.

    Args:
        labels: (N,), indices into ``classes``; every class must be among them.
        original: (N, C), the original's probabilities.
        model: (N, C), the model's.
        groups: (N,), the group of each photo.
        classes: The C class names.
        bootstrap: Draws of groups.
    """
    parts = [
        tuple(weighted_metrics(answers, labels, weights) for answers in (original, model))
        for weights in (np.ones((1, len(labels))), *resampled_weights(groups, bootstrap))
    ]

    def figures(name: str) -> list[PairedFigure]:
        """Put a metric together, once for all classes or for each one."""
        before, after = (
            np.concatenate([each[name] for each in answers]).reshape(1 + bootstrap.resamples, -1)
            for answers in zip(*parts, strict=True)
        )
        return [
            PairedFigure(
                float(a[0]), float(b[0]), float(b[0] - a[0]), percentile_interval(b[1:] - a[1:])
            )
            for a, b in zip(before.T, after.T, strict=True)
        ]

    return Paired(
        accuracy=figures("accuracy")[0],
        balanced_accuracy=figures("balanced_accuracy")[0],
        macro_auroc=figures("macro_auroc")[0],
        ece=figures("ece")[0],
        recall=dict(zip(classes, figures("recall"), strict=True)),
        auroc=dict(zip(classes, figures("auroc"), strict=True)),
        mcnemar=mcnemar(original.argmax(axis=1) == labels, model.argmax(axis=1) == labels),
    )
