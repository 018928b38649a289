"""Means over photos with their intervals over persons."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.metrics.intervals import Bootstrap, figure_interval, resampled_weights


@dataclass(frozen=True)
class Mean:
    """A mean over ``photos`` and its 95 % interval over persons.

    ``value`` is None where there is no photo, ``interval`` where they don't give one; ``why`` says
    why, or that it isn't the bootstrap's.
    """

    value: float | None
    photos: int
    interval: tuple[float, float] | None
    why: str | None


def means(
    values: npt.ArrayLike,
    groups: npt.NDArray[np.integer],
    *,
    bootstrap: Bootstrap,
    shares: bool = False,
) -> list[Mean]:
    """Take the mean of each column over the photos that have a value.

    Args:
        values: float (N, K), NaN where a photo has none.
        groups: (N,), the person of each photo.
        bootstrap: The draws of persons.
        shares: Whether the values are 0 and 1.
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
        interval, why = figure_interval(
            draws[:, column], groups=persons, trials=persons if shares else None
        )
        found.append(Mean(value, count, interval, why))
    return found
