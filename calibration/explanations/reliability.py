"""Whether figures by photo say the same of several things from photo to photo."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from calibration.compare.similarity import pearson
from train.metrics.intervals import Bootstrap, figure_interval, resample_groups

Floats = npt.NDArray[np.float64]

_SPLITS = 200


@dataclass(frozen=True)
class Reliability:
    """How far photos agree on the order of K things.

    ``single`` is the intraclass correlation ICC(C,1): how far one photo's figures tell the order,
    with its 95 % interval over persons; ``mean_of_all`` is ICC(C,k), that of the photos' mean.
    ``halves`` is the mean Spearman correlation of the order in
    one half of the persons with that in the other, over seeded splits; ``halves_from`` and
    ``halves_to`` hold 95 % of the splits, which is no interval of confidence. ``why`` says why
    there is none.
    """

    photos: int
    persons: int
    single: float | None
    interval: tuple[float, float] | None
    mean_of_all: float | None
    halves: float | None
    halves_from: float | None
    halves_to: float | None
    why: str | None = None


def reliability(
    values: Floats, groups: npt.NDArray[np.integer], *, bootstrap: Bootstrap
) -> Reliability:
    """Measure how far photos agree.

    Args:
        values: float64 (N, K), a figure of each photo for each of K things; photos with a NaN are
            left out.
        groups: (N,), the person of each photo.
        bootstrap: The draws of persons, and the seed of the halves.

    Source: ICC(C,1) by McGraw and Wong, Psychol. Methods 1, 1996. That such figures may not be
    reliable between photos: Tomsett et al., Sanity checks for saliency metrics, arXiv 1912.01451.
    """
    whole = np.isfinite(values).all(axis=1)
    values, groups = values[whole], groups[whole]
    persons = len(np.unique(groups))
    if persons < 4 or values.shape[1] < 3:
        few = "it needs at least 4 persons and 3 things to put in order"
        return Reliability(len(values), persons, None, None, None, None, None, None, few)
    halves = _split_halves(values, groups, bootstrap.seed)
    draws = np.array([single_icc(values[draw]) for draw in resample_groups(groups, bootstrap)])
    interval, why = figure_interval(draws, groups=persons, trials=None)
    shown = (halves.mean(), *np.percentile(halves, [2.5, 97.5])) if len(halves) else ()
    mean, low, high = map(float, shown) if shown else (None, None, None)
    return Reliability(
        len(values), persons, single_icc(values), interval, mean_icc(values), mean, low, high, why
    )


def single_icc(values: Floats) -> float:
    """Compute ICC(C,1) of (N, K) figures: K things, each judged by the same N photos.

    (MSR - MSE) / (MSR + (N - 1) MSE), with the mean squares between things and of what is left.
    0 where nothing varies.
    """
    between, error = _mean_squares(values)
    whole = between + (len(values) - 1) * error
    return (between - error) / whole if whole > 0 else 0.0


def mean_icc(values: Floats) -> float | None:
    """Compute ICC(C,k) of the same, (MSR - MSE) / MSR; None where the things are all alike."""
    between, error = _mean_squares(values)
    return (between - error) / between if between > 0 else None


def _mean_squares(values: Floats) -> tuple[float, float]:
    """Give the mean squares between things, MSR, and of what is left, MSE."""
    count, things = values.shape
    of_photos, of_things = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
    rest = values - of_photos - of_things + values.mean()
    between = count * float(((of_things - values.mean()) ** 2).sum()) / (things - 1)
    error = float((rest**2).sum()) / ((count - 1) * (things - 1))
    return between, error


def _split_halves(values: Floats, groups: npt.NDArray[np.integer], seed: int) -> Floats:
    """Correlate the orders of both halves, split by split; empty where there is no order."""
    generator, names = np.random.default_rng(seed), np.unique(groups)
    found = []
    for _ in range(_SPLITS):
        first = np.isin(groups, generator.permutation(names)[: len(names) // 2])
        orders = (rankdata(values[part].mean(axis=0)) for part in (first, ~first))
        found.append(pearson(*orders))
    return np.array([each for each in found if not np.isnan(each)])
