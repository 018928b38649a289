"""Measure what decides whether a prepared photo can be graded at all."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.photo.crispness import crispness
from edge_runtime.photo.decode import Photo
from edge_runtime.photo.field import circle
from edge_runtime.photo.light import FIELD, Light, measure_light
from edge_runtime.photo.outline import outline_width
from edge_runtime.photo.round_field import RoundField
from edge_runtime.photo.shape import Shape, measure_shape

_SIDE = 224  # pixels; every photo is measured at this size, whatever the model's
_INNER = 0.8  # radius in half sides: the field without its rim
_SHORE = 9  # pixels that a cut or a dark part of the field is kept away by: it is sharp itself
_LEAST = 0.1  # share of the inner field that must be left for that
_FINE, _COARSE = (1.0, 3.0), (1.5, 6.0)  # sigmas in pixels: vessels' edges, and what blur leaves


@dataclass(frozen=True)
class Quality:
    """What was measured on a prepared photo.

    ``field`` is the field of view's smaller diameter in pixels of the file, or None if it isn't
    known. ``brightness`` is the mean of the field, 0..255. ``frame`` is the share 0..1 of the
    square's corners that shows no lit part of the photo, as beside a round field, ``gaps`` that of
    the field which has no light. ``colour`` is how much more of the field's light is red than blue,
    -1..1. ``grain``, ``detail`` and ``sharpness`` are contrasts: of single pixels and of structures
    up to 6 pixels relative to the brightness, and of the fine structures relative to the coarse
    ones. ``crispness`` is likewise of their slopes in the least crisp direction, and ``outline``
    the width of the field's outline in percent of its diameter, None where it isn't in the photo.
    """

    field: int | None
    brightness: float
    frame: float
    gaps: float
    colour: float
    grain: float
    detail: float
    sharpness: float
    crispness: float
    outline: float | None
    shape: Shape
    light: Light


def measure(seen: RoundField, photo: Photo, *, field_pixels: int | None = None) -> Quality:
    """Measure a prepared photo.

    Args:
        seen: From ``round_field.round_field``, of any size.
        photo: What it was made of.
        field_pixels: The smaller diameter that the field of view had in the file, if known.
    """
    image, inside = seen.image, seen.inside.astype(np.uint8)
    if image.shape[:2] != (_SIDE, _SIDE):
        image, inside = (
            np.asarray(cv2.resize(each, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)
            for each in (image, inside)
        )
    inside_field, whole, shore = _masks()
    inner = inside_field
    ashore = np.asarray(cv2.bitwise_and(inner, cv2.erode(inside, shore) * 255), np.uint8)
    if np.count_nonzero(ashore) > _LEAST * np.count_nonzero(inner):
        inner = ashore
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32)
    brightness = _mean(grey, inner)
    red, green, blue, _ = cv2.mean(image, inner)
    smooth = {
        sigma: np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma), np.float32)
        for sigma in (*_FINE, *_COARSE)
    }
    fine = _deviation(smooth[_FINE[0]] - smooth[_FINE[1]], inner)
    coarse = _deviation(smooth[_COARSE[0]] - smooth[_COARSE[1]], inner)
    light = brightness + 5.0  # so that a black field has no contrast rather than an endless one
    return Quality(
        field=field_pixels,
        brightness=brightness,
        frame=seen.frame,
        gaps=_mean((grey < 0.1 * brightness).astype(np.float32), whole),
        colour=(red - blue) / (red + green + blue + 1.0),
        grain=_deviation(grey - smooth[_FINE[0]], inner) / light,
        detail=coarse / light,
        sharpness=fine / (coarse + 0.3),  # 0.3 levels: below it, all contrast is rounding
        crispness=crispness(grey, inside, inside_field),
        outline=outline_width(photo, seen.field),
        shape=measure_shape(seen.found, scale=max(seen.found.lit.shape) / max(photo.shape[:2])),
        light=measure_light(image, inside, grey),
    )


@lru_cache(maxsize=1)
def _masks() -> tuple[npt.NDArray[np.uint8], ...]:
    """Make the masks of the inner field and the field, 255 where they are, and the shore's disc."""
    size = _SIDE, _SIDE
    fields = (circle(size, share=share).astype(np.uint8) * 255 for share in (_INNER, FIELD))
    side = 2 * _SHORE + 1
    return (*fields, np.ones((side, side), np.uint8))


def _mean(values: npt.NDArray[np.float32], mask: npt.NDArray[np.uint8]) -> float:
    return float(cv2.mean(values, mask)[0])


def _deviation(values: npt.NDArray[np.float32], mask: npt.NDArray[np.uint8]) -> float:
    return float(cv2.meanStdDev(values, mask=mask)[1][0, 0])
