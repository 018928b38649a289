"""Measure of a photograph what tells how its camera was, and what tells it from another one."""

import math

import cv2
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from edge_runtime.photo.field import circle
from edge_runtime.photo.prepare import Prepared

_INNER = 0.8  # radius in half sides: the field without its rim
_SIDE, _BANDS = 32, 16  # pixels a print is made of, and frequencies of it in each direction
_ROUND = 4  # digits
_LIT = 4.0  # levels: below it, colours are rounding


class CameraLook(Struct, frozen=True, gc=False):
    """What of a photograph hangs on camera and operator more than on the person.

    Each is a logarithm to the base of two, so that 1 is double. ``sharpness`` is of the fine
    structures' slopes relative to the coarse ones', see ``photo.crispness``; ``brightness`` of the
    field's mean, 0..255; ``red`` of its red light relative to the green, ``blue`` of its blue one
    likewise. ``print`` is the photograph's fingerprint in hexadecimal digits: of a
    copy that was written anew few of its bits are others.
    """

    sharpness: float
    brightness: float
    red: float
    blue: float
    print: str


def camera_look(prepared: Prepared | None) -> CameraLook | None:
    """Measure a prepared photograph.

    Returns:
        None of one whose quality wasn't measured, or that shows no lit field; or that is none.
    """
    if prepared is None or prepared.quality is None:
        return None
    quality, size = prepared.quality, prepared.image.shape[:2]
    inner = np.logical_and(circle((size[0], size[1]), share=_INNER), prepared.inside)
    if not inner.any() or prepared.quality.brightness < _LIT:
        return None
    red, green, blue, _ = (
        math.log2(each + 1) for each in cv2.mean(prepared.image, inner.astype(np.uint8))
    )
    return CameraLook(
        round(math.log2(max(quality.crispness, 1e-3)), _ROUND),
        round(math.log2(quality.brightness + 1), _ROUND),
        round(red - green, _ROUND),
        round(blue - green, _ROUND),
        print_of(prepared.image),
    )


def print_of(image: npt.NDArray[np.uint8]) -> str:
    """Take the fingerprint of a prepared picture: which of its lower frequencies are strong.

    Args:
        image: uint8 (height, width, 3), RGB, as the model sees it.

    Source: Zauner 2010, Implementation and benchmarking of perceptual image hash functions, 3.2.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    waves = cv2.dct(small)[:_BANDS, :_BANDS].ravel()[1:]
    bits = np.append(waves > np.median(waves), False)
    return np.packbits(bits).tobytes().hex()


def bits_apart(one: str, other: str) -> int:
    """Count by how many bits two fingerprints differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
