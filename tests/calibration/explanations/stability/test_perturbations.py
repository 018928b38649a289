"""Every perturbation changes what it says, in five growing strengths, and shows the eye alone."""

import numpy as np
import pytest

from calibration.explanations.stability.perturbations import PERTURBATIONS, STRENGTHS, perturb
from edge_runtime.photo.field import circle
from tests.calibration.explanations.stability.toys import NAMES, SIZE, a_field, every


@pytest.fixture(scope="module")
def field():
    return a_field()


def of(field, name, amount, seed=0):
    return perturb(field.image, field.inside, name, amount=amount, seed=seed)


def test_there_are_thirteen_in_five_growing_strengths():
    assert len(PERTURBATIONS) == 13
    for each in PERTURBATIONS.values():
        assert len(each.amounts) == STRENGTHS
        assert list(each.amounts) == sorted(set(each.amounts))


@pytest.mark.parametrize("name", NAMES)
def test_strength_0_changes_nothing(field, name):
    found = of(field, name, 0)
    np.testing.assert_array_equal(found.image, field.image)
    np.testing.assert_array_equal(found.inside, field.inside)
    if found.moved is not None:
        np.testing.assert_allclose(found.moved, [[1, 0, 0], [0, 1, 0]], atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_each_strength_changes_more_than_the_one_before(field, name):
    changes = [
        np.abs(of(field, name, amount).image.astype(int) - field.image).mean()
        for amount in PERTURBATIONS[name].amounts
    ]
    assert changes == sorted(changes)
    assert changes[0] > 0


@pytest.mark.parametrize("name", NAMES)
def test_nothing_outside_of_the_eye_is_shown(field, name):
    found = every(field)[name]
    assert found.image.dtype == np.uint8
    assert not found.image[~found.inside].any()
    assert not (found.inside & ~circle(SIZE)).any()
    if found.moved is None:
        assert not (found.inside & ~field.inside).any()


def test_a_cut_takes_rows_above_and_below_and_leaves_the_rest(field):
    found = of(field, "cut-field", 14)
    before, after = (np.flatnonzero(mask.any(axis=1)) for mask in (field.inside, found.inside))
    assert len(after) == pytest.approx(0.86 * len(before), abs=2)
    np.testing.assert_array_equal(found.image[after], field.image[after])


def test_blur_and_fewer_pixels_let_no_black_into_the_rim(field):
    white = np.where(field.inside[..., None], np.uint8(200), np.uint8(0)).repeat(3, axis=2)
    for name in ("blur", "lower-resolution"):
        found = perturb(white, field.inside, name, amount=PERTURBATIONS[name].amounts[-1], seed=0)
        assert np.ptp(found.image[found.inside].astype(int)) <= 1


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_bytes(field, name):
    amount = PERTURBATIONS[name].amounts[2]
    assert of(field, name, amount).image.tobytes() == of(field, name, amount).image.tobytes()


@pytest.mark.parametrize("name", ["noise", "shift", "artefacts"])
def test_another_seed_or_another_photo_draws_otherwise(field, name):
    amount = PERTURBATIONS[name].amounts[2]
    first, other = of(field, name, amount), of(field, name, amount, seed=1)
    assert (first.image != other.image).any()


def test_along_its_strengths_a_photo_goes_one_way(field):
    ways = [of(field, "shift", amount).moved[:, 2] for amount in (2, 4)]
    np.testing.assert_allclose(ways[1], 2 * ways[0])
    assert np.hypot(*ways[0]) == pytest.approx(0.02 * SIZE[1])


def test_both_signs_are_drawn():
    gains = {
        perturb(each.image, each.inside, "brightness", amount=20, seed=seed).image.mean()
        > each.image.mean()
        for each in (a_field(),)
        for seed in range(12)
    }
    assert gains == {True, False}
