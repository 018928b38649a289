"""Carry maps of a moved photo back to where the untouched one has its eye, and compare them."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import map_coordinates
from scipy.stats import rankdata

from calibration.compare.similarity import MapDistance, compare_maps, pearson
from calibration.explanations.stability.perturbed import Matrix
from edge_runtime.explain.gradcam import heatmap

Floats = npt.NDArray[np.float32]
Valid = npt.NDArray[np.bool_]

_LEAST = 0.05  # of a cell that must show the eye, so that its evidence by area means anything
_KEPT = 0.5  # of what a cell showed of the eye that must still be seen for it to be compared


def carry_back(
    cam: Floats, moved: Matrix | None, *, before: Floats, after: Floats, size: tuple[int, int]
) -> tuple[Floats, Valid]:
    """Bring a map of a perturbed photo into the frame of the untouched one.

    The network pools each cell by the share of it that shows the eye, so evidence is read by area
    of the eye: the cell's new place is interpolated (bilinear) in the map and in the shares, and
    the ratio of both is given to as much of the eye as the cell showed before. Where no cell showed
    less of the eye than before and nothing moved, the map comes back as it is.

    Args:
        cam: float32 (h, w), signed Grad-CAM in logits.
        moved: float64 (2, 3), where a point (x, y, 1) of the untouched image went, in pixels; None
            where nothing moved.
        before: float32 (h, w), 0..1, how much of each cell showed the eye in the untouched photo.
        after: The same of the perturbed one.
        size: (height, width) of the model's input in pixels, which the maps cover.

    Returns:
        The map, float32 (h, w), and bool (h, w), false where more than half of what a cell showed
        of the eye was moved or cut out of the field: there it isn't to be compared.
    """
    if moved is None and np.array_equal(before, after):
        return cam, np.ones(cam.shape, np.bool_)
    evidence, shares = cam, after
    if moved is not None:
        places = _places(moved, (cam.shape[0], cam.shape[1]), size)
        evidence, shares = (
            map_coordinates(values, places, order=1, mode="grid-constant")
            for values in (cam, after)
        )
    seen = shares >= _LEAST
    carried = np.where(seen, before * evidence / np.where(seen, shares, 1), 0)
    return carried.astype(np.float32), np.asarray(shares >= _KEPT * before)


def move(
    cam: Floats, moved: Matrix, *, before: Floats, after: Floats, size: tuple[int, int]
) -> Floats:
    """Bring a map of the untouched photo to where a model that follows the eye would show it."""
    back = np.asarray(cv2.invertAffineTransform(moved), np.float64)
    return carry_back(cam, back, before=after, after=before, size=size)[0]


def compare_where(
    first: Floats, second: Floats, valid: Valid, *, size: tuple[float, float]
) -> MapDistance | None:
    """Take all measures of two maps over the cells that are valid.

    They are ``compare_maps``'; correlations leave the other cells out, and to the other measures
    those show nothing.

    Args:
        first: float32 (h, w), signed Grad-CAM in logits.
        second: The same.
        valid: bool (h, w).
        size: (height, width) of the model's input in pixels, which the maps cover.

    Returns:
        None if both heatmaps are blank there.
    """
    if valid.all():
        return compare_maps(first, second, input_size=size)
    shown = first * valid, second * valid
    found = compare_maps(*shown, input_size=size)
    if found is None or not all(heatmap(cam).positive for cam in shown):
        return found
    a, b = first[valid], second[valid]
    return replace(found, pearson=pearson(a, b), spearman=pearson(rankdata(a), rankdata(b)))


def _places(
    moved: Matrix, cells: tuple[int, int], size: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """Find where the cells' centres went, (2, h, w): row and column among the cells."""
    steps = np.divide(size, cells)
    rows, columns = np.indices(cells)
    y, x = (rows + 0.5) * steps[0] - 0.5, (columns + 0.5) * steps[1] - 0.5
    new_x, new_y = np.tensordot(moved, np.stack([x, y, np.ones(cells)]), axes=1)
    return np.stack([(new_y + 0.5) / steps[0] - 0.5, (new_x + 0.5) / steps[1] - 0.5])
