"""Tell whether a prepared photo can be graded at all, by its field, exposure and sharpness."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.photo.field import circle
from edge_runtime.photo.round_field import RoundField

_SIDE = 224  # pixels; every photo is measured at this size, whatever the model's
_INNER, _FIELD = 0.8, 0.93  # radii in half sides: field without rim, field
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
    ones.
    """

    field: int | None
    brightness: float
    frame: float
    gaps: float
    colour: float
    grain: float
    detail: float
    sharpness: float


def measure(seen: RoundField, *, field_pixels: int | None = None) -> Quality:
    """Measure a prepared photo.

    Args:
        seen: From ``round_field.round_field``, of any size.
        field_pixels: The smaller diameter that the field of view had in the file, if known.
    """
    image, inside = seen.image, seen.inside.astype(np.uint8)
    if image.shape[:2] != (_SIDE, _SIDE):
        image, inside = (
            np.asarray(cv2.resize(each, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)
            for each in (image, inside)
        )
    inner, whole, shore = _masks()
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
    )


def fault(quality: Quality, limits: QualityLimits) -> str | None:
    """Say why a photo can't be graded; None if it can.

    Args:
        quality: From ``measure``.
        limits: What is asked of it.

    Returns:
        A clause to stand after "ungradable:", the first of the faults that were found.
    """
    pixels = "pixel" if quality.field == 1 else "pixels"
    found = {
        f"the field of view is only {quality.field} {pixels} wide": (
            quality.field is not None and quality.field < limits.field_min
        ),
        "the photo is too dark": quality.brightness < limits.brightness_min,
        "the photo is too bright": quality.brightness > limits.brightness_max,
        "no round field of view on a dark frame, so it doesn't look like a fundus": (
            quality.frame < limits.frame_min
        ),
        "the lit part isn't round, so it doesn't look like a fundus": (
            quality.gaps > limits.gaps_max
        ),
        "it isn't reddish, as a fundus in white light is": quality.colour < limits.colour_min,
        "it is full of edges or noise, so it doesn't look like a fundus": (
            quality.grain > limits.grain_max or quality.sharpness > limits.sharpness_max
        ),
        "the field of view is empty: no vessel or disc stands out": (
            quality.detail < limits.detail_min
        ),
        "the photo is blurred": quality.sharpness < limits.sharpness_min,
    }
    return next((reason for reason, holds in found.items() if holds), None)


@lru_cache(maxsize=1)
def _masks() -> tuple[npt.NDArray[np.uint8], ...]:
    """Make the masks of the inner field and the field, 255 where they are, and the shore's disc."""
    size = _SIDE, _SIDE
    fields = (circle(size, share=share).astype(np.uint8) * 255 for share in (_INNER, _FIELD))
    side = 2 * _SHORE + 1
    return (*fields, np.ones((side, side), np.uint8))


def _mean(values: npt.NDArray[np.float32], mask: npt.NDArray[np.uint8]) -> float:
    return float(cv2.mean(values, mask)[0])


def _deviation(values: npt.NDArray[np.float32], mask: npt.NDArray[np.uint8]) -> float:
    return float(cv2.meanStdDev(values, mask=mask)[1][0, 0])
