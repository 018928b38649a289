"""Random changes to a prepared photo that leave its class as it is."""

import cv2
import numpy as np
import numpy.typing as npt


def augment(image: npt.NDArray[np.uint8], generator: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Flip, rotate by any angle, scale, shift, and change light and colour of a prepared photo.

    A fundus has no up or down once the eye's side is unknown, so any rotation is a photo that
    might have been taken. The outside stays black, as it is in the camera.

    Args:
        image: uint8 (height, width, 3), RGB.
        generator: The only source of randomness.

    Returns:
        uint8 of the same shape.
    """
    height, width = image.shape[:2]
    if generator.random() < 0.5:
        image = image[:, ::-1]
    turn = cv2.getRotationMatrix2D(
        ((width - 1) / 2, (height - 1) / 2),
        angle=generator.uniform(-180, 180),
        scale=generator.uniform(0.9, 1.15),
    )
    turn[:, 2] = turn[:, 2] + generator.uniform(-0.04, 0.04, 2) * (width, height)
    image = np.asarray(
        cv2.warpAffine(np.ascontiguousarray(image), turn, (width, height), flags=cv2.INTER_LINEAR)
    )
    contrast = generator.uniform(0.8, 1.25)
    cast = generator.uniform(0.92, 1.08, 3)
    mean = image.mean(axis=(0, 1), dtype=np.float64)
    brightness = generator.uniform(0.85, 1.15)
    steps = np.arange(256, dtype=np.float64)[:, None]
    table = ((steps - mean) * contrast + mean) * cast * brightness
    table[0] = 0  # what is black because no light fell there stays black
    lookup = np.clip(table, 0, 255).astype(np.uint8)[None]
    image = np.asarray(cv2.LUT(image, lookup), np.uint8)
    if generator.random() < 0.2:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), generator.uniform(0.5, 1.5)), np.uint8)
    return image
