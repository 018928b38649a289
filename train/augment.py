"""Random changes to a prepared photo that leave its class as it is."""

import math

import cv2
import numpy as np
import numpy.typing as npt

Photo = npt.NDArray[np.uint8]


def augment(image: Photo, generator: np.random.Generator, *, strength: float = 1.0) -> Photo:
    """Change a prepared photo as another eye, camera, operator or memory card would have.

    Geometry: mirrored, turned by any angle (a fundus has no up or down once the eye's side is
    unknown), scaled, squeezed, shifted. Frame: the field of view is often cut to a smaller
    ellipse, so that the shape of its edge and its corners, which belong to the camera, tell
    less. Light: brightness, contrast, gamma, colour cast, a shadow from one side. Loss: blur, a
    lower resolution, the sensor's noise, JPEG. What is outside of the field stays black, as it is
    in the camera.

    Args:
        image: uint8 (height, width, 3), RGB.
        generator: The only source of randomness.
        strength: 0 leaves only mirroring and turning; 1 is the default; up to 2.

    Returns:
        uint8 of the same shape.
    """
    image = _move(image, generator, strength)
    frame = _frame(image.shape[:2], generator, strength)
    if frame is not None:
        image = image * frame[..., None]
    lit = image.any(axis=2, keepdims=True)
    image = _light(image, generator, strength)
    if generator.random() < 0.25 * strength:
        image = _shadow(image, generator, strength)
    image = _lose(image, generator, strength)
    # Blur and JPEG bleed over the edge: what no light fell on is black again.
    return np.asarray(image * lit, np.uint8)


def _move(image: Photo, generator: np.random.Generator, strength: float) -> Photo:
    height, width = image.shape[:2]
    if generator.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    angle = generator.uniform(-math.pi, math.pi)
    scale = math.exp(generator.uniform(-0.12, 0.16) * strength)
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


def _frame(
    size: tuple[int, int], generator: np.random.Generator, strength: float
) -> npt.NDArray[np.uint8] | None:
    """Draw an ellipse to keep, sometimes cut off above and below, or None for the whole."""
    if generator.random() >= 0.5 * min(1.0, strength):
        return None
    height, width = size
    mask = np.zeros(size, np.uint8)
    axes = generator.uniform(0.43, 0.52, 2) * (width, height)
    centre = (width / 2 - 0.5, height / 2 - 0.5)
    cv2.ellipse(mask, (centre, tuple(2 * axes), 0), 1, -1)
    if generator.random() < 0.3:
        cut = int(generator.uniform(0.02, 0.14) * height)
        mask[:cut] = mask[height - cut :] = 0
    return mask


def _light(image: Photo, generator: np.random.Generator, strength: float) -> Photo:
    contrast = math.exp(generator.uniform(-0.22, 0.22) * strength)
    brightness = math.exp(generator.uniform(-0.25, 0.2) * strength)
    gamma = math.exp(generator.uniform(-0.25, 0.25) * strength)
    cast = np.exp(generator.uniform(-0.1, 0.1, 3) * strength)
    mean = image.mean(axis=(0, 1), dtype=np.float64)
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
