"""Find the optic disc, the fovea and the side of the eye in a round field."""

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.explain.landmark_network import (
    CELLS,
    Floats,
    LandmarkNetwork,
    package_network,
)
from edge_runtime.explain.landmarks import Eye, Landmarks, Point

_LEAST = 0.5  # probability from which on a landmark counts as visible
_SMALLEST_DISC = 0.04  # radius, in radii of the field: a cell's width, as in the widest fields
_FOVEA = 0.15  # radius, in radii of the field, within which the fovea's probability is gathered
_CENTRAL = 0.25  # a disc nearer to the vertical midline tells no side without a fovea
_ABOVE = 0.035  # 2 degrees: slope of the line from disc up to fovea from which on it tells no side
_REFLEX = 0.3, 0.15, 0.95  # so near to the middle, less fovea seen, and less confident
_FOVEA_AWAY = 2.5, 8.0  # the fovea's distance from the disc, in the disc's radii; about 5 is usual


def find_landmarks(
    image: npt.NDArray[np.uint8],
    inside: npt.NDArray[np.bool_],
    *,
    network: LandmarkNetwork | None = None,
) -> Landmarks:
    """Find optic disc, fovea and side of the eye; what isn't visible is None.

    The confidence is the probability that the network gives to the disc's own area, so that the
    centre lies within one disc radius of the one given.

    Args:
        image: uint8 (S, S, 3), RGB, the round field of a photo, S from 96 up.
        inside: bool (S, S), where it shows lit retina.
        network: Another than the package's.
    """
    maps = (package_network() if network is None else network).locate(image, inside)
    total = float(maps.disc.sum())
    expected = float((maps.disc * maps.log_radius).sum()) / max(total, 1e-9)
    disc, confidence = _gather(maps.disc, max(_SMALLEST_DISC, float(np.exp(expected))))
    if confidence < _LEAST:
        return Landmarks()
    radius = max(_SMALLEST_DISC, _radius_at(maps.disc, maps.log_radius, disc))
    disc, confidence = _gather(maps.disc, radius)
    place, visible = _gather(maps.fovea, _FOVEA)
    if confidence < _LEAST or _is_reflex(disc, confidence, visible):
        return Landmarks()
    away = float(np.hypot(place[0] - disc[0], place[1] - disc[1])) / radius
    seen = visible >= _LEAST and _FOVEA_AWAY[0] < away < _FOVEA_AWAY[1]
    fovea = place if seen else None
    return Landmarks(disc, 2 * radius, min(confidence, 1.0), fovea, eye_of(disc, fovea))


def eye_of(disc: Point, fovea: Point | None) -> Eye | None:
    """Tell the side of the eye: seen from the fovea the disc lies towards the nose.

    Without a fovea the middle of the field stands for it; a central disc then tells nothing. The
    fovea lies a little below the disc, so one above it shows a photo that is turned upside down,
    as some cameras give, or an unusual eye: this tells nothing either.
    """
    across = disc[0] - (fovea[0] if fovea else 0.0)
    if fovea is None:
        told = abs(across) >= _CENTRAL
    else:
        below = fovea[1] - disc[1]
        told = -_ABOVE * abs(across) <= below <= abs(across)
    if not told:
        return None
    return "right" if across > 0 else "left"


def _is_reflex(disc: Point, confidence: float, fovea_visible: float) -> bool:
    """Tell a reflex of the flash in the middle of a cloudy picture, where no fovea is seen."""
    out, least_visible, sure = _REFLEX
    return float(np.hypot(*disc)) < out and fovea_visible < least_visible and confidence < sure


def _gather(cells: Floats, radius: float) -> tuple[Point, float]:
    """Find the circle that holds most of a map: its centre of mass, and its share of 1."""
    reach = int(np.ceil(radius * CELLS / 2))
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = (np.hypot(rows, columns) <= radius * CELLS / 2).astype(np.float32)
    sums = cv2.filter2D(cells, -1, kernel, borderType=cv2.BORDER_CONSTANT)
    row, column = np.unravel_index(int(np.argmax(sums + 1e-3 * cells)), cells.shape)
    at = _positions()
    near = cells * (np.hypot(at - at[column], (at - at[row])[:, None]) <= radius)
    share = float(near.sum())
    if share <= 0:
        return (0.0, 0.0), 0.0
    x, y = float((near.sum(axis=0) @ at) / share), float((near.sum(axis=1) @ at) / share)
    return (x, y), share


def _radius_at(cells: Floats, log_radius: Floats, place: Point) -> float:
    """Read the disc's radius around a place, weighted by its probability there."""
    at = _positions()
    near = cells * (np.hypot(at - place[0], (at - place[1])[:, None]) <= _FOVEA)
    return float(np.exp((near * log_radius).sum() / max(float(near.sum()), 1e-9)))


def _positions() -> Floats:
    """Give the cells' centres along one side, in radii of the field from its centre."""
    return np.asarray((np.arange(CELLS) - (CELLS - 1) / 2) / (CELLS / 2), np.float32)
