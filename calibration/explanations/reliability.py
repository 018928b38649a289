"""Whether figures by photo say the same of several things from photo to photo."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata
from scipy.stats import t as student_t

from calibration.compare.similarity import pearson
from train.metrics.intervals import CONFIDENCE, Bootstrap

Floats = npt.NDArray[np.float64]

_SPLITS = 200
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Reliability:
    """How far photos agree on the order of K things.

    ``single`` is the intraclass correlation ICC(C,1): how far one photo's figures tell the order,
    with its 95 % interval over persons, by the jackknife; ``mean_of_all`` is ICC(C,k), that of the
    photos' mean.
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
        bootstrap: Its seed is that of the halves.

    The interval leaves out one person at a time. Drawing persons with replacement would put some in
    twice, and such a person agrees with itself: figures of pure noise would seem to agree.

    Source: ICC(C,1) by McGraw and Wong, Psychol. Methods 1, 1996. That such figures may not be
    reliable between photos: Tomsett et al., Sanity checks for saliency metrics, arXiv 1912.01451.
    """
    whole = np.isfinite(values).all(axis=1)
    values, groups = values[whole], groups[whole]
    persons = len(np.unique(groups))
    if persons < 4 or values.shape[1] < 3:
        few = "it needs at least 4 persons and 3 things to put in order"
        return Reliability(len(values), persons, None, None, None, None, None, None, few)
    if not np.ptp(values, axis=1).any():
        alike = "all things have the same figure on each photo"
        return Reliability(len(values), persons, None, None, None, None, None, None, alike)
    halves = _split_halves(values, groups, bootstrap.seed)
    shown = (halves.mean(), *np.percentile(halves, [2.5, 97.5])) if len(halves) else ()
    mean, low, high = map(float, shown) if shown else (None, None, None)
    single = single_icc(values)
    interval, why = _jackknife(single, values, groups)
    return Reliability(
        len(values), persons, single, interval, mean_icc(values), mean, low, high, why
    )


def _jackknife(
    single: float, values: Floats, groups: npt.NDArray[np.integer]
) -> tuple[tuple[float, float] | None, str | None]:
    """Take the 95 % interval of the intraclass correlation by leaving out each person in turn."""
    names, numbers = np.unique(groups, return_inverse=True)
    centred = values - values.mean(axis=1, keepdims=True)
    sums, squares = np.zeros((len(names), values.shape[1])), np.zeros(len(names))
    np.add.at(sums, numbers, centred)
    np.add.at(squares, numbers, (centred**2).sum(axis=1))
    counts = len(values) - np.bincount(numbers)
    without = _icc(*_mean_squares(sums.sum(axis=0) - sums, squares.sum() - squares, counts), counts)
    count = len(without)
    spread = float(np.sqrt((count - 1) / count * ((without - without.mean()) ** 2).sum()))
    if spread < _ROUNDING:
        return None, f"without any one person it is {single:.3g}: how sure that is can't be told"
    reach = float(student_t.ppf((1 + CONFIDENCE) / 2, count - 1)) * spread
    return (max(-1.0, single - reach), min(1.0, single + reach)), None


def single_icc(values: Floats) -> float:
    """Compute ICC(C,1) of (N, K) figures: K things, each judged by the same N photos.

    (MSR - MSE) / (MSR + (N - 1) MSE), with the mean squares between things and of what is left.
    0 where nothing varies.
    """
    return float(_icc(*_of(values), np.array(len(values))))


def mean_icc(values: Floats) -> float | None:
    """Compute ICC(C,k) of the same, (MSR - MSE) / MSR; None where the things are all alike."""
    between, error = map(float, _of(values))
    return (between - error) / between if between > 0 else None


def _icc(between: Floats, error: Floats, counts: npt.NDArray[np.integer]) -> Floats:
    whole = between + (counts - 1) * error
    return np.asarray(np.where(whole > 0, (between - error) / np.where(whole > 0, whole, 1), 0.0))


def _of(values: Floats) -> tuple[Floats, Floats]:
    """Give the mean squares of (N, K) figures."""
    centred = values - values.mean(axis=1, keepdims=True)
    return _mean_squares(centred.sum(axis=0), (centred**2).sum(), np.array(len(values)))


def _mean_squares(
    sums: Floats, squares: Floats, counts: npt.NDArray[np.integer]
) -> tuple[Floats, Floats]:
    """Give the mean squares between things, MSR, and of what is left, MSE.

    Args:
        sums: (..., K), each thing's sum over photos, of figures less the mean of their photo.
        squares: (...), the sum of all their squares.
        counts: (...), how many photos.
    """
    of_things = (sums**2).sum(axis=-1) / counts
    free = sums.shape[-1] - 1
    return of_things / free, np.maximum(squares - of_things, 0.0) / ((counts - 1) * free)


def _split_halves(values: Floats, groups: npt.NDArray[np.integer], seed: int) -> Floats:
    """Correlate the orders of both halves, split by split; those without an order are left out."""
    generator, names = np.random.default_rng(seed), np.unique(groups)
    found = []
    for _ in range(_SPLITS):
        first = np.isin(groups, generator.permutation(names)[: len(names) // 2])
        orders = [rankdata(values[part].mean(axis=0)) for part in (first, ~first)]
        if all(np.ptp(order) for order in orders):
            found.append(pearson(*orders))
    return np.array(found)
