"""The crop finds the field of view."""

import cv2
import numpy as np
import pytest

from edge_runtime.imaging import Box, field_of_view, prepare


def disc(size=(300, 400), axes=(120, 100), centre=(210, 150)):
    photo = np.zeros((*size, 3), np.uint8)
    cv2.ellipse(photo, centre, axes, 0, 0, 360, (180, 90, 40), -1)
    return photo


def test_the_box_encloses_the_lit_disc():
    box = field_of_view(disc())
    # The box is sought on a copy of 256 pixels, so one of its pixels is 1.6 here; two are allowed.
    expected = Box(top=50, left=90, bottom=251, right=331)
    for side in ("top", "left", "bottom", "right"):
        assert abs(getattr(box, side) - getattr(expected, side)) <= 4


def test_text_beside_the_field_does_not_widen_the_box():
    photo = disc()
    marked = photo.copy()
    cv2.putText(marked, "OD 12", (5, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
    assert field_of_view(marked) == field_of_view(photo)


@pytest.mark.parametrize("level", [0, 120])
def test_a_photo_without_a_frame_or_without_light_is_its_own_box(level):
    assert field_of_view(np.full((50, 80, 3), level, np.uint8)) == Box(0, 0, 50, 80)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1)])
def test_tiny_photos_are_prepared_too(size):
    assert prepare(np.full((*size, 3), 90, np.uint8), size=(64, 64)).shape == (64, 64, 3)


def test_a_squeezed_field_becomes_round_again():
    image = prepare(disc(axes=(60, 100)), size=(224, 224))
    lit = image.max(axis=2) > 20
    # A round field touches all four sides in their middle.
    assert all(lit[edge].any() for edge in (3, -4))
    assert all(lit[:, edge].any() for edge in (3, -4))
