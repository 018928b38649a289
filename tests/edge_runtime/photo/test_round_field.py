"""The round field: one circle whatever the camera, the frame or the hand did to the photo."""

import cv2
import numpy as np
import pytest
from msgspec.structs import astuple

from edge_runtime.photo.decode import decode_photo
from edge_runtime.photo.field import SEEN, Field, circle
from edge_runtime.photo.find_field import find_field
from edge_runtime.photo.round_field import prepare, round_field
from tests.conftest import EXAMPLE_PHOTO

SIZE = (224, 224)


def disc(size, centre, axes, *, seed=0):
    """A noisy lit ellipse on black; ``centre`` and ``axes`` (half ones) are (y, x) in pixels."""
    mask = np.zeros(size, np.uint8)
    cv2.ellipse(mask, (centre[1], centre[0]), (axes[1], axes[0]), 0, 0, 360, 1, -1)
    noise = np.random.default_rng(seed).integers(-20, 20, (*size, 3))
    return np.asarray((np.array([190, 100, 50]) + noise) * mask[..., None], np.uint8)


@pytest.fixture(scope="module")
def fundus():
    """The example photo with its frame cleaned: a disc of known place on black."""
    photo = decode_photo(EXAMPLE_PHOTO.read_bytes())
    field = find_field(photo).field
    side = round(field.major)
    matrix = field.to_square((side, side))
    square = np.asarray(cv2.warpAffine(photo, matrix, (side, side)), np.uint8)
    square[~circle((side, side))] = 0
    return cv2.copyMakeBorder(square, 40, 40, 60, 60, cv2.BORDER_CONSTANT)


@pytest.mark.parametrize(
    ("size", "centre", "radius"),
    [
        ((200, 256), (100, 128), 80),
        ((600, 900), (300, 500), 250),
        ((1700, 2500), (850, 1250), 700),
        ((500, 300), (200, 150), 100),
    ],
)
def test_the_field_is_that_of_the_lit_disc_at_any_size(size, centre, radius):
    found = find_field(disc(size, centre, (radius, radius)))
    assert found.is_round
    # a pixel of the 384-pixel copy on which the outline is sought
    within = max(1, max(size) / 384)
    assert (found.field.y, found.field.x) == pytest.approx(centre, abs=within)
    assert found.field.major == pytest.approx(2 * radius + 1, abs=2 * within + 1)
    assert found.field.minor == pytest.approx(2 * radius + 1, abs=2 * within + 1)


def turned(photo, angle):
    middle = (photo.shape[1] - 1) / 2, (photo.shape[0] - 1) / 2
    matrix = cv2.getRotationMatrix2D(middle, angle, 1)
    return cv2.warpAffine(photo, matrix, photo.shape[1::-1])


def framed(photo):
    """On a white page, the field's black surround with it."""
    return cv2.copyMakeBorder(photo, 60, 90, 30, 30, cv2.BORDER_CONSTANT, value=(255, 255, 255))


