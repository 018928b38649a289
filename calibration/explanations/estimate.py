"""Means over photos with their intervals over persons."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.explanations.chance_test import MOST_P
from train.metrics.intervals import Bootstrap, figure_interval, resampled_weights

#: Below so many persons a draw's interval is too narrow to judge by: with 8 and no effect at all it
#: leaves out 0 in one of seven cases, with 20 in one of twenty, as it should.
FEWEST_PERSONS = 10

_NOTHING = 1e-6  # of a mean: less is what rounding leaves


@dataclass(frozen=True)
class Estimate:
    """A mean over ``photos`` of ``persons``, and its 95 % interval over persons.

    ``value`` is None where there is nothing to take it of, and ``interval`` where the photos don't
    give one; ``note`` then says why, or that it is another than the bootstrap's.
    """

    value: float | None
    interval: tuple[float, float] | None
    photos: int
    persons: int
    note: str | None = None


def estimates(
    values: npt.ArrayLike,
    groups: npt.NDArray[np.integer],
    *,
    bootstrap: Bootstrap,
    are_shares: bool = False,
) -> list[Estimate]:
    """Take the mean of each column over the photos that have a value, all from the same draws.

    Args:
        values: (N, K), NaN where a photo has none.
        groups: (N,), a number for each person.
        bootstrap: The draws of persons.
        are_shares: Whether each is 0 or 1, so that all or none has an exact interval.
    """
    table = np.asarray(values, np.float64)
    known = np.isfinite(table)
    filled = np.where(known, table, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        draws = np.concatenate(
            [
                (weights @ filled) / (weights @ known)
                for weights in resampled_weights(groups, bootstrap)
            ]
        )
    found = []
    for column, has in enumerate(known.T):
        count, persons = int(has.sum()), len(np.unique(groups[has]))
        value = float(table[has, column].mean()) if count else None
        interval, note = figure_interval(
            draws[:, column], groups=persons, trials=persons if are_shares else None
        )
        found.append(Estimate(value, interval, count, persons, note))
    return found


def estimate(
    values: npt.ArrayLike,
    groups: npt.NDArray[np.integer],
    *,
    bootstrap: Bootstrap,
    is_share: bool = False,
) -> Estimate:
    """Take the mean of (N,) values likewise."""
    (found,) = estimates(
        np.asarray(values, np.float64)[:, None], groups, bootstrap=bootstrap, are_shares=is_share
    )
    return found


def ratio(
    above: npt.ArrayLike,
    below: npt.ArrayLike,
    groups: npt.NDArray[np.integer],
    *,
    bootstrap: Bootstrap,
) -> Estimate:
    """Divide the mean of (N,) values by that of others, over the photos that have both.

    Single photos whose own part is near 0 don't decide it, as they would a mean of ratios.
    """
    table = np.stack([np.asarray(above, np.float64), np.asarray(below, np.float64)], axis=1)
    known = np.isfinite(table).all(axis=1)
    table, groups = table[known], groups[known]
    count, persons = len(table), len(np.unique(groups))
    if not abs(table[:, 1].sum()) > _NOTHING * count:
        return Estimate(None, None, count, persons, "there is nothing to divide by")
    draws = np.concatenate([weights @ table for weights in resampled_weights(groups, bootstrap)])
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = np.where(np.abs(draws[:, 1]) > 0, draws[:, 0] / draws[:, 1], np.nan)
    interval, note = figure_interval(drawn, groups=persons, trials=None)
    value = float(table[:, 0].sum() / table[:, 1].sum())
    return Estimate(value, interval, count, persons, note)


def against_chance(gain: Estimate, p: float) -> str:
    """Say in words whether a gain over what chance gives is told from none.

    Args:
        gain: Above zero where it is better than chance.
        p: From ``corrected_p``, with all gains of its table.
    """
    if gain.value is None or gain.persons < FEWEST_PERSONS:
        return "not judged"
    if not p <= MOST_P:
        return "not told from chance"
    return "better than chance" if gain.value > 0 else "worse than chance"
