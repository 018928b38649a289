"""Means over photos with their intervals over people."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.metrics.intervals import Bootstrap, figure_interval, resampled_weights


@dataclass(frozen=True)
class Estimate:
    """A mean over ``photos`` of ``people``, and its 95 % interval.

    ``value`` is None where there is nothing to take it of, and ``interval`` where the photos don't
    give one; ``note`` then says why.
    """

    value: float | None
    interval: tuple[float, float] | None
    photos: int
    people: int
    note: str | None = None


def mean_estimate(
    values: npt.NDArray[np.floating], groups: npt.NDArray[np.integer], bootstrap: Bootstrap
) -> Estimate:
    """Take the mean of some photos' values, with an interval from draws of people.

    Args:
        values: (N,); NaN where a photo has none, which is left out.
        groups: (N,), a number for each person.
        bootstrap: The draws.
    """
    known = ~np.isnan(values)
    kept, people = values[known].astype(np.float64), len(np.unique(groups[known]))
    if not people:
        return Estimate(None, None, 0, 0, "there is no photograph to measure it on")
    means = np.concatenate(
        [draw @ kept / draw.sum(axis=1) for draw in resampled_weights(groups[known], bootstrap)]
    )
    interval, note = figure_interval(means, groups=people, trials=None)
    return Estimate(float(kept.mean()), interval, len(kept), people, note)
