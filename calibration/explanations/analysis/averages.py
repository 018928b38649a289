"""Average the maps of many photos, and measure how like its class's average each one is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.explanations.explained import Explained
from edge_runtime.explain.retina_frame import FRAME_SIDE, framed, to_frame, unaligned

Floats = npt.NDArray[np.float32]

_LEAST_SHARE = 0.5  # of the photos that must reach a place of the average


@dataclass(frozen=True, eq=False)
class Density:
    """Where the evidence for each photo's predicted class lies, each photo counting alike.

    ``aligned`` is float32 (N, side, side) in the common retina frame, ``unaligned`` in the field of
    view as it is and ``mirrored`` the same with left eyes mirrored: the positive part of the map
    over its mean within the photo, so that 1 everywhere is evidence without a place. NaN where the
    photo ends; all NaN where nothing speaks for the class and, but for ``unaligned``, where the
    photo can't be brought to the common frame, or its disc tells another side than is known of it.
    """

    aligned: Floats
    mirrored: Floats
    unaligned: Floats


def densities(explained: Explained) -> Density:
    """Bring every photo's map of its predicted class into both frames."""
    shape = len(explained.photos), FRAME_SIDE, FRAME_SIDE
    found = Density(*(np.full(shape, np.nan, np.float32) for _ in range(3)))
    for index, (photo, top) in enumerate(zip(explained.photos, explained.top, strict=True)):
        cam = explained.maps[index, top]
        found.unaligned[index] = plain = _density(unaligned(cam))
        side, to = photo.side, to_frame(photo.landmarks)
        if to is not None and side is not None:
            found.aligned[index] = _density(framed(cam, to))
            found.mirrored[index] = plain[:, ::-1] if side == "left" else plain
    return found


def average(maps: Floats) -> Floats:
    """Average maps at each place over the photos that reach it.

    Args:
        maps: float32 (N, side, side), of ``Density``.

    Returns:
        float32 (side, side), NaN where fewer than half of the photos reach, or none.
    """
    kept = maps[usable(maps)]
    reached = ~np.isnan(kept)
    counts = reached.sum(axis=0)
    means = np.where(reached, kept, 0).sum(axis=0) / np.maximum(counts, 1)
    enough = counts >= max(1, _LEAST_SHARE * len(kept))
    return np.where(enough, means, np.nan).astype(np.float32)


def usable(maps: Floats) -> npt.NDArray[np.bool_]:
    """Say which photos have a map, (N,)."""
    return np.asarray(~np.isnan(maps).all(axis=(1, 2)))


def likeness_to_average(maps: Floats, groups: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
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
    reached = ~np.isnan(maps)
    filled = np.where(reached, maps, 0).astype(np.float64)
    sums, counts = filled[rows].sum(axis=0), reached[rows].sum(axis=0)
    for row in rows:
        persons = rows[groups[rows] == groups[row]]
        others = counts - reached[persons].sum(axis=0)
        shared = reached[row] & (others >= _LEAST_SHARE * (len(rows) - len(persons))) & (others > 0)
        if shared.sum() > 2:
            rest = (sums - filled[persons].sum(axis=0))[shared] / others[shared]
            own = filled[row][shared]
            if np.ptp(own) > 0 and np.ptp(rest) > 0:
                found[row] = np.corrcoef(own, rest)[0, 1]
    return found


def likenesses(
    density: Density, chosen: npt.NDArray[np.bool_], groups: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Measure the likeness to the average aligned, mirrored only, and as the photos are.

    Args:
        density: Of N photos.
        chosen: (N,), the photos of one class.
        groups: (N,), the persons.

    Returns:
        (M,) each, of the M chosen photos; NaN in all three for a photo that can't be aligned, so
        that all are of the same photos.
    """
    both = usable(density.aligned[chosen])[:, None, None]
    aligned, mirrored, plain = (
        likeness_to_average(np.where(both, maps[chosen], np.nan), groups[chosen])
        for maps in (density.aligned, density.mirrored, density.unaligned)
    )
    return aligned, mirrored, plain


def _density(values: Floats) -> Floats:
    positive = np.maximum(values, 0)
    mean = np.nanmean(positive)
    return positive / mean if mean > 0 else np.full_like(positive, np.nan)
