"""Random changes to a prepared photo that leave its class as it is."""

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

Photo = npt.NDArray[np.uint8]

#: Where the round field ends at the largest, in half sides, and how much smaller it is drawn.
RADIUS, RADIUS_SPAN = 0.98, 0.08


def augment(image: Photo, generator: np.random.Generator, *, strength: float = 1.0) -> Photo:
    """Change a prepared photo as another eye, camera, operator or memory card would have.

    Geometry: mirrored, turned by any angle (a fundus has no up or down once the eye's side is
    unknown), scaled, squeezed, shifted. Edge: everything outside of a circle of 0.90 to 0.98 of
    the half side is made black, and a third of the photos are cut by two parallel chords, so that
    neither the edge's place nor a cut tells the camera. Light: brightness, contrast, gamma,
    colour cast, a shadow from one side. Loss: blur, a lower resolution, the sensor's noise, JPEG.
    What is outside of the field stays exactly black, as ``prepare`` makes it.

    Args:
        image: uint8 (height, width, 3), RGB.
        generator: The only source of randomness.
        strength: 0 leaves only mirroring and turning, and the whole circle of 0.98; 1 is the
            default; up to 2.

    Returns:
        uint8 of the same shape.
    """
    image = _move(image, generator, strength)
    kept = _edge((image.shape[0], image.shape[1]), generator, strength)
    image = np.asarray(image * kept[..., None], np.uint8)
    lit = np.asarray(image.any(axis=2), np.uint8)
    image = _light(image, lit, generator, strength)
    if generator.random() < 0.25 * strength:
        image = _shadow(image, generator, strength)
    image = _lose(image, generator, strength)
    # Blur and JPEG bleed over the edge: what no light fell on is black again.
    return np.asarray(image * lit[..., None], np.uint8)


def _move(image: Photo, generator: np.random.Generator, strength: float) -> Photo:
    height, width = image.shape[:2]
    if generator.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    angle = generator.uniform(-math.pi, math.pi)
    scale = math.exp(generator.uniform(math.log(0.9), math.log(1.25)) * strength)
    squeeze = math.exp(generator.uniform(-0.08, 0.08) * strength)
    # In the unit square, so that the field stays an ellipse of the photo's own shape.
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    linear = turn @ np.diag([scale * squeeze, scale / squeeze])
    sides = np.array([width, height])
    linear = np.diag(sides) @ linear @ np.diag(1 / sides)
    centre = (sides - 1) / 2
    shift = generator.uniform(-0.04, 0.04, 2) * sides * strength
    matrix = np.column_stack([linear, centre + shift - linear @ centre])
    return np.asarray(cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR))


def _edge(size: tuple[int, int], generator: np.random.Generator, strength: float) -> Photo:
    """Draw what to keep, uint8 (height, width), 1 or 0: a circle, a third of them cut twice.

    Where the sides differ, the circle is an ellipse and keeps to them.
    """
    rows, columns = _grid(size)
    radius = RADIUS - generator.uniform(0, RADIUS_SPAN) * min(1.0, strength)
    kept = rows**2 + columns**2 <= np.float32(radius**2)
    if generator.random() < min(1.0, strength) / 3:
        angle = generator.uniform(0, math.pi)
        across = rows * np.float32(math.sin(angle)) + columns * np.float32(math.cos(angle))
        low, high = generator.uniform(0.68, 0.95, 2) * radius
        kept &= (across >= np.float32(-low)) & (across <= np.float32(high))
    return kept.view(np.uint8)


@lru_cache(maxsize=8)
def _grid(size: tuple[int, int]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Say how far each row (height, 1) and column (width,) is from the middle, in half sides."""
    height, width = size
    rows = (np.arange(height, dtype=np.float32) - (height - 1) / 2) / (height / 2)
    columns = (np.arange(width, dtype=np.float32) - (width - 1) / 2) / (width / 2)
    return rows[:, None].astype(np.float32), columns.astype(np.float32)


def _light(image: Photo, lit: Photo, generator: np.random.Generator, strength: float) -> Photo:
    contrast = math.exp(generator.uniform(-0.22, 0.22) * strength)
    brightness = math.exp(generator.uniform(-0.25, 0.2) * strength)
    gamma = math.exp(generator.uniform(-0.25, 0.25) * strength)
    cast = np.exp(generator.uniform(-0.1, 0.1, 3) * strength)
    mean = np.array(cv2.mean(image, lit)[:3])  # contrast turns around the lit part's mean
    steps = (np.arange(256, dtype=np.float64)[:, None] / 255) ** gamma * 255
    table = ((steps - mean) * contrast + mean) * cast * brightness
    table[0] = 0  # what is black because no light fell there stays black
    lookup = np.clip(table, 0, 255).astype(np.uint8)[None]
    return np.asarray(cv2.LUT(image, lookup), np.uint8)


def _shadow(image: Photo, generator: np.random.Generator, strength: float) -> Photo:
    """Darken one side softly, as a pupil that isn't centred does."""
    height, width = image.shape[:2]
    angle = generator.uniform(0, 2 * math.pi)
    rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, width, dtype=np.float32)
    ramp = rows * np.float32(math.sin(angle)) + columns * np.float32(math.cos(angle))
    ramp -= np.float32(generator.uniform(-0.2, 0.8))
    depth = generator.uniform(0.2, 0.6) * min(1.0, strength)
    factor = 1 - depth / (1 + np.exp(-6 * ramp))
    return np.asarray(image * factor[..., None], np.uint8)


def _lose(image: Photo, generator: np.random.Generator, strength: float) -> Photo:
    height, width = image.shape[:2]
    if generator.random() < 0.25 * strength:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), generator.uniform(0.5, 1.5)), np.uint8)
    if generator.random() < 0.25 * strength:
        share = generator.uniform(0.45, 0.9)
        small = (max(1, round(width * share)), max(1, round(height * share)))
        reduced = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
        image = np.asarray(cv2.resize(reduced, (width, height)), np.uint8)
    if generator.random() < 0.4 * strength:
        noise = generator.standard_normal(image.shape, np.float32)
        noise *= np.float32(generator.uniform(0.5, 5) * strength)
        image = np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)
    if generator.random() < 0.25 * strength:
        quality = int(generator.integers(35, 95))
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return image
