"""ROAD fills holes by what is around them."""

import numpy as np
import pytest

from calibration.explanations.faithfulness.road import impute

ROWS, COLUMNS = np.mgrid[:30, :40]


def test_a_hole_in_a_ramp_is_filled_by_the_ramp():
    ramp = np.stack([2.0 * ROWS, 1.0 * COLUMNS, ROWS + COLUMNS], -1)
    missing = np.zeros(ROWS.shape, bool)
    missing[8:20, 10:30] = True
    broken = ramp.copy()
    broken[missing] = 99
    np.testing.assert_allclose(impute(broken, missing), ramp, atol=1e-9)  # float64


def test_a_pixel_alone_becomes_the_weighted_mean_of_its_neighbours():
    picture = np.random.default_rng(0).uniform(0, 255, (3, 3, 3))
    missing = np.zeros((3, 3), bool)
    missing[1, 1] = True
    beside = picture[[0, 1, 1, 2], [1, 0, 2, 1]].sum(axis=0) / 6
    corners = picture[[0, 0, 2, 2], [0, 2, 0, 2]].sum(axis=0) / 12
    np.testing.assert_allclose(impute(picture, missing)[1, 1], beside + corners)


def test_the_black_frame_is_no_neighbour_and_is_never_filled():
    inside = (ROWS - 15) ** 2 + (COLUMNS - 20) ** 2 < 144
    picture = np.where(inside[..., None], 100.0, 0.0) * np.ones(3)
    missing = ROWS < 15
    found = impute(picture, missing, inside=inside)
    np.testing.assert_allclose(found[inside], 100)
    assert (found[~inside] == 0).all()


@pytest.mark.parametrize("rest", [True, False], ids=["with another part", "all of the eye"])
def test_a_part_from_which_nothing_known_is_reached_becomes_the_mean(rest):
    inside = (COLUMNS < 10) | ((COLUMNS > 20) & rest)
    picture = np.where(COLUMNS < 10, 50.0, 80.0)[..., None] * np.ones(3)
    found = impute(picture, COLUMNS < 10, inside=inside)
    np.testing.assert_allclose(found[:, :10], 80 if rest else 50)


def test_nothing_missing_changes_nothing():
    picture = np.random.default_rng(0).integers(0, 256, (*ROWS.shape, 3))
    assert (impute(picture, np.zeros(ROWS.shape, bool)) == picture).all()
