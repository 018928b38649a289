"""Change the light of a round field: exposure, contrast, colour, rim, grain, dust and reflexes."""

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from calibration.explanations.stability.perturbed import Image, Inside, Perturbed, legal

_SPECKS = 6
_AREA = 0.01  # of the field, of each kind


def brightness(
    image: Image, inside: Inside, percent: float, draw: np.random.Generator
) -> Perturbed:
    """Give the field more light by a share, or as much less; the draw says which."""
    gain = 1 + _sign(draw) * percent / 100
    return legal(_by_table(image, np.arange(256) * gain), inside)


def gamma(image: Image, inside: Inside, percent: float, draw: np.random.Generator) -> Perturbed:
    """Raise the light to the power 1 + percent / 100, or to its inverse; the draw says which."""
    power = (1 + percent / 100) ** _sign(draw)
    return legal(_by_table(image, 255 * (np.arange(256) / 255) ** power), inside)


def colour_cast(
    image: Image, inside: Inside, percent: float, draw: np.random.Generator
) -> Perturbed:
    """Give more red and as much less blue, or the other way round; the draw says which."""
    change = _sign(draw) * percent / 100
    gains = np.array([1 + change, 1.0, 1 - change])
    return legal(_by_table(image, np.arange(256)[:, None] * gains), inside)


def vignetting(
    image: Image, inside: Inside, percent: float, _draw: np.random.Generator
) -> Perturbed:
    """Darken towards the rim, by the square of the distance from the centre."""
    height, width = image.shape[:2]
    light = 1 - np.float32(percent / 100) * _squared_radii(height, width)[..., None]
    return legal(image * light, inside)


def noise(image: Image, inside: Inside, levels: float, draw: np.random.Generator) -> Perturbed:
    """Add normal noise of this standard deviation to each sample of each pixel."""
    grain = draw.standard_normal(image.shape, np.float32)
    return legal(image + np.float32(levels) * grain, inside)


def artefacts(image: Image, inside: Inside, percent: float, draw: np.random.Generator) -> Perturbed:
    """Lay six specks of dust and one reflex on the field, each kind on one hundredth of its area.

    Specks take this share of the light, the reflex brings it so much nearer to white. The centres
    are drawn, the reflex's in the outer half as a camera's is; edges are soft.
    """
    height, width = image.shape[:2]
    radius = min(height, width) / 2
    angles = draw.uniform(0, 2 * np.pi, _SPECKS + 1)
    ways = np.append(np.sqrt(draw.uniform(0, 0.8, _SPECKS)), draw.uniform(0.5, 0.75))
    xs = (width - 1) / 2 + ways * np.cos(angles) * width / 2
    ys = (height - 1) / 2 + ways * np.sin(angles) * height / 2
    share = np.float32(percent / 100)
    dust = _discs(image, xs[:-1], ys[:-1], radius * np.sqrt(_AREA / _SPECKS))
    reflex = _discs(image, xs[-1:], ys[-1:], radius * np.sqrt(_AREA))
    changed = image * (1 - share * dust)
    return legal(changed + (255 - changed) * (share * reflex), inside)


def _sign(draw: np.random.Generator) -> int:
    return 1 if draw.random() < 0.5 else -1


def _by_table(image: Image, values: npt.NDArray[np.floating]) -> Image:
    """Put another value in the place of each of the 256, (256,) or (256, 3)."""
    table = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table[None] if table.ndim == 2 else table), np.uint8)


@lru_cache(maxsize=4)
def _squared_radii(height: int, width: int) -> npt.NDArray[np.float32]:
    rows = (np.arange(height) - (height - 1) / 2) / (height / 2)
    columns = (np.arange(width) - (width - 1) / 2) / (width / 2)
    return np.asarray(rows[:, None] ** 2 + columns**2, np.float32)


def _discs(
    image: Image, xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64], radius: float
) -> npt.NDArray[np.float32]:
    """Draw soft discs, float32 (height, width, 1), 0..1."""
    mask = np.zeros(image.shape[:2], np.float32)
    for x, y in zip(xs, ys, strict=True):
        cv2.circle(mask, (round(x * 16), round(y * 16)), round(radius * 16), 1.0, -1, cv2.LINE_8, 4)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.5, radius / 3)), np.float32)[..., None]
