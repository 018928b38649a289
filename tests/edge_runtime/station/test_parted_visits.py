"""That a visit goes on counts only while something of both its days is of the person."""

import pytest

from edge_runtime.station.advice import advise
from edge_runtime.station.events import (
    PeopleMerged,
    PersonCalled,
    PersonOpened,
    PhotoAssigned,
    Undone,
    VisitGoesOn,
)
from edge_runtime.station.hints import Hints
from tests.edge_runtime.station.camps import Told

FIRST, NEXT = "2024-05-17", "2024-05-18"


@pytest.fixture
def told():
    """A person whose eyes were healthy, and on the next day another one's photograph."""
    told = Told()
    told.happen(PersonOpened(1, "5"))
    told.take("IMG_1_OS.jpg", 0.1)
    told.take("IMG_2_OD.jpg", 0.1)
    told.turn()
    told.happen(PersonOpened(2, "6"))
    told.take("IMG_3_OS.jpg", 0.1, person=2)
    return told


def advice(told):
    """Say what is advised of the first person once their right eye was photographed again."""
    told.happen(PersonCalled(1))
    told.take("IMG_4_OD.jpg", 0.1)
    found = advise(told.camp, 1)
    asked = [each.kind for each in Hints(told.camp).of(1)]
    return found.advice, found.left.advice, "again" in asked


def test_it_outlives_no_merger_that_was_undone(told):
    merged = told.happen(PeopleMerged(2, 1, "the same"))
    told.happen(VisitGoesOn(1, FIRST, NEXT))
    assert advise(told.camp, 1).advice == "no-referral"
    told.happen(Undone(merged))
    assert advice(told) == ("incomplete", "waiting", True)


def test_nor_that_the_photograph_turned_out_to_be_somebody_elses(told):
    told.happen(PhotoAssigned(3, 1))
    told.happen(VisitGoesOn(1, FIRST, NEXT))
    moved = told.happen(PhotoAssigned(3, 2))
    told.happen(Undone(moved))
    assert len(told.camp.people[1].goes_on) == 1
    told.happen(PhotoAssigned(3, 2))
    assert advice(told) == ("incomplete", "waiting", True)


def test_it_stands_while_another_photograph_of_the_day_is_theirs(told):
    told.take("IMG_5_OD.jpg", 0.1)
    told.happen(PhotoAssigned(3, 1), VisitGoesOn(1, FIRST, NEXT), PhotoAssigned(3, 2))
    assert told.camp.people[1].goes_on == ((FIRST, NEXT),)
    assert advise(told.camp, 1).advice == "no-referral"


def test_a_photograph_that_is_given_to_whom_it_is_of_parts_nothing(told):
    told.happen(PhotoAssigned(3, 1), VisitGoesOn(1, FIRST, NEXT), PhotoAssigned(3, 1))
    assert told.camp.people[1].goes_on == ((FIRST, NEXT),)


def test_who_became_one_with_somebody_keeps_their_visit(told):
    told.happen(PersonOpened(3, "7"), PhotoAssigned(3, 1), VisitGoesOn(1, FIRST, NEXT))
    told.happen(PeopleMerged(1, 3, "the same"))
    assert told.camp.people[3].goes_on == ((FIRST, NEXT),)
    assert advise(told.camp, 3).advice == "no-referral"


def test_nor_a_call_of_which_came_nothing():
    told = Told()
    told.happen(PersonOpened(1, "5"))
    for name in ("IMG_1_OS.jpg", "IMG_2_OD.jpg"):
        told.take(name, 0.1)
    told.turn()
    told.happen(PersonCalled(1), VisitGoesOn(1, FIRST, NEXT), PersonCalled(1))
    assert advise(told.camp, 1).advice == "no-referral"  # the same call, twice
    told.happen(PersonCalled(None))
    told.happen(PersonCalled(1))
    told.take("IMG_3_OD.jpg", 0.1)
    assert advise(told.camp, 1).advice == "incomplete"
    assert [each.kind for each in Hints(told.camp).of(1)] == ["again"]


def test_it_stands_where_somebody_is_called_again_after_a_photograph():
    told = Told()
    told.take("IMG_1_OS.jpg", 0.1)
    told.turn()
    told.happen(PersonCalled(1), VisitGoesOn(1, FIRST, NEXT))
    told.take("IMG_2_OD.jpg", 0.1)
    told.happen(PersonCalled(None), PersonCalled(1))
    assert advise(told.camp, 1).advice == "no-referral"
