"""Draw groups with replacement, and turn what each draw gave into an interval."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt


def resample_groups(
    groups: npt.NDArray[np.integer], *, resamples: int, seed: int
) -> Iterator[npt.NDArray[np.intp]]:
    """Draw whole groups with replacement (the cluster bootstrap).

    Copies of one photo and both eyes of a patient aren't independent: drawing photos would make
    intervals too narrow.

    Args:
        groups: (N,), the group of each photo; any integers.
        resamples: How many draws.
        seed: The same seed gives the same draws.

    Yields:
        Indices into the N photos, with repeats: as many groups as there are, each with all its
        photos. So the number of indices differs from draw to draw.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993; Field and Welsh,
    Bootstrapping clustered data, J. R. Stat. Soc. B 69, 2007.
    """
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    members = np.split(order, starts)
    generator = np.random.default_rng(seed)
    for _ in range(resamples):
        chosen = generator.integers(len(members), size=len(members))
        yield np.concatenate([members[group] for group in chosen])


def percentile_interval(values: npt.ArrayLike, *, confidence: float = 0.95) -> tuple[float, float]:
    """Take the interval that holds ``confidence`` of the values: (low, high).

    Values that are NaN (a statistic that one draw doesn't define) are left out.
    """
    tail = 50 * (1 - confidence)
    low, high = np.nanpercentile(np.asarray(values, np.float64), [tail, 100 - tail])
    return float(low), float(high)
