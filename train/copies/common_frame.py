"""Bring the field of view of any fundus photo to one circle, to compare photos by."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.photo.decode import Photo
from edge_runtime.photo.field import Field
from edge_runtime.photo.find_field import find_field

#: Pixels a side of a normalised field.
SIDE = 192

_MARGIN = 2  # pixels between the circle and the edge of the normalised square


@dataclass(frozen=True)
class NormalisedField:
    """A photo's field of view, brought to a circle.

    ``pixels`` is uint8 (SIDE, SIDE, 3), RGB; ``inside`` bool (SIDE, SIDE) tells which of them
    belong to the lit field. ``is_round`` is true where the outline of a round field was found;
    otherwise the box of the lit area was stretched to the square. ``dark_share`` is the share of
    the photo that isn't lit, 0..1.
    """

    pixels: npt.NDArray[np.uint8]
    inside: npt.NDArray[np.bool_]
    is_round: bool
    dark_share: float


def normalise_field(photo: Photo) -> NormalisedField:
    """Bring a photo's field of view to a circle of one size, whatever cuts or squeezes it.

    As ``edge_runtime.photo.round_field.round_field``, but what lies beyond the field is kept.

    Args:
        photo: uint8 (height, width, 3), RGB.
    """
    found = find_field(photo)
    scout = (found.lit.shape[0], found.lit.shape[1])
    shrunk, field = photo, found.field
    reduced = field.scaled((photo.shape[0], photo.shape[1]), scout)
    inside = _warp(found.lit * 255, reduced) > 200
    if reduced.major >= SIDE:  # otherwise it is a small field in a large photo
        shrunk = np.asarray(cv2.resize(photo, scout[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        field = reduced
    dark_share = 1 - float(found.lit.mean())
    return NormalisedField(_warp(shrunk, field), inside, found.is_round, dark_share)


def _warp(picture: npt.NDArray[np.uint8], field: Field) -> npt.NDArray[np.uint8]:
    matrix = field.to_square((SIDE, SIDE), margin=_MARGIN)
    return np.asarray(cv2.warpAffine(picture, matrix, (SIDE, SIDE)), np.uint8)
