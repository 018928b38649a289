"""A day has those who were there then, whenever somebody told them apart."""

from edge_runtime.station.days import chosen_day, days_of, people_of_day
from edge_runtime.station.events import (
    AnotherCame,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PhotoAssigned,
)
from tests.edge_runtime.station.camps import Told

FIRST, NEXT, THIRD = "2024-05-17", "2024-05-18", "2024-05-19"


def test_who_is_told_apart_later_is_on_the_day_of_their_photographs_alone():
    told = Told()
    told.take("P2_OD.jpg")
    told.turn()
    told.take("P2_OS.jpg")
    told.turn()
    told.happen(PersonOpened(2, "P2"), AnotherCame(1, 2, (2,)))
    told.happen(PersonOpened(3), PhotoAssigned(1, 3))
    people = {day: people_of_day(told.camp, day) for day in (FIRST, NEXT, THIRD)}
    assert people == {FIRST: [3], NEXT: [2], THIRD: []}
    assert days_of(told.camp) == [NEXT, FIRST]
    assert chosen_day(told.camp, None) == NEXT


def test_of_whom_there_is_no_photograph_was_there_when_they_came_up():
    told = Told()
    told.happen(PersonOpened(1, "7"), PersonCalled(1), PersonDescribed(1, "7", "Ana"))
    told.happen(PersonCalled(None))
    assert people_of_day(told.camp, FIRST) == [1]
    told.turn()
    told.happen(PersonCalled(1))
    assert people_of_day(told.camp, NEXT) == [1]
    told.take("IMG_1_OD.jpg")
    told.happen(PersonCalled(None))
    assert [people_of_day(told.camp, day) for day in (FIRST, NEXT, None)] == [[], [1], [1]]
    assert days_of(told.camp) == [NEXT]
