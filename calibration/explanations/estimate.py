"""Means over photos with their intervals over persons."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.metrics.intervals import Bootstrap, figure_interval, resampled_weights

#: Below so many persons a draw's interval is too narrow to judge by: with 8 and no effect at all it
#: leaves out 0 in one of seven cases, with 20 in one of twenty, as it should.
FEWEST_PERSONS = 10


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


def against_chance(gain: Estimate) -> str:
    """Say in words whether a gain over what chance gives is told from none.

    Args:
        gain: Above zero where it is better than chance.
    """
    if gain.interval is None or gain.persons < FEWEST_PERSONS:
        return "not judged"
    low, high = gain.interval
    if low > 0:
        return "better than chance"
    return "worse than chance" if high < 0 else "not told from chance"
