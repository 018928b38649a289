"""A mark in the picture is told from the retina, whose places are mirrored in the other eye."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.explanations.baseline_maps import whole_field
from calibration.explanations.failures.contrast import Draws
from calibration.explanations.failures.findings import at_one_place
from calibration.explanations.failures.one_place import judged, one_place
from calibration.explanations.failures.places import (
    PLACES,
    hottest_places,
    hottest_points,
    mirrored_place,
)

FEW = Draws(resamples=200, permutations=499)
LEFT = np.arange(60) % 2.0  # both eyes of 30 persons
PERSONS = np.arange(60) // 2


def places(name, *, noise, seed=0):
    """Put maps at one place, some of them anywhere halfway out."""
    generator = np.random.default_rng(seed)
    found = np.full(60, PLACES.index(name))
    return np.where(generator.random(60) < noise, generator.integers(1, 9, 60), found)


def judge(at, left=LEFT):
    return judged({"": one_place(at, PERSONS, left, draws=FEW)})[""]


def test_a_mark_follows_the_photo():
    found = judge(places("at the edge, lower right", noise=0.2))
    assert (found.follows, found.commonest) == ("photo", "at the edge, lower right")
    assert found.share.value > 0.7
    assert found.by_turning < 0.4
    assert found.beyond_mirrored.interval[0] > 0


def test_a_place_of_the_retina_follows_the_eye():
    at = places("halfway out, right", noise=0.2)
    at = np.where(LEFT == 1, mirrored_place(at), at)
    assert judge(at).follows == "eye"


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("at the edge, upper left", np.full(60, np.nan)),
        ("at the edge, upper left", np.zeros(60)),
        ("at the edge, top", LEFT),
    ],
    ids=["no side is known", "right eyes alone", "mirroring leaves it"],
)
def test_whether_it_is_the_retina_isnt_told_where_the_sides_dont_tell(name, left):
    found = judge(places(name, noise=0.2), left)
    assert found.follows == "not told"
    assert found.beyond_mirrored is None


def test_a_mark_in_half_of_the_photos_with_few_left_eyes_is_called_a_place_that_isnt_told():
    persons, left = np.arange(46), np.repeat([0.0, 1.0], [40, 6])
    told = []
    for seed in range(20):
        generator = np.random.default_rng(seed)
        mark = PLACES.index("at the edge, lower right")
        at = np.where(generator.random(46) < 0.5, mark, generator.integers(1, 17, 46))
        told.append(judged({"": one_place(at, persons, left, draws=FEW)})[""].follows)
    assert set(told) == {"photo", "not told"}  # never nothing, and never said to be the eye's
    assert told.count("not told") >= 5
    record = judged({"": one_place(at, persons, left, draws=FEW)})[""]
    places = {f"ill, {said}": replace(record, follows="not told") for said in ("all",)}
    nothing = one_place(np.full(0, 9), np.arange(0), np.zeros(0), draws=FEW)
    places |= {f"ill, {said}": nothing for said in ("right", "wrong")}
    (sentence,) = at_one_place(places)
    assert "hottest at the edge, lower right" in sentence
    assert "don't tell whether it is a part of the retina" in sentence


def test_the_middle_is_no_place_of_its_own_and_few_persons_no_test():
    middle = one_place(np.zeros(60, int), PERSONS, LEFT, draws=FEW)
    assert (middle.p_value, middle.counts) == (None, {"in the middle": 60})
    few = one_place(np.full(4, 9), np.arange(4), np.zeros(4), draws=FEW)
    assert few.p_value is None
    assert "5 persons" in few.note
    nowhere = one_place(np.full(7, -1), np.arange(7), np.zeros(7), draws=FEW)
    assert (nowhere.photos, nowhere.nowhere) == (0, 7)


def test_places_by_chance_are_seldom_called_one():
    draws = Draws(resamples=20, permutations=499)
    found = []
    for seed in range(60):
        at = np.repeat(np.random.default_rng(seed).integers(0, 17, 30), 2)  # both eyes alike
        found.append(one_place(at, PERSONS, LEFT, draws=draws).p_value < 0.05)
    assert sum(found) <= 7  # of 60, where 3 are expected: more has a probability below 3 %


def test_noise_on_a_square_of_cells_is_seldom_called_one_place():
    called = 0
    for seed in range(12):
        generator = np.random.default_rng(seed)
        maps = (generator.normal(size=(300, 7, 7)) * whole_field((7, 7))).astype(np.float32)
        at = hottest_places(hottest_points(maps))
        found = one_place(at, np.arange(300), np.full(300, np.nan), draws=FEW)
        called += judged({"": found})[""].follows != "nothing"
    assert called <= 2  # by eighths of a circle 4 of these are, as diagonals have more room
