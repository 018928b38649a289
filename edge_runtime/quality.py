"""Tell whether a prepared photo can be graded at all, by its field, exposure and sharpness."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.quality_limits import QualityLimits

_SIDE = 224  # pixels; every photo is measured at this size, whatever the model's
_INNER, _FIELD, _OUTER = 0.8, 0.93, 1.15  # radii in half sides: field without rim, field, corners
_UNLIT = 25  # brightness below which a corner counts as frame: JPEG noise lifts a black one
_FINE, _COARSE = (1.0, 3.0), (1.5, 6.0)  # sigmas in pixels: vessels' edges, and what blur leaves


@dataclass(frozen=True)
class Quality:
    """What was measured on a prepared photo.

    ``field`` is the shorter side of the field of view in pixels of the file, or None if it isn't
    known. ``brightness`` is the mean of the field, 0..255. ``frame`` is the share 0..1 of the
    square's corners that is dark, as beside a round field, ``gaps`` that of the field which has no
    light. ``colour`` is how much more of the field's light is red than blue, -1..1. ``grain``,
    ``detail`` and ``sharpness`` are contrasts: of single pixels and of structures up to 6 pixels
    relative to the brightness, and of the fine structures relative to the coarse ones.
    """

    field: int | None
    brightness: float
    frame: float
    gaps: float
    colour: float
    grain: float
    detail: float
    sharpness: float


def measure(image: npt.NDArray[np.uint8], *, field: tuple[int, int] | None = None) -> Quality:
    """Measure a prepared photo.

    Args:
        image: uint8 (height, width, 3), RGB, from ``imaging.prepare``.
        field: (height, width) in pixels that the field of view had in the file, if known.
    """
    if image.shape[:2] != (_SIDE, _SIDE):
        image = np.asarray(
            cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8
        )
    inner, whole, corners = _masks()
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32)
    brightness = _mean(grey, inner)
    red, green, blue, _ = cv2.mean(image, inner)
    smooth = {sigma: _smooth(grey, sigma) for sigma in (*_FINE, *_COARSE)}
    fine = _deviation(smooth[_FINE[0]] - smooth[_FINE[1]], inner)
    coarse = _deviation(smooth[_COARSE[0]] - smooth[_COARSE[1]], inner)
    light = brightness + 5.0  # so that a black field has no contrast rather than an endless one
    return Quality(
        field=None if field is None else min(field),
        brightness=brightness,
        frame=_mean((grey < _UNLIT).astype(np.float32), corners),
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
    found = {
        f"the field of view is only {quality.field} pixels wide or high": (
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
            quality.grain > limits.grain_max
        ),
        "the field of view is empty: no vessel or disc stands out": (
            quality.detail < limits.detail_min
        ),
        "the photo is blurred": quality.sharpness < limits.sharpness_min,
    }
    return next((reason for reason, holds in found.items() if holds), None)


@lru_cache(maxsize=1)
def _masks() -> tuple[npt.NDArray[np.uint8], ...]:
    """Make the masks of the inner field, the field and the corners, 255 where they are."""
    rows, columns = np.mgrid[:_SIDE, :_SIDE]
    half = (_SIDE - 1) / 2
    radius = np.hypot(rows - half, columns - half) / (half + 0.5)
    parts = (radius < _INNER, radius < _FIELD, radius > _OUTER)
    return tuple(part.astype(np.uint8) * 255 for part in parts)


def _smooth(grey: npt.NDArray[np.float32], sigma: float) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma), np.float32)


def _mean(values: npt.NDArray[np.float32], mask: npt.NDArray[np.uint8]) -> float:
    return float(cv2.mean(values, mask)[0])


def _deviation(values: npt.NDArray[np.float32], mask: npt.NDArray[np.uint8]) -> float:
    return float(cv2.meanStdDev(values, mask=mask)[1][0, 0])
