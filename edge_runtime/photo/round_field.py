"""From a decoded photo to the model's round field: the sole definition of the preprocessing.

Training reads its photos through these functions too, so a device can't prepare them differently.
"""

import cv2
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from edge_runtime.photo.decode import Photo
from edge_runtime.photo.field import Field, circle
from edge_runtime.photo.find_field import FoundField, find_field

_UNLIT = 25  # brightness below which a corner counts as frame: JPEG noise lifts a black one
_OUTER = 1.15  # radius, in half sides, from which on a pixel lies in a corner


class RoundField(Struct, frozen=True, eq=False):
    """A photo as the model sees it.

    ``image`` is uint8 (height, width, 3), RGB: the field of view as the circle that fills it, all
    else exactly 0. ``inside`` is bool (height, width), true where it shows lit retina. ``found`` is
    what was found of the field in the photo. ``frame`` is the share 0..1 of the square's corners
    that is no lit part of the photo.
    """

    image: npt.NDArray[np.uint8]
    inside: npt.NDArray[np.bool_]
    found: FoundField
    frame: float

    @property
    def field(self) -> Field:
        """Its place in the photo's pixels."""
        return self.found.field


def round_field(photo: Photo, *, size: tuple[int, int]) -> RoundField:
    """Bring a photo's field of view to the circle that fills the model's square.

    Nothing outside of the lit field reaches the model, and a field that is squeezed, shifted or cut
    by the photo's edge comes to the same circle, upright as in the photo. The photo is first shrunk
    by area, so that one bilinear warp then neither aliases nor enlarges more than a squeeze needs.

    Args:
        photo: uint8 (height, width, 3), RGB.
        size: (height, width) of the model's input.
    """
    found = find_field(photo)
    whole = photo.shape[0], photo.shape[1]
    shrink = min(1.0, max(size) / found.field.major)
    small = max(1, round(whole[0] * shrink)), max(1, round(whole[1] * shrink))
    picture = photo
    if small != whole:
        picture = np.asarray(cv2.resize(photo, small[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    image = _warp(picture, found.field.scaled(whole, small), size)
    scout = found.lit.shape[0], found.lit.shape[1]
    lit = _warp(found.lit * 255, found.field.scaled(whole, scout), size) > 127
    inside = lit & circle(size)
    dark = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)) < _UNLIT
    corners = ~circle(size, share=_OUTER)
    frame = float((dark | ~lit)[corners].mean()) if corners.any() else 0.0
    image[~inside] = 0
    return RoundField(image, inside, found, frame)


def prepare(photo: Photo, *, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Give what the model sees of a photo: the image of ``round_field``.

    Args:
        photo: uint8 (height, width, 3), RGB.
        size: (height, width) of the model's input.

    Returns:
        uint8 (size[0], size[1], 3), RGB, contiguous.
    """
    return round_field(photo, size=size).image


def _warp(
    picture: npt.NDArray[np.uint8], field: Field, size: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.warpAffine(picture, field.to_square(size), size[::-1]), np.uint8)
