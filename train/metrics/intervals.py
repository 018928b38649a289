"""Draw groups with replacement, and turn what each draw gave into an interval."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

CONFIDENCE = 0.95

_ROUNDING = 1e-9  # float64 sums of some thousand terms of about 1


@dataclass(frozen=True)
class Bootstrap:
    """How many draws there are, and their seed: the same seed gives the same draws."""

    resamples: int = 2000
    seed: int = 0


#: As many draws as an interval to report takes.
BOOTSTRAP = Bootstrap()


def resample_groups(
    groups: npt.NDArray[np.integer], bootstrap: Bootstrap
) -> Iterator[npt.NDArray[np.intp]]:
    """Draw whole groups with replacement (the cluster bootstrap).

    Copies of one photo and both eyes of a patient aren't independent: drawing photos would make
    intervals too narrow.

    Args:
        groups: (N,), the group of each photo; any integers.
        bootstrap: The draws.

    Yields:
        Indices into the N photos, with repeats: as many groups as there are, each with all its
        photos. So the number of indices differs from draw to draw.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993; Field and Welsh,
    Bootstrapping clustered data, J. R. Stat. Soc. B 69, 2007.
    """
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    members = np.split(order, starts)
    for chosen in _drawn(len(members), bootstrap):
        yield np.concatenate([members[group] for group in chosen])


def percentile_interval(
    values: npt.ArrayLike, *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Take the interval that holds ``confidence`` of the values: (low, high).

    Values that are NaN (a statistic that one draw doesn't define) are left out.
    """
    tail = 50 * (1 - confidence)
    low, high = np.nanpercentile(np.asarray(values, np.float64), [tail, 100 - tail])
    return float(low), float(high)


def resampled_weights(
    groups: npt.NDArray[np.integer], bootstrap: Bootstrap, *, block: int = 250
) -> Iterator[npt.NDArray[np.float64]]:
    """Write the draws of ``resample_groups`` as weights: how often each photo was drawn.

    Yields:
        float64 (at most ``block``, N), so that the draws of a large set don't fill the memory.
    """
    names, number = np.unique(groups, return_inverse=True)
    draws = _drawn(len(names), bootstrap)
    while part := [np.bincount(draw, minlength=len(names)) for draw in islice(draws, block)]:
        yield np.asarray(part, np.float64)[:, number]


def figure_interval(
    values: npt.NDArray[np.float64], *, groups: int, trials: int | None
) -> tuple[tuple[float, float] | None, str | None]:
    """Take the interval of a figure from its draws, if the photos allow one.

    Where every draw gives the same value the bootstrap says nothing: three photos of three right
    would be sure to be right always. For a share of photos that is all or none, the exact binomial
    limit of as many trials as there are groups is taken instead; any other figure has no interval.

    Args:
        values: (R,), NaN where a draw doesn't define the figure.
        groups: How many independent groups it rests on.
        trials: For a share of photos, the groups that those photos are of; None for another figure.

    Returns:
        (low, high), or None; and a sentence where the interval is missing or isn't the bootstrap's.

    Source: Clopper and Pearson, The use of confidence or fiducial limits, Biometrika 26, 1934.
    """
    if groups < 2:
        if not groups:
            return None, "there is no photograph to measure it on"
        return None, "its photographs are of 1 group, and an interval needs at least 2"
    defined = values[~np.isnan(values)]
    if not defined.size:
        return None, "not defined without photographs of every class"
    if np.ptp(defined) > _ROUNDING:
        return percentile_interval(defined), None
    value = round(float(defined[0]), 9)
    if not trials or value not in (0.0, 1.0):
        return None, f"every draw gives {value:g}: the bootstrap can't tell how sure that is"
    limit = ((1 - CONFIDENCE) / 2) ** (1 / trials)
    return (
        (limit, 1.0) if value else (0.0, 1 - limit),
        f"every draw gives {value:g}: the exact binomial interval of {trials} group(s) instead",
    )


def _drawn(count: int, bootstrap: Bootstrap) -> Iterator[npt.NDArray[np.int64]]:
    """Draw as many of ``count`` groups as there are, with replacement."""
    generator = np.random.default_rng(bootstrap.seed)
    for _ in range(bootstrap.resamples):
        yield generator.integers(count, size=count)
