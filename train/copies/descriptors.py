"""Describe a photo by what stays when it is turned, mirrored, shifted or compressed again."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from train.copies.common_frame import SIDE, NormalisedField

#: Radii and angles of the polar maps.
RADII, ANGLES = 12, 64
#: Maps of each photo: fine and coarse structure, brightness, redness.
MAPS = 4
#: Pixels a side of the patch that a pair is compared on.
PATCH = 128

_MOST_KEYPOINTS = 160
_RADIUS = (np.arange(RADII) + 0.5) / RADII * 0.92 * SIDE / 2
_ANGLE = np.arange(ANGLES) * 2 * np.pi / ANGLES
_X = ((SIDE - 1) / 2 + _RADIUS[:, None] * np.cos(_ANGLE)).astype(np.float32)
_Y = ((SIDE - 1) / 2 + _RADIUS[:, None] * np.sin(_ANGLE)).astype(np.float32)
_WEIGHT = np.sqrt(_RADIUS / _RADIUS.mean())[:, None]
_ROWS, _COLUMNS = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
_NOT_THE_RIM = np.hypot(_ROWS, _COLUMNS) < 0.46 * SIDE

Map = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Descriptor:
    """What is kept of a photo's content.

    ``polar`` float16 (MAPS, RADII, ANGLES): the maps over the circle, each of length 1, so a turn
    is a shift along the last axis. ``patch`` uint8 (PATCH, PATCH): the green channel, 0 where
    there is no field. ``points`` float32 (K, 2): x, y of K keypoints in pixels of the normalised
    field. ``sift`` uint8 (K, 128): their descriptors.
    """

    polar: npt.NDArray[np.float16]
    patch: npt.NDArray[np.uint8]
    points: npt.NDArray[np.float32]
    sift: npt.NDArray[np.uint8]


def describe(field: NormalisedField) -> Descriptor:
    """Describe a normalised field."""
    maps = _maps(field)
    polar = np.stack([_to_polar(each) for each in maps])
    green = np.where(field.inside, np.maximum(field.pixels[..., 1], 1), 0).astype(np.uint8)
    patch = np.asarray(cv2.resize(green, (PATCH, PATCH), interpolation=cv2.INTER_AREA), np.uint8)
    points, sift = _keypoints(field)
    return Descriptor(polar.astype(np.float16), patch, points, sift)


def mirrored(sift: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Give the descriptors that the same keypoints have in the mirrored photo, (K, 128).

    A mirror turns the rows of the 4 x 4 grid round and the sense of its 8 directions.
    """
    grid = sift.reshape(-1, 4, 4, 8)[:, ::-1]
    return np.ascontiguousarray(grid[..., -np.arange(8) % 8]).reshape(-1, 128)


def local_contrast(green: Map, lit: Map, *, inner: float, outer: float, spread: float) -> Map:
    """Keep structure between two sizes, divided by its own strength nearby.

    Args:
        green: float32 (height, width), 0..255.
        lit: float32 (height, width), 1 where there is a field, else 0.
        inner: Standard deviation of the finer blur, pixels.
        outer: Likewise of the coarser one.
        spread: Likewise of the neighbourhood whose strength it is divided by.

    Returns:
        float32 (height, width), -3..3, 0 outside the field.
    """
    light = np.log(green + 8)
    detail = _blur(light, lit, inner) - _blur(light, lit, outer)
    detail = detail / (np.sqrt(_blur(detail * detail, lit, spread)) + 0.01)
    return np.asarray(np.clip(detail, -3, 3) * lit, np.float32)


def distance_inside(inside: npt.NDArray[np.bool_]) -> Map:
    """Measure how far each pixel is from the edge of the field or of the picture, in pixels."""
    padded = cv2.copyMakeBorder(inside.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 3), np.float32)[1:-1, 1:-1]


def _maps(field: NormalisedField) -> list[Map]:
    pixels, inside = field.pixels.astype(np.float32), field.inside.astype(np.float32)
    core = cv2.erode(field.inside.astype(np.uint8), np.ones((9, 9), np.uint8), borderValue=0)
    core = np.asarray(core) * _NOT_THE_RIM
    green, red = pixels[..., 1], pixels[..., 0]
    fine = local_contrast(green, inside, inner=1, outer=4, spread=12) * core
    coarse = local_contrast(green, inside, inner=3, outer=12, spread=20) * core
    light = _blur(np.log(green + 8), inside, 4)
    redness = _blur(np.log(red + 8) - np.log(green + 8), inside, 4)
    total = max(1.0, float(core.sum()))
    centred = [(each - float((each * core).sum()) / total) * core for each in (light, redness)]
    return [_plain_blur(fine, 2), coarse, *centred]


def _to_polar(values: Map) -> Map:
    sampled = np.asarray(cv2.remap(values.astype(np.float32), _X, _Y, cv2.INTER_LINEAR)) * _WEIGHT
    return np.asarray(sampled / (np.linalg.norm(sampled) + 1e-6), np.float32)


def _keypoints(field: NormalisedField) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    """Find keypoints away from the field's edge, whose shape is the camera's and not the eye's."""
    away = distance_inside(field.inside) > 9
    contrast = cv2.createCLAHE(4.0, (6, 6)).apply(field.pixels[..., 1])
    sift = cv2.SIFT.create(nfeatures=_MOST_KEYPOINTS, contrastThreshold=0.02, edgeThreshold=15)
    found, vectors = sift.detectAndCompute(contrast, away.astype(np.uint8))
    if vectors is None:
        return np.empty((0, 2), np.float32), np.empty((0, 128), np.uint8)
    points = np.array([point.pt for point in found], np.float32)[:_MOST_KEYPOINTS]
    return points, vectors[:_MOST_KEYPOINTS].astype(np.uint8)


def _blur(values: Map, weight: Map, sigma: float) -> Map:
    """Blur within the weight; a wide blur is made on a smaller copy, which is much quicker."""
    shrink = 4 if sigma >= 12 else 2 if sigma >= 4 else 1
    if shrink == 1:
        return _plain_blur(values * weight, sigma) / (_plain_blur(weight, sigma) + 1e-3)
    height, width = values.shape
    small = (width // shrink, height // shrink)
    both = cv2.resize(np.dstack([values * weight, weight]), small, interpolation=cv2.INTER_AREA)
    both = cv2.GaussianBlur(both, (0, 0), sigma / shrink)
    both = np.asarray(cv2.resize(both, (width, height), interpolation=cv2.INTER_LINEAR))
    return np.asarray(both[..., 0] / (both[..., 1] + 1e-3), np.float32)


def _plain_blur(values: Map, sigma: float) -> Map:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)
