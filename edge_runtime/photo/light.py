"""Measure how light lies on a prepared photo: dark and featureless parts, and reflexes."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.photo.field import circle
from edge_runtime.photo.quantile import quantile

#: The radius, in half sides, up to which the light is measured: the rim of many is dim.
FIELD = 0.93

_CELL = 16  # pixels, at 224
_DARK = 0.2  # of the bright cells' level
_LIT = 28.0  # levels, above which an even cell isn't darkness
_EVEN, _GREY = 0.35, 12.0  # levels: a camera's noise is more, and so is a retina's hue
_WHITE, _BRIGHTER = 200, 1.6  # of every channel, and of the median brightness


@dataclass(frozen=True)
class Light:
    """Shares 0..1 of the field.

    ``missing`` is no lit part of the photo. ``dark`` is far darker than the bright parts. ``even``
    is grey without any grain, as no camera's picture of a retina is. ``white`` is near white, and
    ``reflex`` is so and far brighter than the rest.
    """

    missing: float
    dark: float
    even: float
    white: float
    reflex: float


def measure_light(
    image: npt.NDArray[np.uint8], inside: npt.NDArray[np.uint8], grey: npt.NDArray[np.float32]
) -> Light:
    """Measure how light lies on a prepared photo.

    Args:
        image: uint8 (224, 224, 3), RGB.
        inside: (224, 224), not 0 where it shows lit retina.
        grey: float32 (224, 224), the image's brightness, 0..255.
    """
    size = grey.shape[0], grey.shape[1]
    seen, field, whole_cells = _masks(size)
    levels = _cells(grey).mean(axis=2)[whole_cells]
    grain = _cells(grey - cv2.GaussianBlur(grey, (0, 0), 2)).std(axis=2)[whole_cells]
    red, green, blue = cv2.split(image)  # an extreme along an axis of three takes NumPy 1 ms
    darkest = np.minimum(np.minimum(red, green), blue)
    brightest = np.maximum(np.maximum(red, green), blue)
    hue = _cells(cv2.subtract(brightest, darkest)).mean(axis=2)[whole_cells]
    white = darkest[field] > _WHITE
    values = grey[field]
    return Light(
        missing=1 - float(np.count_nonzero(inside) / np.count_nonzero(seen)),
        dark=float((levels < _DARK * quantile(levels, 0.9)).mean()),
        even=float(((grain < _EVEN) & (hue < _GREY) & (levels > _LIT)).mean()),
        white=float(white.mean()),
        reflex=float((white & (values > _BRIGHTER * quantile(values, 0.5))).mean()),
    )


def _cells(values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Cut a picture into square cells: (rows, columns, pixels)."""
    count = values.shape[0] // _CELL
    cut = values.reshape(count, _CELL, count, _CELL).transpose(0, 2, 1, 3)
    return cut.reshape(count, count, -1)


@lru_cache(maxsize=1)
def _masks(size: tuple[int, int]) -> tuple[npt.NDArray[np.bool_], ...]:
    """Make the masks of what the model sees, of the field, and of the cells within that."""
    field = circle(size, share=FIELD)
    return circle(size), field, np.asarray(_cells(field).mean(axis=2) > 0.9)
