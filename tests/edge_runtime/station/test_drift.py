"""A camera that went away from its first hour is told, and one that didn't is left in peace."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from edge_runtime.station.camera_look import CameraLook
from edge_runtime.station.drift import MEASURES, Drift, drifts, values_of
from edge_runtime.station.hours import by_the_camera, hours_of
from tests.edge_runtime.station.camps import Told

SHARPNESS, BRIGHTNESS, RED, BLUE = range(4)


def day(people=12, *, hours=6, seed=0, **changes):
    """Make an hour after the other of people; from the fourth on a measure is moved by so much."""
    generator = np.random.default_rng(seed)
    made = [generator.normal(size=(people, len(MEASURES))) for _ in range(hours)]
    for name, by in changes.items():
        for hour in made[3:]:
            hour[:, MEASURES.index(name)] += by
    return made


@pytest.mark.parametrize(
    ("change", "by"), [("sharpness", -2), ("brightness", 2), ("brightness", -2), ("red", 2),
                       ("blue", -2)],
)  # fmt: skip
def test_what_went_away_is_told_with_its_direction_and_since_when(change, by):
    (found,) = drifts(day(**{change: by}))
    assert (found.measure, found.is_more) == (change, by > 0)
    assert found.since in (2, 3, 4)


def test_pictures_that_become_sharper_are_no_news():
    assert drifts(day(sharpness=2)) == []


def test_what_was_mended_is_told_no_more():
    hours = day(hours=9, brightness=-3)
    assert drifts(hours[:6]) == [Drift("brightness", is_more=False, since=3)]
    for hour in hours[5:]:
        hour[:, BRIGHTNESS] += 3
    assert drifts(hours) == []


@pytest.mark.parametrize(("people", "hours"), [(12, 0), (12, 1), (7, 1), (3, 4), (1, 8)])
def test_of_few_people_nothing_is_said_at_all(people, hours):
    assert drifts(day(people, hours=hours)) is None


def test_of_eight_against_eight_only_what_sets_all_of_them_apart_is_told():
    assert drifts(day(8, hours=4, brightness=10)) != []
    assert drifts(day(8, hours=4, brightness=1)) == []


def test_a_small_first_hour_is_held_together_with_the_next_ones():
    hours = day(4, hours=9, brightness=-4)
    (found,) = drifts(hours)
    assert found.since >= 2  # the first two are what the others are held against


def test_a_sure_difference_that_does_not_matter_is_not_told():
    assert drifts(day(2000, hours=4, brightness=0.3)) == []


def test_cameras_that_are_as_they_were_are_left_in_peace_on_nineteen_days_of_twenty():
    days = [day(12, hours=8, seed=seed) for seed in range(200)]
    said = [any(drifts(hours[:end]) for end in range(1, 9)) for hours in days]
    assert np.mean(said) < 0.05


def told_at(*moments, taken=None, look=None):
    """Let photographs come at some moments, each of a person of its own."""
    told = Told()
    for number, moment in enumerate(moments, start=1):
        told.take("1_OD.jpg", person=number)
        changed = {"arrived": moment, "taken": taken and taken[number - 1], "camera": look}
        photo = msgspec.structs.replace(told.camp.photos[number], **changed)
        told.camp.told[number] = replace(told.camp.told[number], photo=photo)
    return told.camp


def hours(camp):
    return [(each.day, each.time, len(each.photos)) for each in hours_of([*camp.told.values()])]


def test_hours_are_those_in_which_photographs_came_in_their_order_whatever_the_clock():
    camp = told_at("2024-05-17T09:59:59.999+02:00", "2024-05-17T10:00:00.000+02:00",
                   "2024-05-17T10:59:00.000+02:00", "2024-05-17T09:10:00.000+02:00",
                   "2024-05-17T10:05:00.000+02:00")  # fmt: skip
    assert hours(camp) == [
        ("2024-05-17", "09:00", 1), ("2024-05-17", "10:00", 2), ("2024-05-17", "09:00", 1),
        ("2024-05-17", "10:00", 1),
    ]  # fmt: skip


def test_where_each_photograph_tells_it_the_hours_are_the_cameras():
    noon = ["2024-05-17T12:00:00.000+02:00"] * 3
    camp = told_at(
        *noon, taken=["2024-05-17T10:10:00", "2024-05-17T08:00:00", "2024-05-17T08:30:00"]
    )
    assert by_the_camera([*camp.told.values()])
    assert hours(camp) == [("2024-05-17", "08:00", 2), ("2024-05-17", "10:00", 1)]
    camp = told_at(*noon, taken=["2024-05-17T10:10:00", None, "2024-05-17T08:30:00"])
    assert hours(camp) == [("2024-05-17", "12:00", 3)]


def test_a_person_counts_once_and_photographs_without_a_look_not_at_all():
    look = CameraLook(1.0, 2.0, 3.0, 4.0, "0" * 64)
    camp = told_at("2024-05-17T12:00:00.000+02:00", "2024-05-17T12:01:00.000+02:00", look=look)
    one, other = camp.told.values()
    brighter = msgspec.structs.replace(look, brightness=4.0)
    other = replace(other, person=1, photo=msgspec.structs.replace(other.photo, camera=brighter))
    assert values_of([one, other]).tolist() == [[1, 3, 3, 4]]
    bare = replace(one, photo=msgspec.structs.replace(one.photo, camera=None))
    assert values_of([bare]).shape == (0, 4)
