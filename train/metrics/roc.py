"""Compute receiver operating characteristics under many weightings at once."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def weighted_roc(
    scores: npt.NDArray[np.floating], positive: npt.NDArray[np.bool_], weights: Floats
) -> tuple[Floats, Floats]:
    """Compute the ROC curve of one score under each weighting of the same photos.

    A bootstrap draw is a weighting: how often each photo was drawn. The photos are sorted once for
    all draws; equal scores make one step of the curve.

    Args:
        scores: (N,), higher speaks for positive.
        positive: (N,).
        weights: (R, N), not negative.

    Returns:
        False and true positive rates, both (R, U + 1) for U different scores, from 0 to 1. NaN
        throughout where a weighting leaves no positive, or no negative, photo.

    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.
    """
    order = np.argsort(-scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) != 0])
    sorted_weights, sorted_positive = weights[:, order], positive[order]
    rates = []
    for member in (~sorted_positive, sorted_positive):
        steps = np.add.reduceat(sorted_weights * member, starts, axis=1)
        counts = np.cumsum(steps, axis=1)
        with np.errstate(invalid="ignore"):
            rate = counts / counts[:, -1:]
        rates.append(np.pad(rate, ((0, 0), (1, 0))))
    false_positive, true_positive = rates
    undefined = np.isnan(false_positive[:, -1]) | np.isnan(true_positive[:, -1])
    false_positive[undefined] = true_positive[undefined] = np.nan
    return false_positive, true_positive


def area(false_positive: Floats, true_positive: Floats) -> Floats:
    """Compute the area under each curve (R, points) by trapezoids, (R,)."""
    heights = (true_positive[:, 1:] + true_positive[:, :-1]) / 2
    return np.asarray((np.diff(false_positive, axis=1) * heights).sum(axis=1))


def roc_band(
    scores: npt.NDArray[np.floating],
    positive: npt.NDArray[np.bool_],
    weights: Floats,
    *,
    grid: Floats,
    confidence: float = 0.95,
) -> tuple[Floats, Floats] | None:
    """Compute the pointwise interval of the true positive rate over bootstrap draws.

    Args:
        scores: (N,), higher speaks for positive.
        positive: (N,).
        weights: (R, N), how often each draw has each photo.
        grid: (P,), false positive rates, ascending.
        confidence: The share of draws that lies within, at each point alone.

    Returns:
        The lower and the upper true positive rates, (P,) each; None if no draw defines a curve.
    """
    curves = [
        np.interp(grid, x, y)
        for x, y in zip(*weighted_roc(scores, positive, weights), strict=True)
        if not np.isnan(x[-1])
    ]
    if not curves:
        return None
    tail = 50 * (1 - confidence)
    low, high = np.percentile(curves, [tail, 100 - tail], axis=0)
    return low, high
