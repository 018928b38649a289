"""A map that moved with the eye comes back to where it was, and what is lost isn't compared."""

import numpy as np
import pytest

from calibration.compare.similarity import compare_maps
from calibration.explanations.stability.carried import carry_back, compare_where, move
from calibration.explanations.stability.perturbations import PERTURBATIONS, perturb
from edge_runtime.explain.gradcam import inside_shares
from tests.calibration.explanations.stability.toys import (
    CELLS,
    SIZE,
    a_bar_in_the_frame,
    a_field,
    brightness_of_cells,
    every,
)

MOVES = ("turn", "shift", "scale")


@pytest.fixture(scope="module")
def field():
    return a_field()


def shares(inside):
    return inside_shares(inside, (CELLS, CELLS))


def carried(field, name, maps, strength=4):
    """Give the untouched map, the one carried back, and which cells count."""
    found = perturb(
        field.image, field.inside, name, amount=PERTURBATIONS[name].amounts[strength], seed=0
    )
    own, cam = maps(np.stack([field.image, found.image]))
    back, valid = carry_back(
        cam, found.moved, before=shares(field.inside), after=shares(found.inside), size=SIZE
    )
    return own, cam, back, valid


@pytest.mark.parametrize("name", MOVES)
def test_the_map_of_a_model_that_follows_the_eye_comes_back(field, name):
    own, cam, back, valid = carried(field, name, brightness_of_cells)
    there = compare_where(own, back, valid, size=SIZE)
    in_place = compare_where(own, cam, valid, size=SIZE)
    assert there.pearson > 0.95  # cells of 16 pixels: what is lost is interpolation
    assert there.pearson > in_place.pearson
    assert np.abs((own - back)[valid]).mean() < 0.03


@pytest.mark.parametrize("name", MOVES)
def test_a_map_that_stays_in_the_frame_doesnt(field, name):
    own, cam, back, valid = carried(field, name, a_bar_in_the_frame)
    there = compare_where(own, back, valid, size=SIZE)
    in_place = compare_where(own, cam, valid, size=SIZE)
    assert in_place.pearson == pytest.approx(1, abs=1e-6)
    assert there.pearson < 0.8


@pytest.mark.parametrize("name", MOVES)
def test_a_map_moved_there_and_back_is_nearly_itself(field, name):
    own, found = brightness_of_cells(field.image[None])[0], every(field)[name]
    rest = {"before": shares(field.inside), "after": shares(found.inside), "size": SIZE}
    back, valid = carry_back(move(own, found.moved, **rest), found.moved, **rest)
    assert compare_where(own, back, valid, size=SIZE).pearson > 0.95  # interpolated twice


def test_where_nothing_moved_the_map_is_as_it_is(field):
    cam = np.random.default_rng(0).normal(0, 1, (CELLS, CELLS)).astype(np.float32)
    own = shares(field.inside)
    back, valid = carry_back(cam, None, before=own, after=own, size=SIZE)
    assert back is cam
    assert valid.all()
    other = np.roll(cam, 1)
    assert compare_where(cam, other, valid, size=SIZE) == compare_maps(cam, other, input_size=SIZE)


def test_what_went_out_of_the_field_isnt_compared():
    before = np.ones((4, 4), np.float32)
    after = before.copy()
    after[0] = 0.4
    after[3] = 0.6
    cam = np.arange(16, dtype=np.float32).reshape(4, 4)
    back, valid = carry_back(cam, None, before=before, after=after, size=SIZE)
    assert valid.sum(axis=1).tolist() == [0, 4, 4, 4]
    np.testing.assert_allclose(back[3], cam[3] / 0.6, rtol=1e-6)  # by area of the eye
    wild = cam.copy()
    wild[0] = 100
    assert compare_where(cam, wild, valid, size=SIZE).pearson == pytest.approx(1)


def test_a_map_that_goes_blank_where_it_counts_has_the_worst_values():
    cam, valid = np.ones((4, 4), np.float32), np.ones((4, 4), np.bool_)
    valid[0] = False
    blank = -cam
    blank[0] = 1
    found = compare_where(cam, blank, valid, size=SIZE)
    assert (found.pearson, found.iou) == (0, 0)
    assert compare_where(blank, blank, valid, size=SIZE) is None
