"""The crop finds the field of view on photos of every size, and nothing else moves it."""

import cv2
import numpy as np
import pytest

from edge_runtime.imaging import Box, field_of_view, prepare, resize


def disc(size, centre, axes, *, seed=0):
    """A noisy lit ellipse on black; ``centre`` and ``axes`` are (y, x) in pixels."""
    mask = np.zeros(size, np.uint8)
    cv2.ellipse(mask, (centre[1], centre[0]), (axes[1], axes[0]), 0, 0, 360, 1, -1)
    noise = np.random.default_rng(seed).integers(-20, 20, (*size, 3))
    return np.asarray((np.array([190, 100, 50]) + noise) * mask[..., None], np.uint8)


@pytest.mark.parametrize(
    ("size", "centre", "radius"),
    [
        ((200, 256), (100, 128), 80),
        ((600, 900), (300, 500), 250),
        ((1700, 2500), (850, 1250), 700),
        ((500, 300), (200, 150), 100),
    ],
)
def test_the_box_is_that_of_the_lit_disc_at_any_size(size, centre, radius):
    box = field_of_view(disc(size, centre, (radius, radius)))
    (y, x), found = centre, np.array([box.top, box.left, box.bottom, box.right])
    expected = y - radius, x - radius, y + radius + 1, x + radius + 1
    # two pixels of the 256-pixel copy on which the box is sought, and one of rounding
    assert np.abs(found - expected).max() <= 2 * max(1, max(size) / 256) + 1


def test_a_field_cut_by_the_photos_edge_reaches_the_edge():
    box = field_of_view(disc((200, 300), (100, 150), (140, 140)))
    assert (box.top, box.bottom) == (0, 200)


@pytest.mark.parametrize("level", [0, 120])
def test_a_photo_without_a_frame_or_without_light_is_its_own_box(level):
    assert field_of_view(np.full((50, 80, 3), level, np.uint8)) == Box(0, 0, 50, 80)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1)])
def test_tiny_photos_are_prepared_too(size):
    assert prepare(np.full((*size, 3), 90, np.uint8), size=(64, 64)).shape == (64, 64, 3)


def test_a_frameless_noisy_photo_is_its_own_box():
    photo = np.random.default_rng(0).integers(60, 200, (300, 420, 3), np.uint8)
    assert field_of_view(photo) == Box(0, 0, 300, 420)


def test_a_speck_of_light_is_no_field():
    photo = np.zeros((200, 300, 3), np.uint8)
    photo[90:100, 90:100] = 255
    assert field_of_view(photo) == Box(0, 0, 200, 300)


def test_noise_in_the_dark_frame_doesnt_widen_the_box():
    photo = disc((400, 600), (200, 300), (150, 150))
    noise = np.random.default_rng(1).integers(0, 8, photo.shape, np.uint8)
    found, expected = field_of_view(np.maximum(photo, noise)), field_of_view(photo)
    for side in ("top", "left", "bottom", "right"):
        # two pixels of the 256-pixel copy: noise lights some of the field's half-covered rim
        assert abs(getattr(found, side) - getattr(expected, side)) <= 2 * 600 / 256


@pytest.mark.parametrize("scale", [1, 3])
def test_text_in_all_four_corners_doesnt_widen_the_box(scale):
    photo = disc((400 * scale, 700 * scale), (200 * scale, 350 * scale), (150 * scale,) * 2)
    marked = photo.copy()
    for x, y in ((5, 20), (520, 20), (5, 390), (520, 390)):
        origin, font = (x * scale, y * scale), cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(marked, "OD 2024-01", origin, font, 0.6 * scale, (255, 255, 255), 2 * scale)
    assert not np.array_equal(marked, photo)
    assert field_of_view(marked) == field_of_view(photo)


def test_the_box_lies_in_the_photo_for_any_size():
    generator = np.random.default_rng(2)
    for _ in range(60):
        height, width = (int(v) for v in generator.integers(1, 700, 2))
        photo = np.zeros((height, width, 3), np.uint8)
        photo[int(generator.integers(height)) :, int(generator.integers(width)) :] = 150
        box = field_of_view(photo)
        assert 0 <= box.top < box.bottom <= height
        assert 0 <= box.left < box.right <= width
        assert box.size == (box.bottom - box.top, box.right - box.left)


@pytest.mark.parametrize("axes", [(200, 200), (200, 120)])
def test_a_round_and_a_squeezed_field_fill_the_square_alike(axes):
    photo = disc((500, 500), (250, 250), axes)
    lit = prepare(photo, size=(128, 128)).max(axis=2) > 60
    # two pixels: the box is found to a pixel or two of the 256-pixel copy
    assert np.flatnonzero(lit.any(axis=0))[[0, -1]] == pytest.approx([0, 127], abs=2)
    assert np.flatnonzero(lit.any(axis=1))[[0, -1]] == pytest.approx([0, 127], abs=2)
    # a disc fills pi/4 of its square; two pixels less on each side are 6 % of the area
    assert lit.mean() == pytest.approx(np.pi / 4, abs=0.06)


def test_prepare_gives_height_and_width_in_this_order_and_leaves_the_photo_as_it_was():
    photo = disc((240, 320), (120, 160), (100, 100))
    before = photo.copy()
    prepared = prepare(photo, size=(32, 48))
    assert prepared.shape == (32, 48, 3)
    assert prepared.dtype == np.uint8
    assert prepared.flags.c_contiguous
    assert np.array_equal(photo, before)


def test_only_the_box_is_resized_and_its_areas_are_averaged():
    photo = np.full((8, 8, 3), 255, np.uint8)
    photo[2:6, 3:7] = 0
    photo[2:6:2, 3:7:2] = 200
    assert (resize(photo, Box(2, 3, 6, 7), size=(2, 2)) == 50).all()
