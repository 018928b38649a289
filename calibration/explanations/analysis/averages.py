"""Average the maps of many photos, and measure how like its class's average each one is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.compare.similarity import pearson
from calibration.explanations.explained import Explained
from edge_runtime.explain.retina_frame import FRAME_SIDE, framed, to_frame, unaligned

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

_LEAST_SHARE = 0.5  # of the photos that must reach a place of the average


@dataclass(frozen=True, eq=False)
class Density:
    """Where the evidence for each photo's predicted class lies, each photo counting alike.

    ``aligned`` is float32 (N, side, side) in the common retina frame and ``unaligned`` in the field
    of view as it is: the positive part of the map over its mean within the photo, so that 1
    everywhere is evidence without a place. NaN where the photo ends; all NaN where nothing speaks
    for the class and, of ``aligned``, where the photo can't be brought to the common frame, or its
    disc tells another side than is known of it. ``left``, (N,), are the left eyes.
    """

    aligned: Floats
    unaligned: Floats
    left: Bools

    def mirrored(self, row: int) -> Floats:
        """Give a photo's map in the field of view, a left eye's mirrored: float32 (side, side)."""
        plain = self.unaligned[row]
        return np.asarray(plain[:, ::-1] if self.left[row] else plain)


def densities(explained: Explained, maps: Floats | None = None) -> Density:
    """Bring every photo's map of its predicted class into both frames.

    Args:
        explained: N photos.
        maps: float32 (N, h, w), maps that take the place of the photos' own.
    """
    shape = len(explained.photos), FRAME_SIDE, FRAME_SIDE
    aligned, plain = (np.full(shape, np.nan, np.float32) for _ in range(2))
    left = np.array([side == "left" for side in explained.sides], bool)
    for index, (photo, top) in enumerate(zip(explained.photos, explained.top, strict=True)):
        cam = explained.maps[index, top] if maps is None else maps[index]
        plain[index] = _density(unaligned(cam))
        to = to_frame(photo.landmarks)
        if to is not None and photo.side is not None:
            aligned[index] = _density(framed(cam, to))
    return Density(aligned, plain, left)


def average(maps: Floats) -> Floats:
    """Average maps at each place over the photos that reach it.

    Args:
        maps: float32 (N, side, side), of ``Density``.

    Returns:
        float32 (side, side), NaN where fewer than half of the photos reach, or none.
    """
    rows = np.flatnonzero(usable(maps))
    sums, counts = _summed(maps.__getitem__, rows)
    enough = counts >= max(1, _LEAST_SHARE * len(rows))
    return np.where(enough, sums / np.maximum(counts, 1), np.nan).astype(np.float32)


def usable(maps: Floats) -> Bools:
    """Say which photos have a map, (N,)."""
    return np.asarray(~np.isnan(maps).all(axis=(1, 2)))


def likeness_to_average(maps: Floats, groups: Numbers) -> Doubles:
    """Correlate each photo's map with the average of other persons' (Pearson, over shared places).

    The person's own photos are in no average that one of them is held against: they are alike.

    Args:
        maps: float32 (N, side, side), of ``Density``, of one class.
        groups: (N,), the persons.

    Returns:
        float64 (N,), -1..1; NaN for a photo without a map, and where there is no other person.
    """
    found = np.full(len(maps), np.nan)
    rows = np.flatnonzero(usable(maps))
    found[rows] = _likeness(maps.__getitem__, rows, rows, groups)
    return found


def likenesses(
    density: Density, chosen: Bools, groups: Numbers, *, of: Bools | None = None
) -> tuple[Doubles, Doubles, Doubles]:
    """Measure the likeness to an average aligned, mirrored only, and as the photos are.

    Args:
        density: Of N photos.
        chosen: (N,), the photos of one class.
        groups: (N,), the persons.
        of: (N,), the photos whose average it is, in the place of the class's own.

    Returns:
        (M,) each, of the M chosen photos; NaN in all three for a photo that can't be aligned, so
        that all are of the same photos.
    """
    known = usable(density.aligned)
    rows, others = (np.flatnonzero(known & each) for each in (chosen, chosen if of is None else of))
    spread = np.full((3, len(known)), np.nan)
    ways: tuple[Callable[[int], Floats], ...] = (
        density.aligned.__getitem__,
        density.mirrored,
        density.unaligned.__getitem__,
    )
    for found, get in zip(spread, ways, strict=True):
        found[rows] = _likeness(get, rows, others, groups)
    aligned, mirrored, plain = spread[:, chosen]
    return aligned, mirrored, plain


def _likeness(
    get: Callable[[int], Floats], rows: Numbers, others: Numbers, groups: Numbers
) -> Doubles:
    """Correlate the maps of ``rows`` with the average of ``others``, the own person's left out.

    Maps are taken one at a time, as a copy of ten thousand takes much memory.
    """
    sums, counts = _summed(get, others)
    found = np.full(len(rows), np.nan)
    for place, row in enumerate(rows):
        persons = others[groups[others] == groups[row]]
        own_sums, own_counts = _summed(get, persons)
        left = counts - own_counts
        cam = get(int(row))
        enough = left >= _LEAST_SHARE * (len(others) - len(persons))
        shared = ~np.isnan(cam) & enough & (left > 0)
        if shared.sum() > 2:
            rest, own = (sums - own_sums)[shared] / left[shared], cam[shared]
            if np.ptp(own) > 0 and np.ptp(rest) > 0:
                found[place] = pearson(own, rest)
    return found


def _summed(get: Callable[[int], Floats], rows: Numbers) -> tuple[Doubles, Numbers]:
    """Add maps up, float64 (side, side), and count at each place those that reach it."""
    sums, counts = np.zeros((FRAME_SIDE, FRAME_SIDE)), np.zeros((FRAME_SIDE, FRAME_SIDE), np.intp)
    for row in rows:
        cam = get(int(row))
        reached = ~np.isnan(cam)
        np.add(sums, cam, out=sums, where=reached)
        counts += reached
    return sums, counts


def _density(values: Floats) -> Floats:
    positive = np.maximum(values, 0)
    mean = np.nanmean(positive)
    return positive / mean if mean > 0 else np.full_like(positive, np.nan)
