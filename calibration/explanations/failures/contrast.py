"""Compare what is measured of some photos with others, person by person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata
from threadpoolctl import threadpool_limits

from calibration.explanations.failures.exchange import (
    Bools,
    Doubles,
    exchangeable,
    exchanged,
    expected,
    holm,
)
from train.metrics.intervals import Bootstrap, figure_interval, resampled_weights
from train.metrics.roc import area, weighted_roc

Labels = npt.NDArray[np.integer]

#: Fewer persons than this on either side aren't compared: hardly any exchange would be another one.
FEWEST_A_SIDE = 5

#: What is below it, corrected, is called apart.
LEVEL = 0.05

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Draws:
    """How often persons are drawn for an interval and exchanged for a p-value, and the seed."""

    resamples: int = 2000
    permutations: int = 9999
    seed: int = 0


@dataclass(frozen=True)
class Contrast:
    """One trait of some photos beside that of others of the same stratum, such as a class.

    ``mean`` and ``mean_others`` are those of both, of the others weighted to the strata of the
    first. ``superiority`` is the probability that of two photos of a stratum, one of each side,
    the first has more of it (ties count half): 0.5 is no difference, as an AUROC's is.
    ``interval`` holds 95 % of draws of persons. ``p_value`` is by exchanges of whole persons,
    two-sided, ``p_holm`` the same corrected for all that its table tests, and ``apart`` whether
    that is below 0.05. ``note`` says why something is missing.
    """

    photos: int
    photos_others: int
    persons: int
    persons_others: int
    mean: float | None = None
    mean_others: float | None = None
    superiority: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    p_holm: float | None = None
    apart: bool = False
    note: str | None = None


def contrasts(
    traits: Mapping[str, Doubles], first: Bools, strata: Labels, groups: Labels, *, draws: Draws
) -> dict[str, Contrast]:
    """Compare photos with others of their stratum, trait by trait; p-values aren't corrected.

    Args:
        traits: (N,) by name, NaN where it isn't known.
        first: (N,), the photos that are compared with the others.
        strata: (N,), such as the predicted class: only photos of one stratum are compared.
        groups: (N,), the person of each.
        draws: How many.

    Source: the probability of superiority over strata is van Elteren's (Bull. Int. Stat. Inst. 37,
    1960) with pairs for weights; the bootstrap draws persons (Field and Welsh, J. R. Stat. Soc. B
    69, 2007).
    """
    found: dict[str, Contrast] = {}
    by_known: dict[bytes, list[str]] = {}
    for name, values in traits.items():
        by_known.setdefault(np.isfinite(values).tobytes(), []).append(name)
    for names in by_known.values():  # what is known of the same photos is drawn together
        known = np.isfinite(traits[names[0]])
        met = [set(strata[known & side].tolist()) for side in (first, ~first)]
        kept = known & np.isin(strata, sorted(met[0] & met[1]))
        table = np.column_stack([traits[name][kept] for name in names])
        with threadpool_limits(1):  # small as it is, threads would wait for each other for a minute
            compared = _compare(table, first[kept], strata[kept], groups[kept], draws)
        found |= dict(zip(names, compared, strict=True))
    return {name: found[name] for name in traits}


def corrected(tables: Mapping[str, Mapping[str, Contrast]]) -> dict[str, dict[str, Contrast]]:
    """Correct the p-values of all contrasts of these tables together, by Holm."""
    places = [(table, name) for table, rows in tables.items() for name in rows]
    p_values = holm([tables[table][name].p_value for table, name in places])
    found: dict[str, dict[str, Contrast]] = {table: {} for table in tables}
    for (table, name), p in zip(places, p_values, strict=True):
        apart = p is not None and p < LEVEL
        found[table][name] = replace(tables[table][name], p_holm=p, apart=apart)
    return found


def p_text(value: float | None) -> str:
    """Write a p-value, everywhere with the same digits."""
    if value is None:
        return "-"
    return (
        f"{value:.3f}" if value >= 0.01 else f"{value:.4f}" if value >= 0.0001 else f"{value:.0e}"
    )


def superiority(values: Doubles, first: Bools, strata: Labels, weights: Doubles) -> Doubles:
    """Compute the probability of superiority over strata under each weighting: (N,) and (R, N).

    Returns:
        (R,), NaN where a weighting leaves no pair.
    """
    total, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for stratum in np.unique(strata):
        within = strata == stratum
        drawn, side = weights[:, within], first[within]
        count = drawn[:, side].sum(axis=1) * drawn[:, ~side].sum(axis=1)
        total += np.nan_to_num(area(*weighted_roc(values[within], side, drawn))) * count
        pairs += count
    with np.errstate(invalid="ignore"):
        return np.asarray(total / pairs)


def _compare(
    table: Doubles, first: Bools, strata: Labels, groups: Labels, draws: Draws
) -> list[Contrast]:
    """Compare the columns of a table in which all is known."""
    people = [len(np.unique(groups[side])) for side in (first, ~first)]
    empty = Contrast(int(first.sum()), int((~first).sum()), people[0], people[1])
    if min(people) < FEWEST_A_SIDE:
        few = f"it needs {FEWEST_A_SIDE} persons on either side; here are {people[0]}, {people[1]}"
        return [replace(empty, note=few)] * table.shape[1]
    p_values, stuck = _p_values(table, first, strata, groups, draws)
    bootstrap = Bootstrap(draws.resamples, draws.seed)
    drawn: list[list[Doubles]] = [[] for _ in table.T]
    for weights in resampled_weights(groups, bootstrap):
        for column, values in enumerate(table.T):
            drawn[column].append(superiority(values, first, strata, weights))
    to_first = _weights_of_others(first, strata)
    found = []
    for values, p, parts in zip(table.T, p_values, drawn, strict=True):
        value = float(superiority(values, first, strata, np.ones((1, len(values))))[0])
        interval, note = figure_interval(
            np.concatenate(parts), groups=len(np.unique(groups)), trials=None
        )
        if np.ptp(values) == 0:
            found.append(replace(empty, note="it is the same in all of these photos"))
            continue
        means = float(values[first].mean()), float(np.average(values[~first], weights=to_first))
        found.append(
            replace(
                empty, mean=means[0], mean_others=means[1], superiority=value, interval=interval,
                p_value=p, note="; ".join(filter(None, (stuck, note))) or None,
            )
        )  # fmt: skip
    return found


def _p_values(
    table: Doubles, first: Bools, strata: Labels, groups: Labels, draws: Draws
) -> tuple[list[float | None], str | None]:
    """Count how often exchanged outcomes part the ranks as far; None where none can be exchanged.

    With as many of the first in each stratum as there are, the sum of their ranks tells the
    probability of superiority.
    """
    ranks = np.empty_like(table)
    for stratum in np.unique(strata):
        ranks[strata == stratum] = rankdata(table[strata == stratum], axis=0)
    alike = exchangeable(strata, groups)
    middle = expected(first, alike)
    if np.array_equal(middle, first):
        stuck = "no two persons have as many photos in these classes, so none can be exchanged"
        return [None] * table.shape[1], stuck
    off = np.abs((first - middle) @ ranks)
    beyond = np.zeros(table.shape[1])
    for outcomes in exchanged(first, alike, permutations=draws.permutations, seed=draws.seed):
        beyond += (np.abs((outcomes - middle) @ ranks) >= off - _ROUNDING * len(ranks)).sum(axis=0)
    return ((beyond + 1) / (draws.permutations + 1)).tolist(), None


def _weights_of_others(first: Bools, strata: Labels) -> Doubles:
    """Weigh the others so that each stratum counts as among the first: (others,)."""
    found = np.zeros(len(first))
    for stratum in np.unique(strata):
        within = strata == stratum
        found[within & ~first] = (within & first).sum() / (within & ~first).sum()
    return found[~first]
