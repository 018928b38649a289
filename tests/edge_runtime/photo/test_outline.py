"""A soft outline tells a blur, and neither light that falls off nor a bloom is one."""

import cv2
import numpy as np
import pytest

from edge_runtime.photo.find_field import find_field
from edge_runtime.photo.outline import outline_width

SIDE = 360


def disc(*, level=120.0, reach=0.93, sigma=0.0):
    """Draw a field of one brightness on black, blurred by a Gaussian of ``sigma`` pixels."""
    places = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    inside = np.hypot(*np.meshgrid(places, places)) < reach
    picture = np.where(inside, level, 0.0)
    return cv2.GaussianBlur(picture, (0, 0), sigma) if sigma else picture


def width(picture):
    photo = np.repeat(np.clip(picture, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return outline_width(photo, find_field(photo).field)


def test_a_blur_widens_the_outline_by_what_it_is():
    sharp, *blurred = (width(disc(sigma=sigma)) for sigma in (0.7, 3, 6))
    assert sharp < 1
    assert sharp < blurred[0] < blurred[1]


@pytest.mark.parametrize("turn", [0, 1])
def test_a_motion_in_one_direction_widens_the_outline(turn):
    kernel = np.full((1, 24), 1 / 24)
    moved = cv2.filter2D(disc(sigma=0.7), -1, kernel.T if turn else kernel)
    assert width(moved) > 1.3


def test_light_that_falls_off_towards_one_side_is_no_blur():
    places = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    x, y = np.meshgrid(places, places)
    edge = np.hypot(x, y)
    fall = np.where(x > 0, np.clip((0.93 - edge) / 0.12, 0.02, 1), 1.0)  # soft on the right alone
    picture = cv2.GaussianBlur(np.where(edge < 0.93, 130 * fall, 0.0), (0, 0), 0.7)
    assert width(picture) < 1


def test_an_overexposed_outline_tells_nothing():
    assert width(disc(level=255.0, sigma=4)) is None
    assert width(disc(level=200.0, sigma=4)) > 1.3


def test_a_field_that_fills_the_photo_has_no_outline():
    assert width(disc(reach=2.0)) is None
