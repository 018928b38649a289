"""Means over photos with intervals over persons, and how far photos agree on which map is best."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.metrics.intervals import (
    Bootstrap,
    figure_interval,
    resample_groups,
    resampled_weights,
)

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MeanOverPhotos:
    """A mean over ``photos`` of ``persons``, and its 95 % interval over persons.

    ``value`` is None without a photo, ``interval`` where the photos give none; ``note`` says why,
    or that it is another than the bootstrap's.
    """

    value: float | None
    interval: tuple[float, float] | None
    photos: int
    persons: int
    note: str | None = None


@dataclass(frozen=True)
class Agreement:
    """How far photos agree on which map is best.

    ``one_photo`` is the intraclass correlation for consistency of a single photo, ``mean_of_all``
    that of the mean over the ``photos``: 1 where all photos have the maps in one order with equal
    distances, 0 where each has its own. None where it isn't defined; ``note`` says why.
    """

    one_photo: float | None
    one_photo_interval: tuple[float, float] | None
    mean_of_all: float | None
    photos: int
    note: str | None = None


def mean_over_photos(
    values: npt.ArrayLike,
    groups: npt.NDArray[np.integer],
    *,
    bootstrap: Bootstrap,
    is_share: bool = False,
) -> MeanOverPhotos:
    """Average over photos.

    Args:
        values: (N,), NaN where a photo has none.
        groups: (N,), the same number for photos of one person.
        bootstrap: The draws.
        is_share: Whether each is 0 or 1, so that all or none has an exact interval.
    """
    found = np.asarray(values, np.float64)
    known = ~np.isnan(found)
    found, persons = found[known], len(np.unique(groups[known]))
    if not persons:
        return MeanOverPhotos(None, None, 0, 0, "there is no photo to measure it on")
    drawn = [
        weights @ found / weights.sum(axis=1)
        for weights in resampled_weights(groups[known], bootstrap)
    ]
    interval, note = figure_interval(
        np.concatenate(drawn), groups=persons, trials=persons if is_share else None
    )
    return MeanOverPhotos(float(found.mean()), interval, len(found), persons, note)


def agreement(
    values: Doubles, groups: npt.NDArray[np.integer], *, bootstrap: Bootstrap
) -> Agreement:
    """Measure how far photos agree on which map is best.

    Tomsett et al., Sanity checks for saliency metrics, AAAI 2020, arXiv 1912.01451, found such
    measures to rank the maps of single photos very differently. Here photos are raters and maps are
    what is rated, of the two-way intraclass correlation for consistency, ICC(C,1) and ICC(C,k)
    (McGraw and Wong, Psychological Methods 1, 1996).

    Args:
        values: (N, M), one measure of each photo by map; photos with a NaN are left out.
        groups: (N,), the same number for photos of one person.
        bootstrap: The draws.
    """
    known = ~np.isnan(values).any(axis=1)
    found, of = values[known], groups[known]
    if len(found) < 2 or found.shape[1] < 2:
        return Agreement(None, None, None, len(found), "it takes 2 photos and 2 maps at least")
    one, mean = _consistency(found)
    drawn = np.array([_consistency(found[rows])[0] for rows in resample_groups(of, bootstrap)])
    interval, note = figure_interval(drawn, groups=len(np.unique(of)), trials=None)
    if np.isnan(one):
        return Agreement(None, None, None, len(found), "all maps have the same value on all photos")
    return Agreement(
        float(one), interval, None if np.isnan(mean) else float(mean), len(found), note
    )


def _consistency(values: Doubles) -> tuple[float, float]:
    """Compute ICC(C,1) and ICC(C,k) of (k raters, m rated), NaN where undefined."""
    raters, rated = values.shape
    if raters < 2:
        return np.nan, np.nan
    centred = values - values.mean()
    between = raters * float((centred.mean(axis=0) ** 2).sum()) / (rated - 1)
    rest = values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()
    error = float((rest**2).sum()) / ((rated - 1) * (raters - 1))
    total = between + (raters - 1) * error
    return (
        (between - error) / total if total > 0 else np.nan,
        (between - error) / between if between > 0 else np.nan,
    )
