"""Compare a classifier's confidence with how often it is right.

Predictions are put into bins by their confidence, which is the largest probability. With M bins,
bin m holds the confidences above (m - 1) / M and up to m / M, so 1.0 is in the last one. The
expected calibration error is the mean over all predictions of their bin's gap:

    ECE = sum over m of |B_m| / N * |accuracy(B_m) - mean confidence(B_m)|

Source: Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, ICML 2017, arXiv
1706.04599, equation 3, with its 15 bins. The ECE of few predictions is too high on average: chance
alone makes a gap in every bin. ``calibrated_errors`` says how high chance alone would make it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.metrics.intervals import Bootstrap

#: How many bins of equal width there are where nobody says otherwise.
BINS = 15


@dataclass(frozen=True)
class ReliabilityBin:
    """One bin: confidences above ``low`` and up to ``high``.

    ``confidence`` is the mean of those in it, ``accuracy`` the share that is right; both are None
    where the bin is empty.
    """

    low: float
    high: float
    photos: int
    confidence: float | None
    accuracy: float | None


def expected_calibration_error(
    probabilities: npt.NDArray[np.floating], labels: npt.NDArray[np.integer], *, bins: int = BINS
) -> float:
    """Compute the expected calibration error of the predicted class, 0..1.

    Args:
        probabilities: (N, C), rows sum to 1; N at least 1.
        labels: (N,), indices of the true classes.
        bins: How many bins of equal width.

    Source: Guo et al. 2017, see above.
    """
    gaps = calibration_gaps(probabilities, labels, bins=bins)
    return float(np.abs(gaps.sum(axis=0)).sum() / len(labels))


def reliability_bins(
    probabilities: npt.NDArray[np.floating], labels: npt.NDArray[np.integer], *, bins: int = BINS
) -> tuple[ReliabilityBin, ...]:
    """Count, per bin, predictions, their mean confidence and their accuracy.

    Args:
        probabilities: (N, C), rows sum to 1.
        labels: (N,), indices of the true classes.
        bins: How many bins of equal width.

    Returns:
        All bins from the lowest confidence up, empty ones too.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    places = confidence_bins(probabilities, bins=bins)
    found = []
    for place in range(bins):
        inside = places == place
        count = int(inside.sum())
        found.append(
            ReliabilityBin(
                low=place / bins,
                high=(place + 1) / bins,
                photos=count,
                confidence=float(confidence[inside].mean()) if count else None,
                accuracy=float(right[inside].mean()) if count else None,
            )
        )
    return tuple(found)


def confidence_bins(
    probabilities: npt.NDArray[np.floating], *, bins: int = BINS
) -> npt.NDArray[np.intp]:
    """Find each prediction's bin, 0 to ``bins`` - 1, shape (N,).

    A confidence is compared with the edges in its own precision, so a float32 probability of
    exactly m / M is in bin m as a float64 one is. Rounding above 1 counts as 1.
    """
    confidence = probabilities.max(axis=1)
    edges = (np.arange(1, bins) / bins).astype(probabilities.dtype)
    return np.asarray(np.searchsorted(edges, confidence, side="left"), np.intp)


def calibration_gaps(
    probabilities: npt.NDArray[np.floating], labels: npt.NDArray[np.integer], *, bins: int = BINS
) -> npt.NDArray[np.float64]:
    """Write each prediction's right (1 or 0) minus its confidence into its bin's column.

    The ECE is linear in these but for the absolute value, so those of many resamples are one
    matrix product.

    Returns:
        float64 (N, bins), one entry per row other than zero.
    """
    right = probabilities.argmax(axis=1) == labels
    gaps = np.zeros((len(labels), bins))
    places = confidence_bins(probabilities, bins=bins)
    gaps[np.arange(len(labels)), places] = right - probabilities.max(axis=1).astype(np.float64)
    return gaps


def bin_accuracies(
    probabilities: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    weights: npt.NDArray[np.float64],
    *,
    bins: int = BINS,
) -> npt.NDArray[np.float64]:
    """Compute each bin's accuracy under each weighting of the photos.

    Args:
        probabilities: (N, C), rows sum to 1.
        labels: (N,), indices of the true classes.
        weights: (R, N), how often each bootstrap draw has each photo.
        bins: How many bins of equal width.

    Returns:
        float64 (R, bins), NaN where a draw leaves a bin empty.
    """
    inside = np.eye(bins)[confidence_bins(probabilities, bins=bins)]
    right = probabilities.argmax(axis=1) == labels
    with np.errstate(invalid="ignore"):
        return np.asarray((weights * right) @ inside / (weights @ inside), np.float64)


def calibrated_errors(
    probabilities: npt.NDArray[np.floating],
    groups: npt.NDArray[np.integer],
    bootstrap: Bootstrap,
    *,
    bins: int = BINS,
) -> npt.NDArray[np.float64]:
    """Draw the ECE that a perfectly calibrated classifier of these confidences would show.

    Each draw lets every prediction be right with the probability that its confidence states. The
    photos of a group share their fate as far as their confidences allow, which errs on the wide
    side.

    Args:
        probabilities: (N, C), rows sum to 1.
        groups: (N,), the group of each photo, any integers.
        bootstrap: How many draws, and their seed.
        bins: How many bins of equal width.

    Returns:
        float64 (R,).

    Source: consistency resampling, Broecker and Smith, Increasing the reliability of reliability
    diagrams, Weather and Forecasting 22, 2007; Vaicenavicius et al., Evaluating model calibration
    in classification, AISTATS 2019, arXiv 1902.06977.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    inside = np.eye(bins)[confidence_bins(probabilities, bins=bins)]
    names, number = np.unique(groups, return_inverse=True)
    generator = np.random.default_rng((bootstrap.seed, 1))
    errors = np.empty(bootstrap.resamples)
    for draw in range(bootstrap.resamples):
        right = generator.random(len(names))[number] < confidence
        errors[draw] = np.abs((right - confidence) @ inside).sum() / len(confidence)
    return errors


def error_interval(
    error: float, draws: npt.NDArray[np.float64], calibrated: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Take the 95 % interval of an ECE, which the percentiles of its draws are not.

    A draw of a sample adds its own chance to the sample's, so the draws lie too high as the sample
    does, twice over: their percentiles hold the ECE of a well calibrated classifier hardly ever.
    So the interval reaches as far below the figure as the draws reach above it, and down to 0
    where a perfectly calibrated classifier may well show as much.

    Args:
        error: The ECE of the sample.
        draws: (R,), that of bootstrap draws of its groups.
        calibrated: (R,), from ``calibrated_errors``.
    """
    high = max(error, float(np.percentile(draws, 97.5)))
    by_chance = error <= np.percentile(calibrated, 97.5)
    return (0.0 if by_chance else max(0.0, 2 * error - high)), high
