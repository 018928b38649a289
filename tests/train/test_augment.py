"""What an augmentation may change, and what it may not."""

import numpy as np
import pytest
from make_fundus import draw_fundus

from edge_runtime.imaging import prepare
from train.augment import _frame, augment


@pytest.mark.parametrize("seed", range(5))
def test_the_same_generator_gives_the_same_photo(seed: int) -> None:
    photo = prepare(draw_fundus("normal", seed=seed), size=(64, 64))
    first = augment(photo, np.random.default_rng(seed))
    np.testing.assert_array_equal(augment(photo, np.random.default_rng(seed)), first)
    assert (augment(photo, np.random.default_rng(seed + 100)) != first).any()


@pytest.mark.parametrize("size", [(64, 64), (48, 80), (33, 21)])
def test_shape_and_type_are_kept_and_the_photo_changes(size: tuple[int, int]) -> None:
    photo = prepare(draw_fundus("glaucoma", seed=1), size=size)
    before = photo.copy()
    generator = np.random.default_rng(1)
    for _ in range(20):
        changed = augment(photo, generator)
        assert changed.shape == photo.shape
        assert changed.dtype == np.uint8
        # A rotation by any angle moves the vessels, so far more than a hundredth of the pixels.
        assert (changed != photo).any(axis=2).mean() > 0.01
    np.testing.assert_array_equal(photo, before)


def test_a_black_photo_stays_black() -> None:
    photo = np.zeros((64, 64, 3), np.uint8)
    generator = np.random.default_rng(2)
    for _ in range(50):
        assert not augment(photo, generator).any()


def test_the_black_frame_around_the_field_stays_black() -> None:
    rows, columns = np.mgrid[:64, :64]
    photo = np.zeros((64, 64, 3), np.uint8)
    photo[(rows - 31.5) ** 2 + (columns - 31.5) ** 2 < 12**2] = (200, 100, 40)
    # Radius 12 scaled by up to 1.15, shifted by up to 0.04 * 64 on both axes (3.6 across), and
    # widened by at most 1 + 6 pixels of interpolation and blur, ends before 26.
    outside = (rows - 31.5) ** 2 + (columns - 31.5) ** 2 > 26**2
    generator = np.random.default_rng(3)
    for _ in range(50):
        changed = augment(photo, generator)
        assert not changed[outside].any()
        assert changed[~outside].any()


def test_an_augmented_photo_still_has_its_light() -> None:
    photo = prepare(draw_fundus("normal", seed=4), size=(64, 64))
    generator = np.random.default_rng(4)
    for _ in range(50):
        ratio = augment(photo, generator).mean() / photo.mean()
        # Light and scale change, but whatever comes out is neither black nor washed out.
        assert 0.45 < ratio < 1.8


@pytest.mark.parametrize(("strength", "share"), [(0.0, 0.0), (0.4, 0.2), (1.0, 0.5), (2.0, 0.5)])
def test_the_frame_is_cut_as_often_as_the_strength_says(strength: float, share: float) -> None:
    generator = np.random.default_rng(5)
    frames = [_frame((48, 64), generator, strength) for _ in range(1000)]
    cut = [frame for frame in frames if frame is not None]
    assert len(cut) / 1000 == pytest.approx(share, abs=0.05)
    # The middle stays, the corners go.
    assert all(frame[24, 32] == 1 and not frame[::47, ::63].any() for frame in cut)
