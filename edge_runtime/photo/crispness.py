"""Measure how crisp a prepared photo is in its least crisp direction."""

import cv2
import numpy as np
import numpy.typing as npt

_FINE, _COARSE = 1.0, 3.0  # sigmas in pixels, at 224
_SHORE = 19  # pixels, across which a cut or a dark part of the field is kept away
_LEAST = 0.1  # share of the inner field that must be left for that
_STEADY = 0.02  # levels a pixel: below it, all slopes are rounding
_ANGLES = np.arange(8) * (np.pi / 8)


def crispness(
    grey: npt.NDArray[np.float32], inside: npt.NDArray[np.uint8], inner: npt.NDArray[np.uint8]
) -> float:
    """Compare the slopes of fine structures with those of coarse ones, direction by direction.

    A motion blurs one direction alone, which a measure of all directions hardly notices. The
    slopes of all directions come from the structure tensor, the mean products of the gradient
    (Bigun and Granlund 1987, Optimal orientation detection of linear symmetry).

    Args:
        grey: float32 (224, 224), brightness 0..255.
        inside: uint8 (224, 224), 1 where it shows lit retina.
        inner: uint8 (224, 224), 255 in the inner field.

    Returns:
        The least ratio over the directions: 1 where all fine structure is gone, some 1.6 in a sharp
        photo.
    """
    shore = cv2.erode(inside, np.ones((_SHORE, _SHORE), np.uint8)) * 255
    mask = np.asarray(cv2.bitwise_and(inner, shore), np.uint8)
    if np.count_nonzero(mask) < _LEAST * np.count_nonzero(inner):
        mask = inner
    fine, coarse = (_slopes(grey, mask, sigma=sigma) for sigma in (_FINE, _COARSE))
    return float((fine / (coarse + _STEADY)).min())


def _slopes(
    grey: npt.NDArray[np.float32], mask: npt.NDArray[np.uint8], *, sigma: float
) -> npt.NDArray[np.float64]:
    """Measure the root mean square slope in each direction, levels a pixel."""
    smooth = cv2.GaussianBlur(grey, (0, 0), sigma)
    dx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8)
    dy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    xx, yy, xy = (cv2.mean(product, mask)[0] for product in (dx * dx, dy * dy, dx * dy))
    cos, sin = np.cos(_ANGLES), np.sin(_ANGLES)
    energy = cos**2 * xx + sin**2 * yy + 2 * cos * sin * xy
    return np.asarray(np.sqrt(np.maximum(energy, 0)))
