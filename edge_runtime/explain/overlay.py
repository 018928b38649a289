"""Lay a heatmap back over the photo it explains."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.explain.gradcam import Heatmap
from edge_runtime.photo.decode import Photo
from edge_runtime.photo.field import SEEN, Field, circle

#: An overlay's longer side is between these, in pixels: a 7 x 7 map has no detail for more, and
#: the legend needs so much to be read.
LONGEST, SHORTEST = 1600, 640

_BAND = 32  # rows that are blended at once
_SQUARE = 256  # pixels a side of the square that a map is raised to before it is laid down
_STRONGEST = 0.6  # opacity of the heatmap at its maximum
_FAINT = (170, 170, 170)


def overlay_size(photo: Photo) -> tuple[int, int]:
    """Say how large a photo's overlay is, (height, width): its longer side has 640 to 1,600."""
    longer = max(photo.shape[:2])
    scale = min(max(longer, SHORTEST), LONGEST) / longer
    return max(1, round(photo.shape[0] * scale)), max(1, round(photo.shape[1] * scale))


def lay_heatmap(
    photo: Photo,
    heat: Heatmap,
    field: Field,
    *,
    photo_size: tuple[int, int],
    rows_below: int = 0,
) -> npt.NDArray[np.uint8]:
    """Draw a photo with a heatmap over its outlined field of view, without a legend.

    Args:
        photo: uint8 (height, width, 3), RGB, at any scale.
        heat: What to lay over it; nothing is drawn where it isn't positive.
        field: The part of the photo that the model saw.
        photo_size: (height, width) of the photo in whose pixels the field is.
        rows_below: Pixels to leave below for a legend, so that the picture isn't copied for it.

    Returns:
        uint8 (height', width', 3), RGB, of ``overlay_size`` and the rows below.
    """
    height, width = overlay_size(photo)
    whole = np.empty((height + rows_below, width, 3), np.uint8)
    picture = whole[:height]
    interpolation = cv2.INTER_AREA if height < photo.shape[0] else cv2.INTER_CUBIC
    cv2.resize(photo, (width, height), dst=picture, interpolation=interpolation)
    place = field.scaled(photo_size, (height, width))
    if heat.positive:
        blend(picture, _spread(heat.values, place, (width, height)))
        _outline(picture, place)
    return whole


def raise_heat(values: npt.NDArray[np.float32], size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Raise a heatmap to the pixels of the square that it covers, as an overlay shows it.

    Args:
        values: float32 (h, w), 0..1, as ``Heatmap`` has it.
        size: (height, width) of the square.

    Returns:
        float32 of that size, 0..1: what cubic interpolation brings below or above is cut.
    """
    raised = cv2.resize(values, size[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(raised, 0, 1), np.float32)


def colour_heat(heat: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Colour 0..1 from blue over green to yellow: hues that a fundus doesn't have.

    Args:
        heat: (height, width), 0..1.

    Returns:
        uint8 (height, width, 3), RGB.
    """
    steps = np.rint(np.asarray(heat) * 255).astype(np.uint8)
    bgr = np.asarray(cv2.applyColorMap(steps, cv2.COLORMAP_VIRIDIS), np.uint8)
    return bgr[..., ::-1]


def blend(picture: npt.NDArray[np.uint8], raised: npt.NDArray[np.uint8]) -> None:
    """Blend heat into a picture, in place; its opacity grows with its value.

    Args:
        picture: uint8 (height, width, 3), RGB.
        raised: uint8 (height, width), 0..255.
    """
    for top in range(0, picture.shape[0], _BAND):  # a whole photo in floats would be ten times it
        part = picture[top : top + _BAND]
        heat = raised[top : top + _BAND].astype(np.float32) / 255
        opacity = np.asarray(_STRONGEST * np.sqrt(heat), np.float32)[..., None]
        blended: npt.NDArray[np.float32] = part * (1 - opacity) + colour_heat(heat) * opacity
        part[:] = np.clip(blended, 0, 255).astype(np.uint8)


def _spread(
    values: npt.NDArray[np.float32], field: Field, size: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """Bring a heatmap to its place in the photo: uint8 of (width, height) ``size``, 255 is 1."""
    square = _SQUARE, _SQUARE
    seen = np.rint(raise_heat(values, square) * 255 * circle(square)).astype(np.uint8)
    return np.asarray(cv2.warpAffine(seen, field.to_photo(square), size), np.uint8)


def _outline(picture: npt.NDArray[np.uint8], field: Field) -> None:
    """Draw the edge of what the model saw, in place."""
    axes = SEEN * field.major, SEEN * field.minor
    if max(axes) < 4 * max(picture.shape[:2]):  # OpenCV draws no larger ones
        cv2.ellipse(picture, ((field.x, field.y), axes, field.angle), _FAINT, 1, cv2.LINE_AA)
