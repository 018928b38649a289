"""Exchange outcomes between whole persons, and correct for how many things are tested."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.intp]
Doubles = npt.NDArray[np.float64]

_BLOCK = 500  # draws at once


def exchangeable(strata: npt.NDArray[np.integer], groups: npt.NDArray[np.integer]) -> list[Numbers]:
    """Gather persons who have as many photos in each stratum, so that they can change places.

    Photos of one person aren't independent, so what came of them is exchanged all together. A
    person who is like no other stays as it is.

    Args:
        strata: (N,), such as the predicted class of each photo.
        groups: (N,), the person of each.

    Returns:
        Indices of photos, (persons, photos of each), a column's photos all of one stratum.
    """
    order = np.lexsort((strata, groups))
    alike: dict[tuple[int, ...], list[Numbers]] = defaultdict(list)
    for members in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1):
        alike[tuple(strata[members].tolist())].append(members)
    return [np.array(persons, np.intp) for persons in alike.values()]


def exchanged(
    outcomes: Bools, alike: Sequence[Numbers], *, permutations: int, seed: int
) -> Iterator[npt.NDArray[np.float32]]:
    """Draw outcomes as they might have come if they had nothing to do with what a photo is like.

    Args:
        outcomes: (N,).
        alike: From ``exchangeable``.
        permutations: How many draws.
        seed: Of the draws.

    Yields:
        float32 (at most 500, N), 1 where the outcome is true.
    """
    generator = np.random.default_rng(seed)
    for start in range(0, permutations, _BLOCK):
        count = min(_BLOCK, permutations - start)
        drawn = np.empty((count, len(outcomes)), np.float32)
        for persons in alike:
            orders = generator.permuted(np.tile(np.arange(len(persons)), (count, 1)), axis=1)
            drawn[:, persons.ravel()] = outcomes[persons][orders].reshape(count, -1)
        yield drawn


def expected(outcomes: Bools, alike: Sequence[Numbers]) -> Doubles:
    """Give the mean outcome of each photo over all exchanges, (N,)."""
    found = outcomes.astype(np.float64)
    for persons in alike:
        found[persons] = outcomes[persons].mean(axis=0)
    return found


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Correct p-values for how many there are; those that are None don't count.

    However the tests hang together, one of them is below 0.05 by chance alone in one of twenty
    tables at most.

    Source: Holm, A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6, 1979.
    """
    known = sorted((p, at) for at, p in enumerate(p_values) if p is not None)
    found: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, (p, at) in enumerate(known):
        found[at] = least = max(least, min(1.0, p * (len(known) - rank)))
    return found
