"""From a decoded photo to the model's square: the sole definition of the preprocessing.

Training reads its photos through these functions too, so a device can't prepare them differently.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.decode import Photo

_SCOUT_SIDE = 256  # pixels; the box is sought on a copy of this size
_DARK = 12  # a pixel whose brightest channel is below this is unlit in every camera seen
_SMALLEST_FIELD = 0.05  # share of the photo


@dataclass(frozen=True)
class Box:
    """A rectangle in photo pixels, ``bottom`` and ``right`` exclusive."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.bottom - self.top, self.right - self.left

    def scaled(self, size: tuple[int, int], other: tuple[int, int]) -> "Box":
        """Find the same rectangle in the same picture of another (height, width)."""
        if size == other:
            return self
        rows, columns = other[0] / size[0], other[1] / size[1]
        return Box(
            top=int(self.top * rows),
            left=int(self.left * columns),
            bottom=min(other[0], math.ceil(self.bottom * rows)),
            right=min(other[1], math.ceil(self.right * columns)),
        )


def field_of_view(photo: Photo) -> Box:
    """Find the bounding box of the lit field of view.

    The box is that of the largest lit area on a copy of at most 256 pixels, so text and marks
    beside the field don't widen it. A photo without a dark frame, or without any light, is its
    own box.

    Args:
        photo: uint8 (height, width, 3), RGB.

    Returns:
        The box, in pixels of ``photo``.
    """
    height, width = photo.shape[:2]
    scale = min(1.0, _SCOUT_SIDE / max(height, width))
    scout_size = max(1, round(width * scale)), max(1, round(height * scale))
    scout = np.asarray(cv2.resize(photo, scout_size, interpolation=cv2.INTER_AREA), np.uint8)
    red, green, blue = cv2.split(cv2.medianBlur(scout, 3))
    bright = (np.asarray(cv2.max(cv2.max(red, green), blue)) >= _DARK).astype(np.uint8)
    lit = np.asarray(cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))
    _, _, stats, _ = cv2.connectedComponentsWithStats(lit)
    areas = stats[1:, cv2.CC_STAT_AREA]
    if areas.size == 0 or areas.max() < _SMALLEST_FIELD * lit.size:
        return Box(0, 0, height, width)
    left, top, box_width, box_height, _ = (int(v) for v in stats[1 + int(areas.argmax())])
    rows, columns = height / lit.shape[0], width / lit.shape[1]
    return Box(
        top=int(top * rows),
        left=int(left * columns),
        bottom=min(height, int(np.ceil((top + box_height) * rows))),
        right=min(width, int(np.ceil((left + box_width) * columns))),
    )


def resize(photo: Photo, box: Box, *, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Resize a box of the photo to the model's input by area interpolation.

    The proportions are not kept: photos in circulation are squeezed, and the box makes the field
    of view round again.

    Args:
        photo: uint8 (height, width, 3), RGB.
        box: The part to take.
        size: (height, width) of the model's input.

    Returns:
        uint8 (size[0], size[1], 3), RGB, contiguous.
    """
    crop = photo[box.top : box.bottom, box.left : box.right]
    resized = cv2.resize(crop, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(resized, np.uint8)


def prepare(photo: Photo, *, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Crop to the field of view and resize: what the model sees of a photo.

    Args:
        photo: uint8 (height, width, 3), RGB.
        size: (height, width) of the model's input.

    Returns:
        uint8 (size[0], size[1], 3), RGB.
    """
    return resize(photo, field_of_view(photo), size=size)
