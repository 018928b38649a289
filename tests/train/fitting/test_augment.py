"""What an augmentation may change, and what it may not."""

import numpy as np
import pytest
from make_fundus import draw_fundus

from edge_runtime.photo.round_field import prepare
from train.fitting.augment import _edge, _light, augment


def disc(size: int, share: float) -> np.ndarray:
    """Tell which pixels of a square lie within a share of the half side."""
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    return rows**2 + columns**2 <= (share * size / 2) ** 2


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


def test_the_black_around_a_small_field_stays_black() -> None:
    photo = np.zeros((64, 64, 3), np.uint8)
    photo[disc(64, 12 / 32)] = (200, 100, 40)
    # Radius 12 scaled by up to 1.25 and squeezed by up to 1.083, shifted by up to 0.04 * 64 on
    # both axes (3.6 across), and widened by at most one pixel of interpolation, ends before 21.
    outside = ~disc(64, 21 / 32)
    generator = np.random.default_rng(3)
    for _ in range(50):
        changed = augment(photo, generator)
        assert not changed[outside].any()
        assert changed[~outside].any()


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0, 2.0])
def test_outside_of_the_circle_everything_is_exactly_black(strength: float) -> None:
    white = np.full((64, 64, 3), 255, np.uint8)
    generator = np.random.default_rng(6)
    for _ in range(100):
        assert not augment(white, generator, strength=strength)[~disc(64, 0.98)].any()


def test_without_strength_the_whole_circle_is_kept() -> None:
    white = np.full((64, 64, 3), 255, np.uint8)
    generator = np.random.default_rng(7)
    for _ in range(20):
        kept = augment(white, generator, strength=0).any(axis=2)
        # Turned about the middle, a square still covers the circle.
        np.testing.assert_array_equal(kept, disc(64, 0.98))


def test_an_augmented_photo_still_has_its_light() -> None:
    photo = prepare(draw_fundus("normal", seed=4), size=(64, 64))
    generator = np.random.default_rng(4)
    for _ in range(50):
        ratio = augment(photo, generator).mean() / photo.mean()
        # Light, scale and edge change, but whatever comes out is neither black nor washed out.
        assert 0.35 < ratio < 2.0


@pytest.mark.parametrize(
    ("strength", "share"), [(0.0, 0.0), (0.5, 1 / 6), (1.0, 1 / 3), (2, 1 / 3)]
)
def test_a_third_of_the_photos_is_cut_by_two_chords(strength: float, share: float) -> None:
    generator = np.random.default_rng(5)
    smallest = 0.98 - 0.08 * min(1, strength)
    cut = 0
    for _ in range(1000):
        kept = _edge((64, 64), generator, strength).astype(bool)
        # No chord comes nearer to the middle than 0.68 of the radius.
        assert kept[disc(64, 0.68 * smallest)].all()
        assert not kept[~disc(64, 0.98)].any()
        if kept[disc(64, smallest)].all():
            continue
        cut += 1
        assert kept.sum() < disc(64, 0.98).sum()
    # The shallowest chords, at 0.95, cut nothing off the smallest circle: a few are missed.
    assert cut / 1000 == pytest.approx(share, abs=0.05)


def test_the_radius_is_drawn_evenly_between_its_ends() -> None:
    generator = np.random.default_rng(8)
    radii = []
    for _ in range(600):
        kept = _edge((224, 224), generator, 1.0)
        # Across the middle in the direction that no chord shortens: the longest of many.
        rows, columns = np.nonzero(kept)
        radii.append(np.hypot(rows - 111.5, columns - 111.5).max() / 112)
    # Half a pixel of 112 is 0.005.
    assert 0.895 <= min(radii) < 0.91
    assert 0.97 < max(radii) <= 0.98
    assert np.mean(radii) == pytest.approx(0.94, abs=0.005)


class Middle:
    """A generator that draws the middle of everything but the contrast, which it makes highest."""

    def __init__(self) -> None:
        self.first = True

    def uniform(self, low: float, high: float, count: int | None = None):
        if self.first:
            self.first = False
            return high
        return 0.0 if count is None else np.zeros(count)


def test_contrast_turns_around_the_mean_of_the_lit_part() -> None:
    photo = np.zeros((64, 64, 3), np.uint8)
    field = disc(64, 0.5)
    photo[field] = 100
    lit = field.astype(np.uint8)
    changed = _light(photo, lit, Middle(), 1.0)
    # An even field has no contrast to raise: it keeps its level, however much black is around it.
    assert set(np.unique(changed[field])) <= {99, 100}
    assert not changed[~field].any()
