"""Bring maps of many eyes into one frame, disc and fovea in one place, left eyes mirrored."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.explain.landmarks import Landmarks, Point
from edge_runtime.explain.zones import DISC_DEGREES, DISC_TO_FOVEA, fovea_of
from edge_runtime.photo.field import SEEN

Floats = npt.NDArray[np.float32]

_RADIUS = 22.5  # degrees of a field of view of 45

#: Where a right eye's landmarks come to, and how large its disc is there, in radii of a field of
#: view of 45 degrees from the fovea.
FOVEA: Point = (0.0, 0.0)
DISC: Point = (DISC_TO_FOVEA[0] / _RADIUS, -DISC_TO_FOVEA[1] / _RADIUS)
DISC_DIAMETER = DISC_DEGREES / _RADIUS

#: Half the side of the frame in those radii, and its pixels.
REACH, FRAME_SIDE = 1.5, 48

_SCALES = 0.5, 2.0  # beyond these a landmark must be wrong


def to_frame(landmarks: Landmarks) -> npt.NDArray[np.float64] | None:
    """Find the map from a photo's field to the common frame.

    With disc and fovea it turns, scales and shifts (a similarity); the fovea may be the one that
    ``fovea_of`` places, and then the turn is the average eye's.

    Args:
        landmarks: Of the photo.

    Returns:
        float64 (2, 3): a point (x, y, 1) in radii of the field, a left eye's still unmirrored, to
        (x, y) in the frame; None where the disc or the side of the eye isn't known, as of a photo
        that may be upside down.
    """
    disc, fovea = landmarks.disc, fovea_of(landmarks)
    if disc is None or fovea is None or landmarks.eye is None:
        return None
    flip = np.diag([-1.0 if landmarks.eye == "left" else 1.0, 1.0])
    here = complex(*(flip @ np.subtract(disc, fovea)))
    there = complex(*np.subtract(DISC, FOVEA))
    if here == 0 or not _SCALES[0] <= abs(there / here) <= _SCALES[1]:
        return None
    turn = there / here
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]]) @ flip
    return np.column_stack([linear, np.array(FOVEA) - linear @ np.array(fovea)])


def framed(cam: Floats, to: npt.NDArray[np.float64]) -> Floats:
    """Bring a map into the common frame.

    Args:
        cam: float32 (h, w), over the square around the field of view.
        to: From ``to_frame``.

    Returns:
        float32 (FRAME_SIDE, FRAME_SIDE), a right eye's, x to the nose; NaN outside of the field.
    """
    back = cv2.invertAffineTransform(to)
    places = ((np.arange(FRAME_SIDE) + 0.5) / FRAME_SIDE * 2 - 1) * REACH
    x, y = np.meshgrid(places, places)
    field_x = back[0, 0] * x + back[0, 1] * y + back[0, 2]
    field_y = back[1, 0] * x + back[1, 1] * y + back[1, 2]
    return _sampled(cam, field_x, field_y)


def as_seen_by(
    cam: Floats, here: npt.NDArray[np.float64], there: npt.NDArray[np.float64]
) -> Floats:
    """Bring a photo's map to where another photo has the same places of the retina.

    Args:
        cam: float32 (h, w), over the square around the field of view.
        here: From ``to_frame`` of the photo.
        there: Likewise of the other photo.

    Returns:
        float32 (h, w), in the other's field of view; NaN where this photo doesn't reach.
    """
    height, width = cam.shape
    back = cv2.invertAffineTransform(here)
    linear = back[:, :2] @ there[:, :2]
    shift = back[:, :2] @ there[:, 2] + back[:, 2]
    y, x = np.meshgrid(*((np.arange(n) + 0.5) / n * 2 - 1 for n in (height, width)), indexing="ij")
    return _sampled(cam, *(linear[row, 0] * x + linear[row, 1] * y + shift[row] for row in (0, 1)))


def unaligned(cam: Floats) -> Floats:
    """Bring a map into a square of the same pixels without turning it: the field as it is."""
    places = (np.arange(FRAME_SIDE) + 0.5) / FRAME_SIDE * 2 - 1
    x, y = np.meshgrid(places, places)
    return _sampled(cam, x, y)


def brought_to(values: Floats, to: npt.NDArray[np.float64], side: int) -> Floats:
    """Bring a map of the common frame to a photo's field of view, the way back of ``framed``.

    Args:
        values: float32 (S, S), such as a class's average; NaN where it ends.
        to: From ``to_frame``.
        side: Pixels of the square around the field.

    Returns:
        float32 (side, side), NaN outside of the field and where the map ends.
    """
    places = (np.arange(side) + 0.5) / side * 2 - 1
    x, y = np.meshgrid(places, places)
    frame_x, frame_y = (row[0] * x + row[1] * y + row[2] for row in to)
    here = frame_x / REACH, frame_y / REACH
    known = _read(np.where(np.isnan(values), 0, 1), *here)
    found = _read(np.nan_to_num(values), *here) / np.maximum(known, 0.5)
    reached = (known >= 0.5) & (np.hypot(x, y) <= SEEN)
    return np.where(reached, found, np.nan).astype(np.float32)


def _sampled(cam: Floats, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Floats:
    """Read a map at places in radii of the field."""
    return np.where(np.hypot(x, y) <= SEEN, _read(cam, x, y), np.nan).astype(np.float32)


def _read(cam: npt.NDArray[Any], x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Floats:
    """Read a map at places from -1 to 1 in it, linear between the middles of its cells."""
    height, width = cam.shape
    values = cv2.remap(
        np.ascontiguousarray(cam, np.float32),
        ((x + 1) * width / 2 - 0.5).astype(np.float32),
        ((y + 1) * height / 2 - 0.5).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(values, np.float32)
