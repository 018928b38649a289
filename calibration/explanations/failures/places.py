"""Say where in the photo a map's evidence lies, by direction and ring, whatever eye it is."""

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from calibration.compare.similarity import SHOWN_SCALE, shown
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.zones import SIDE

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]

DIRECTIONS = (
    "right", "lower right", "bottom", "lower left", "left", "upper left", "top", "upper right",
)  # fmt: skip

#: Where the two rings about the middle begin, in radii of the field.
HALFWAY, EDGE = 1 / 3, 2 / 3

#: The middle, then both rings by direction; the edge goes on to the corners of a map's square.
PLACES = (
    "in the middle",
    *(f"halfway out, {direction}" for direction in DIRECTIONS),
    *(f"at the edge, {direction}" for direction in DIRECTIONS),
)

#: A photo without a place: nothing speaks for the class, or all places do alike.
NOWHERE = -1

_AS_HOT = 0.999  # of the hottest
_ONE_PLACE = 0.25  # radii: hottest places that lie farther apart are more than one


def place_of(x: npt.ArrayLike, y: npt.ArrayLike) -> Numbers:
    """Give the index into ``PLACES`` of points in radii of the field, y down."""
    across, down = np.asarray(x, np.float64), np.asarray(y, np.float64)
    radius = np.hypot(across, down)
    turn = np.rint(np.arctan2(down, across) / (np.pi / 4)).astype(np.intp) % len(DIRECTIONS)
    ring = (radius >= HALFWAY).astype(np.intp) + (radius >= EDGE)
    return np.where(ring == 0, 0, 1 + (ring - 1) * len(DIRECTIONS) + turn)


def mirrored_place(places: Numbers) -> Numbers:
    """Mirror places from left to right."""
    count = len(DIRECTIONS)
    turn, ring = (places - 1) % count, (places - 1) // count
    return np.where(places <= 0, places, 1 + ring * count + (count // 2 - turn) % count)


def place_shares(maps: Floats) -> Doubles:
    """Measure which share of each map's positive evidence lies in each place.

    Args:
        maps: float32 (N, h, w), signed Grad-CAM in logits over the square around the field.

    Returns:
        float64 (N, 17), 1 in all; NaN where nothing speaks for the class.
    """
    positive = np.maximum(maps, 0).reshape(len(maps), -1).astype(np.float64)
    positive[[not heatmap(cam).positive for cam in maps]] = np.nan
    sums = positive @ _cell_places((maps.shape[1], maps.shape[2]))
    return np.asarray(sums / sums.sum(axis=1, keepdims=True))


def hottest_points(maps: Floats) -> Doubles:
    """Find the hottest point of each map as it is shown, float64 (N, 2): x, y in radii.

    NaN where nothing speaks for the class or where points far apart are as hot, as in a flat map.
    """
    found = np.full((len(maps), 2), np.nan)
    for row, cam in enumerate(maps):
        heat = heatmap(cam)
        if heat.positive:
            values = shown(heat.values)
            hottest = np.argwhere(values >= _AS_HOT * values.max())[:, ::-1]
            points = (hottest + 0.5) / (SHOWN_SCALE * np.array(cam.shape[::-1])) * 2 - 1
            if np.hypot(*points.std(axis=0)) <= _ONE_PLACE:
                found[row] = points.mean(axis=0)
    return found


def hottest_places(points: Doubles) -> Numbers:
    """Give the place of each of ``hottest_points``, (N,), ``NOWHERE`` for one that is NaN."""
    known = np.isfinite(points).all(axis=1)
    return np.where(known, place_of(*np.nan_to_num(points).T), NOWHERE)


@lru_cache(maxsize=4)
def _cell_places(cells: tuple[int, int]) -> Doubles:
    """Say how much of each cell's evidence, as it is shown, lies in each place: (h w, 17)."""
    steps = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    places = place_of(*np.meshgrid(steps, steps)).ravel()
    found = []
    for cell in np.eye(cells[0] * cells[1], dtype=np.float32).reshape(-1, *cells):
        fine = cv2.resize(cell, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        found.append(np.bincount(places, weights=fine.ravel(), minlength=len(PLACES)))
    return np.array(found)
