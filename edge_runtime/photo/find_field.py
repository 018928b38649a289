"""Find the field of view in a fundus photo of any frame, cut or squeeze."""

import cv2
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from edge_runtime.photo.decode import Photo
from edge_runtime.photo.field import Field
from edge_runtime.photo.quantile import quantile

_SCOUT_SIDE = 384  # pixels, the longer one, of the copy that the outline is sought on
_DARK = 12  # below this in every channel a pixel is unlit in every camera seen
_DARK_SHARE = 0.1  # of the photo's brightest part; some cameras' frames are dark grey
_WHITE = 245  # a frame of this brightness in every channel is the paper, not the eye
_SMALLEST_FIELD = 0.05  # share of the photo
_MOST_BEYOND = 0.2  # share of the lit area that may lie beside the ellipse: marks and notches
_LEAST_POINTS = 25  # an ellipse through fewer outline points isn't trusted

Points = npt.NDArray[np.float32]


class FoundField(Struct, frozen=True, eq=False):
    """What was found.

    ``field`` is in the photo's pixels. ``is_round`` is true where the outline of a round field was
    found; otherwise ``field`` fills the box of the lit area. ``lit`` is uint8 (height, width), 1
    where a small copy of the whole photo belongs to the lit area and 0 elsewhere; ``all_lit``
    likewise, with every other lit area too.
    """

    field: Field
    is_round: bool
    lit: npt.NDArray[np.uint8]
    all_lit: npt.NDArray[np.uint8]


def find_field(photo: Photo) -> FoundField:
    """Find the ellipse of a photo's field of view.

    The box of the lit area moves when a photo is shifted or turned and a part of the field falls
    off the edge. The outline that is left doesn't: an ellipse is fitted to it. A photo without an
    outline, such as a crop from inside of the field, has the ellipse in its lit area's box.

    Args:
        photo: uint8 (height, width, 3), RGB.
    """
    height, width = photo.shape[:2]
    scale = min(1.0, _SCOUT_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    scout = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    lit, all_lit = _lit_areas(scout)
    field = _fit_ellipse(_outline(lit), size)
    is_round = field is not None and _beyond(lit, field) <= _MOST_BEYOND
    if field is None or not is_round:
        left, top, box_width, box_height = cv2.boundingRect(lit)
        field = Field.of_box(left, top, box_width, box_height)
    return FoundField(field.scaled(size[::-1], (height, width)), is_round, lit, all_lit)


def _lit_areas(scout: Photo) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Fill the outline of the largest lit area with 1, and of all; all is 1 if nothing is lit."""
    red, green, blue = cv2.split(cv2.medianBlur(scout, 3))
    brightest = np.maximum(np.maximum(red, green), blue)
    brightest[_white_frame(scout)] = 0
    least = max(_DARK, _DARK_SHARE * float(quantile(brightest.ravel(), 0.95)))
    lit = cv2.morphologyEx(
        (brightest >= least).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)
    )
    contours, _ = cv2.findContours(lit, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(contours, key=cv2.contourArea, default=None)
    if largest is None or cv2.contourArea(largest) < _SMALLEST_FIELD * lit.size:
        return np.ones(lit.shape, np.uint8), np.ones(lit.shape, np.uint8)
    filled = cv2.drawContours(np.zeros_like(lit), [largest], 0, 1, cv2.FILLED)
    every = cv2.drawContours(np.zeros_like(lit), contours, -1, 1, cv2.FILLED)
    return np.asarray(filled, np.uint8), np.asarray(every, np.uint8)


def _white_frame(scout: Photo) -> npt.NDArray[np.bool_]:
    """Find the white areas that hold a corner of the photo."""
    white = cv2.inRange(scout, (_WHITE,) * 3, (255,) * 3)
    _, areas = cv2.connectedComponents(white)
    corners = {int(areas[row, column]) for row in (0, -1) for column in (0, -1)} - {0}
    return np.isin(areas, list(corners))


def _outline(lit: npt.NDArray[np.uint8]) -> Points:
    """Sample the convex hull of the lit area, float32 (N, 2) as x, y.

    Long straight parts are cuts or bridged notches, and points on the photo's edge are no
    outline: both are left out.
    """
    contours, _ = cv2.findContours(lit, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(max(contours, key=cv2.contourArea))[:, 0].astype(np.float32)
    longest = 0.12 * float(np.ptp(hull, axis=0).max())
    points = [np.empty((0, 2), np.float32)]
    for start, end in zip(hull, np.roll(hull, -1, axis=0), strict=True):
        length = float(np.hypot(*(end - start)))
        if length < longest:
            steps = np.arange(max(1, int(length / 2)), dtype=np.float32)[:, None]
            points.append(start + (end - start) * steps / max(1, len(steps)))
    outline = np.concatenate(points)
    limit = np.array(lit.shape[::-1]) - 4
    return np.asarray(outline[((outline > 3) & (outline < limit)).all(axis=1)], np.float32)


def _beyond(lit: npt.NDArray[np.uint8], field: Field) -> float:
    """Measure the share 0..1 of the lit area that lies outside of an ellipse."""
    axes = field.major, field.minor
    shape = cv2.ellipse(lit.copy(), ((field.x, field.y), axes, field.angle), 0, cv2.FILLED)
    return float(np.count_nonzero(shape) / np.count_nonzero(lit))


def _fit_ellipse(points: Points, size: tuple[int, int]) -> Field | None:
    """Fit an ellipse, leaving out what lies off it; None if it can't be trusted."""
    kept = points
    for _ in range(4):
        if len(kept) < _LEAST_POINTS:
            return None
        (x, y), axes, angle = cv2.fitEllipseDirect(kept)
        if not np.isfinite([x, y, *axes]).all() or min(axes) < 0.5 * max(axes):
            return None
        to_unit = Field(x, y, axes[0], axes[1], angle).to_unit
        on_circle = (points - np.array([x, y])) @ to_unit.T
        off = np.abs(np.hypot(*on_circle.T) - 1)
        near = off < max(0.015, 2.5 * float(quantile(off, 0.5)))
        kept = points[near]
    angles = np.arctan2(on_circle[near, 1], on_circle[near, 0])
    covered = set((np.floor(angles / (2 * np.pi) * 36).astype(int) % 36).tolist())
    four_sided = len({sector // 9 for sector in covered}) == 4
    trusted = (
        near.mean() > 0.6
        and quantile(off[near], 0.5) < 0.012
        and len(covered) >= (7 if four_sided else 18)
        and 0.85 * min(size) < max(axes) * 1.8
        and max(axes) < 1.7 * max(size)
    )
    return Field.of_map(np.array([x, y]), to_unit) if trusted else None
