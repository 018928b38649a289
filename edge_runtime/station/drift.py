"""Tell whether a camera's pictures went away from those of the day's first hour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from edge_runtime.station.camp_facts import Told

Measure = Literal["sharpness", "brightness", "red", "blue"]
MEASURES: tuple[Measure, ...] = ("sharpness", "brightness", "red", "blue")

_FEWEST = 8  # people, on each side: of fewer nothing is said
_SURE = 3.3  # standard deviations of the rank sum
_MATTERS = 0.6  # spreads of the first hour, that the median must have moved by

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Drift:
    """A measure that went away: in which direction, and since which of the hours, by its number."""

    measure: Measure
    is_more: bool
    since: int


def values_of(photos: Iterable[Told]) -> Values:
    """Average what was measured of each person's photographs.

    Returns:
        (people, measures), in the order of ``MEASURES``. A person counts once: two eyes of one are
        alike, and would pass for twice as much evidence.
    """
    measured = [(told.person, told.photo.camera) for told in photos if told.photo.camera]
    if not measured:
        return np.zeros((0, len(MEASURES)))
    values = np.array([(each.sharpness, each.brightness, each.red, each.blue)
                       for _, each in measured], np.float64)  # fmt: skip
    _, row, count = np.unique(
        [person for person, _ in measured], return_inverse=True, return_counts=True
    )
    sums = np.zeros((len(count), len(MEASURES)))
    np.add.at(sums, row, values)
    return np.asarray(sums / count[:, None], np.float64)


def first_of(hours: Sequence[Values]) -> tuple[Values, int]:
    """Give what the others are held against, and how many hours it is of.

    It is the first hour, with those after it for as long as these are too few people.
    """
    first, count = hours[0], 1
    while len(first) < _FEWEST and count < len(hours):
        first, count = np.concatenate([first, hours[count]]), count + 1
    return first, count


def spread_of(values: Values) -> Values:
    """Measure how far people differ in each measure: 1.48 median deviations, a sigma of a normal.

    Returns:
        (measures,).
    """
    away = np.abs(values - np.median(values, axis=0))
    return np.asarray(1.4826 * np.median(away, axis=0), np.float64)


def drifts(hours: Sequence[Values]) -> list[Drift] | None:
    """Say which measures are away now from those of the first hour, and since when.

    All hours from one to the last are held against the first by their ranks, which hang on no
    spread and no outlier, for each hour that it may have begun with. The surest one is told. A
    difference must be sure, and must matter. That pictures are sharper is no news.

    Args:
        hours: Of one day, in order, each as ``values_of`` gives it.

    Returns:
        None where there were too few people to tell.

    Source: Mann and Whitney 1947, On a test of whether one of two random variables is
    stochastically larger than the other.
    """
    if not hours:
        return None
    first, begin = first_of(hours)
    if len(first) < _FEWEST or sum(map(len, hours[begin:])) < _FEWEST:
        return None
    found: dict[int, tuple[float, Drift]] = {}
    spread, middle = spread_of(first), np.median(first, axis=0)
    for since in range(begin, len(hours)):
        later = np.concatenate(hours[since:])
        if len(later) < _FEWEST:
            break
        moved = np.median(later, axis=0) - middle
        for each, measure in enumerate(MEASURES):
            sure = _rank_sum(first[:, each], later[:, each])
            is_away = abs(sure) >= _SURE and abs(moved[each]) >= _MATTERS * spread[each]
            is_news = measure != "sharpness" or sure < 0
            if is_away and is_news and abs(sure) > found.get(each, (0.0, None))[0]:
                found[each] = abs(sure), Drift(measure, bool(sure > 0), since)
    return [found[each][1] for each in sorted(found)]


def _rank_sum(first: Values, later: Values) -> float:
    """Say by how many standard deviations the later values are above the first."""
    ordered = np.sort(first)
    above = np.searchsorted(ordered, later, "left").sum()
    above = (above + np.searchsorted(ordered, later, "right").sum()) / 2
    n, m = len(first), len(later)
    return float((above - n * m / 2) / np.sqrt(n * m * (n + m + 1) / 12))
