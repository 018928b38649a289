"""Test many gains over chance together, so that a table of noise seldom holds a finding."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

#: A gain is told from none where its corrected p is no more than this.
MOST_P = 0.05

_DRAWS = 9999
_ROUNDING = 1e-9  # of figures that are equal
_CELLS = 20_000_000  # numbers that a block of draws may take at once


def corrected_p(
    own: npt.ArrayLike,
    others: npt.ArrayLike,
    groups: npt.NDArray[np.integer],
    *,
    seed: int,
) -> Doubles:
    """Test of each of K figures whether it is another than chance gives, and correct for all K.

    If a thing is no more than one of those that it is compared with, any of them might stand in its
    place. So each person's are exchanged, 9,999 times, for all figures and all photos of the person
    at once. Two-sided. Of the mean difference over its own spread, so that figures which merely
    vary otherwise from photo to photo aren't found. The correction is by the least p of each draw:
    it asks in how many of them any figure of the table would seem as sure. So one of K is below
    0.05 by chance alone in one of twenty tables at most, as by Holm's correction; but figures that
    hang together, as all measures of one map do, cost less than by his.

    Args:
        own: (N, K), the figures of N photos, NaN where a photo has none.
        others: (D, N, K), what D others have in their place; a single one may be the mean of some.
            A photo counts for a figure where all of them have it.
        groups: (N,), the person of each photo.
        seed: Of the draws.

    Returns:
        (K,), the corrected p of each; NaN where no photo has the figure.

    Source: Westfall and Young, Resampling-based multiple testing, 1993, step-down by the least p;
    Phipson and Smyth, Permutation p-values should never be zero, Stat. Appl. Genet. Mol. Biol. 9,
    2010; the spread: Janssen, Studentized permutation tests, Stat. Probab. Lett. 36, 1997.
    """
    values = np.concatenate([np.asarray(own, np.float64)[None], np.asarray(others, np.float64)])
    known = np.isfinite(values).all(axis=0)
    values = np.where(known, values, 0.0)
    places = len(values)
    gains = (places * values - values.sum(axis=0)) / (places - 1)  # of each over the mean of others
    gains[np.abs(gains) < _ROUNDING] = 0
    names, numbers = np.unique(groups, return_inverse=True)
    sums = np.zeros((places, len(names), values.shape[2]))
    for of_one, each in zip(sums, gains, strict=True):
        np.add.at(of_one, numbers, each)
    found = np.full(values.shape[2], np.nan)
    if has := list(np.flatnonzero(known.any(axis=0))):
        drawn = np.concatenate([*_exchanged(sums[..., has], seed)])
        found[has] = _step_down(_single_p(drawn))
    return found


def _exchanged(sums: Doubles, seed: int) -> Iterator[Doubles]:
    """Give the size of each figure's gain over its spread, (draws, K): as it is, then exchanged.

    Args:
        sums: (1 + D, P, K), the gain of each thing over the others, summed by person.
        seed: Of the draws.
    """
    places, persons, count = sums.shape
    table = sums.reshape(places * persons, count)
    generator, block = np.random.default_rng(seed), max(1, _CELLS // len(table))
    yield _over_spread(sums[0].sum(axis=0), (sums[0] ** 2).sum(axis=0))[None]
    for start in range(0, _DRAWS, block):
        chosen = generator.integers(places, size=(min(block, _DRAWS - start), persons))
        taken = np.zeros((len(chosen), places * persons), np.float64)
        np.put_along_axis(taken, chosen * persons + np.arange(persons), 1.0, axis=1)
        yield _over_spread(taken @ table, taken @ table**2)


def _over_spread(sums: Doubles, squares: Doubles) -> Doubles:
    """Divide sums by the roots of the sums of squares, and forget which way they go."""
    spread = np.sqrt(squares)
    return np.asarray(np.abs(sums) / np.where(spread > 0, spread, 1.0))


def _single_p(drawn: Doubles) -> Doubles:
    """Give of (B, K) draws how many of their column reach as much: (B, K), shares."""
    found = np.empty_like(drawn)
    for at, column in enumerate(drawn.T):
        reached = np.searchsorted(np.sort(column), column - 1e-9)  # equal but for rounding
        found[:, at] = (len(column) - reached) / len(column)
    return found


def _step_down(p: Doubles) -> Doubles:
    """Correct the first row of (B, K) by the others, the surest figure first: (K,)."""
    order = np.argsort(p[0], kind="stable")
    least = np.minimum.accumulate(p[:, order[::-1]], axis=1)[:, ::-1]
    found = np.empty(len(order))
    found[order] = np.maximum.accumulate((least <= p[0, order]).mean(axis=0))
    return found
