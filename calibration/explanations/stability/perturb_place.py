"""Move the eye in its round field, or cut the field: turn, shift, scale and cut.

What a move would bring in from beyond the photo isn't known, so it is black, and the field is
smaller by it, as training has seen fields too.
"""

import cv2
import numpy as np

from calibration.explanations.stability.perturbed import Image, Inside, Matrix, Perturbed, legal
from edge_runtime.photo.field import circle


def turn(image: Image, inside: Inside, degrees: float, draw: np.random.Generator) -> Perturbed:
    """Turn about the field's centre, to the side that the draw says."""
    angle = np.deg2rad(degrees) * (1 if draw.random() < 0.5 else -1)
    cos, sin = np.cos(angle), np.sin(angle)
    return _move(image, inside, np.array([[cos, -sin], [sin, cos]]))


def shift(image: Image, inside: Inside, percent: float, draw: np.random.Generator) -> Perturbed:
    """Shift by this share of the field's diameter, in the direction that the draw says."""
    angle = draw.uniform(0, 2 * np.pi)
    way = 2 * percent / 100 * np.array([np.cos(angle), np.sin(angle)])
    return _move(image, inside, np.eye(2), way)


def scale(image: Image, inside: Inside, percent: float, _draw: np.random.Generator) -> Perturbed:
    """Enlarge about the field's centre by this share; what goes beyond the circle is lost."""
    return _move(image, inside, np.eye(2) * (1 + percent / 100))


def cut_field(
    image: Image, inside: Inside, percent: float, _draw: np.random.Generator
) -> Perturbed:
    """Cut off above and below, as a camera's sensor does: this share of the eye's height in all."""
    rows = np.flatnonzero(inside.any(axis=1))
    lost = round(len(rows) * percent / 200)
    left = np.zeros_like(inside)
    left[rows[lost : len(rows) - lost]] = True
    return legal(image, inside & left)


def _move(image: Image, inside: Inside, linear: Matrix, way: Matrix | None = None) -> Perturbed:
    """Map the field by ``linear`` (2, 2) and then ``way`` (2,), x and y in radii."""
    height, width = image.shape[:2]
    radii = np.array([width, height]) / 2
    middle = np.array([width - 1, height - 1]) / 2
    turned = linear * radii[:, None] / radii
    moved = np.column_stack(
        [turned, middle - turned @ middle + (0 if way is None else way * radii)]
    )
    seen = np.asarray(cv2.warpAffine(inside.astype(np.uint8) * 255, moved, (width, height)))
    warped = np.asarray(cv2.warpAffine(image, moved, (width, height)), np.uint8)
    return legal(warped, (seen == 255) & circle((height, width)), moved=moved)