COPIES = {
    "shifted": lambda photo: np.roll(photo, (25, -35), axis=(0, 1)),
    "squeezed": lambda photo: cv2.resize(photo, None, fx=0.6, fy=1, interpolation=cv2.INTER_AREA),
    "enlarged": lambda photo: cv2.resize(photo, None, fx=2.5, fy=2.5),
    "reduced": lambda photo: cv2.resize(photo, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA),
    "framed": framed,
    "with text beside it": lambda photo: cv2.putText(
        photo.copy(), "OD", (4, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255, 255, 255), 2
    ),
    "in a noisy frame": lambda photo: np.maximum(
        photo, np.random.default_rng(1).integers(0, 9, photo.shape, np.uint8)
    ),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_gives_the_same_circle(fundus, name):
    original = round_field(fundus, size=SIZE)
    copied = np.asarray(COPIES[name](fundus), np.uint8)
    assert find_field(copied).is_round
    copy = round_field(copied, size=SIZE)
    difference = np.abs(original.image.astype(int) - copy.image)[circle(SIZE, share=0.95)]
    # grey levels: a vessel that moves by a third of a pixel changes so much; another circle, 15
    assert difference.mean() < 3
    assert (original.inside != copy.inside).mean() < 0.01


@pytest.mark.parametrize("angle", [30, 90, 200])
def test_a_turned_copy_gives_the_turned_circle(fundus, angle):
    original, copy = (
        round_field(np.asarray(photo, np.uint8), size=SIZE).image
        for photo in (fundus, turned(fundus, angle))
    )
    difference = np.abs(turned(original, angle).astype(int) - copy)[circle(SIZE, share=0.95)]
    assert difference.mean() < 3  # as above


def test_a_cut_field_keeps_its_circle_and_its_cut_is_black(fundus):
    height = fundus.shape[0]
    cut = fundus[110 : height - 110]
    original, copy = (round_field(photo, size=SIZE) for photo in (fundus, cut))
    both = original.inside & copy.inside
    assert np.abs(original.image.astype(int) - copy.image)[both].mean() < 3  # as above
    rows = np.flatnonzero(copy.inside.any(axis=1))
    scale = SIZE[0] / original.field.minor
    lost = (110 - (original.field.y - original.field.minor / 2)) * scale
    assert rows[0] == pytest.approx(lost, abs=2)  # the outline is found to a pixel or two
    assert not copy.image[: rows[0]].any()


@pytest.mark.parametrize("size", [(224, 224), (64, 64), (320, 320), (96, 128)])
def test_what_lies_outside_is_exactly_black(fundus, size):
    noisy = np.random.default_rng(0).integers(60, 200, (300, 420, 3), np.uint8)
    for photo in (fundus, framed(fundus), noisy):
        seen = round_field(np.asarray(photo, np.uint8), size=size)
        assert seen.image.shape == (*size, 3)
        assert not seen.image[~seen.inside].any()
        assert not seen.inside[~circle(size)].any()
        assert seen.inside.mean() == pytest.approx(np.pi / 4 * SEEN**2, abs=0.02)


@pytest.mark.parametrize(
    ("angle", "squeeze", "scale"), [(0, 1, 1), (0, 0.7, 1.6), (35, 0.8, 1), (80, 1, 0.7)]
)
def test_the_map_back_to_the_photo_is_right_to_half_a_pixel(angle, squeeze, scale):
    """A bright spot's middle in the square, brought back, is where it was put."""
    side, radius = 500, 200 * scale
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    shape = np.array([[cos, -sin], [sin, cos]]) @ np.diag([radius, radius * squeeze])
    middle = np.array([260.3, 240.6])
    places = [middle + shape @ at for at in ((0, 0), (0.6, 0.3), (-0.2, 0.7), (-0.6, -0.5))]
    rows, columns = np.mgrid[:side, :side]
    at = np.stack([columns - middle[0], rows - middle[1]], -1) @ np.linalg.inv(shape).T
    lit = (np.hypot(at[..., 0], at[..., 1]) <= 1)[..., None]
    for place in places:
        spot = np.exp(-((columns - place[0]) ** 2 + (rows - place[1]) ** 2) / (2 * 6**2))
        photo = (lit * (60 + 180 * spot[..., None])).repeat(3, axis=2).astype(np.uint8)
        seen = round_field(photo, size=SIZE)
        light = np.maximum(seen.image[..., 0].astype(float) - 80, 0)
        total = light.sum()
        found = np.array(
            [(light.sum(axis=0) @ np.arange(SIZE[1])), (light.sum(axis=1) @ np.arange(SIZE[0]))]
        )
        back = seen.field.to_photo(SIZE) @ np.array([*(found / total), 1])
        assert np.hypot(*(back - place)) < 0.5


def test_a_field_is_the_same_in_a_picture_of_another_size():
    field = Field(x=300.2, y=210.7, major=400, minor=350, angle=25)
    half = field.scaled((600, 800), (300, 400))
    again = half.scaled((300, 400), (600, 800))
    for name in ("x", "y", "major", "minor", "angle"):
        assert getattr(again, name) == pytest.approx(getattr(field, name))
    assert half.major == pytest.approx(200)
    squeezed = field.scaled((600, 800), (600, 400))
    assert squeezed.minor < 210 < squeezed.major  # wide as half of it was, high as before


def test_a_photo_without_a_frame_has_the_ellipse_in_its_box():
    photo = np.random.default_rng(0).integers(60, 200, (300, 420, 3), np.uint8)
    found = find_field(photo)
    assert not found.is_round
    assert astuple(found.field) == pytest.approx((209.5, 149.5, 420, 300, 0))
    assert round_field(photo, size=SIZE).frame == 0


def test_a_round_part_of_something_larger_is_no_field():
    """A head with hair on shoulders: the hair's outline is an ellipse's, the rest lies below it."""
    photo = np.zeros((600, 480, 3), np.uint8)
    cv2.ellipse(photo, (240, 640), (230, 180), 0, 0, 360, (60, 70, 110), -1)
    cv2.rectangle(photo, (195, 400), (285, 520), (190, 140, 110), -1)
    cv2.ellipse(photo, (240, 270), (140, 185), 0, 0, 360, (190, 140, 110), -1)
    cv2.ellipse(photo, (240, 150), (150, 90), 0, 180, 360, (50, 35, 25), -1)
    found = find_field(photo)
    assert not found.is_round
    assert found.field.major > 500  # the box of all of it


@pytest.mark.parametrize("level", [0, 120])
def test_a_photo_of_one_grey_level_is_its_own_box(level):
    found = find_field(np.full((50, 80, 3), level, np.uint8))
    assert astuple(found.field) == pytest.approx((39.5, 24.5, 80, 50, 0))


def test_a_speck_of_light_is_no_field():
    photo = np.zeros((200, 300, 3), np.uint8)
    photo[90:100, 90:100] = 255
    assert astuple(find_field(photo).field) == pytest.approx((149.5, 99.5, 300, 200, 0))


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (2, 3)])
def test_tiny_photos_are_prepared_too(size):
    assert prepare(np.full((*size, 3), 90, np.uint8), size=(64, 64)).shape == (64, 64, 3)


def test_any_lit_corner_is_prepared():
    generator = np.random.default_rng(2)
    for _ in range(60):
        height, width = (int(v) for v in generator.integers(1, 700, 2))
        photo = np.zeros((height, width, 3), np.uint8)
        photo[int(generator.integers(height)) :, int(generator.integers(width)) :] = 150
        seen = round_field(photo, size=(64, 64))
        assert np.isfinite([seen.field.x, seen.field.major, seen.field.minor, seen.frame]).all()
        assert not seen.image[~seen.inside].any()


def test_prepare_leaves_the_photo_as_it_was_and_gives_a_contiguous_picture():
    photo = disc((240, 320), (120, 160), (100, 100))
    before = photo.copy()
    prepared = prepare(photo, size=(32, 48))
    assert prepared.shape == (32, 48, 3)
    assert prepared.dtype == np.uint8
    assert prepared.flags.c_contiguous
    assert np.array_equal(photo, before)
