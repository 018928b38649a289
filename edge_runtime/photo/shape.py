"""Measure the shape of a photo's lit areas: how many fields there are, and whether one is cut."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.photo.find_field import FoundField

_LEVELS = 0.2, 0.4, 0.6  # of the deepest point's depth, at which areas are told apart
_DEEP, _DEEPER = 0.25, 1.15  # of that depth, and of the level: what is less deep is no field
_FRAME = 3  # pixels from the photo's edge: what ends there is cut by the photo, as many are
_LEAST_BEND = 1.5  # pixels that an outline leaves a straight line by before it is another line


@dataclass(frozen=True)
class Shape:
    """What was measured of the lit areas.

    ``fields`` is the number of fields of view side by side. ``chord`` is the longest straight part
    of the field's outline away from the photo's edges, as a share of the field's longer diameter:
    1 where half of a field is missing. ``fill`` is the share 0..1 of the smallest circle about the
    lit area that this area fills: 0.5 for half a field.
    """

    fields: int
    chord: float
    fill: float


def measure_shape(found: FoundField, *, scale: float) -> Shape:
    """Measure the shape of the lit areas.

    Args:
        found: From ``find_field``.
        scale: Pixels of its copy of the photo for one of the photo.
    """
    contours, _ = cv2.findContours(found.lit, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = np.asarray(cv2.convexHull(max(contours, key=cv2.contourArea)), np.int32)
    _, radius = cv2.minEnclosingCircle(hull)
    return Shape(
        fields=_cores(found.all_lit),
        chord=_straight(hull, found.lit.shape) / max(1.0, found.field.major * scale),
        fill=float(cv2.contourArea(hull) / max(1.0, np.pi * radius**2)),
    )


def _cores(lit: npt.NDArray[np.uint8]) -> int:
    """Count the areas of their own at some depth: fields that touch part where they are narrow."""
    framed = cv2.copyMakeBorder(lit, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    depth = np.asarray(cv2.distanceTransform(framed, cv2.DIST_L2, 5), np.float32)
    depth /= max(float(depth.max()), 1e-6)
    most = 1
    for level in _LEVELS:
        _, areas = cv2.connectedComponents((depth > level).astype(np.uint8))
        deep = np.asarray(areas)[depth >= max(_DEEP, level * _DEEPER)]
        most = max(most, int(np.count_nonzero(np.bincount(deep)[1:])))
    return most


def _straight(hull: npt.NDArray[np.int32], size: tuple[int, ...]) -> float:
    """Measure the longest straight part of a hull that doesn't run along the photo's edge."""
    corners = cv2.approxPolyDP(hull, _LEAST_BEND, True)[:, 0].astype(np.float64)
    nexts = np.roll(corners, -1, axis=0)
    far = np.array(size[::-1]) - _FRAME
    at_edge = (np.maximum(corners, nexts) < _FRAME) | (np.minimum(corners, nexts) >= far)
    lengths = np.hypot(*(nexts - corners).T)[~at_edge.any(axis=1)]
    return float(lengths.max(initial=0.0))
