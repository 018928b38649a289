"""What is undone of a referral, and brought back, takes nothing of another one along."""

import pytest

from edge_runtime.station.by_number import said_first
from edge_runtime.station.camp_report import camp_report
from edge_runtime.station.events import (
    ComputerStarted,
    FollowedUp,
    PeopleMerged,
    PersonCalled,
    PersonOpened,
    PersonReferred,
    VisitGoesOn,
)
from edge_runtime.station.hints import Hints
from edge_runtime.station.rounds import told_at
from edge_runtime.station.web.pages import person_page
from tests.edge_runtime.station.papers.referring import referred, rows, send, told, undo, went
from tests.edge_runtime.station.papers.returns import FIRST, NEXT, THIRD


@pytest.fixture
def camp(store, intake, classifier, monkeypatch):
    return referred(store, intake, classifier, monkeypatch)


def first(camp):
    """Number the event by which the person was told first."""
    return camp.store.camp.people[1].referral.key


def came(camp):
    """Tell whether that they went is undone by the report, and how the page writes it."""
    report = camp_report(camp.store, 1, camp.station.classifier)
    (each,) = [each for each in report.history if isinstance(each.event, FollowedUp)]
    page = person_page(camp.station, {}, 1)
    (line,) = [line for line in page.splitlines() if "Went to the appointment" in line]
    return each.undone, "gone" if 'class="gone"' in line else ""


def merged(camp, person, into):
    return camp.store.happen(PeopleMerged(person, into, "one person"))[-1].number


def test_what_was_said_of_a_referral_that_is_undone_is_of_no_other_one(camp):
    went(camp)
    town = told(camp, "Town", THIRD)
    went(camp, False)
    undone = undo(camp, town)
    assert rows(camp) == [(1, FIRST, "City", "yes")]
    assert camp.stage() == "came"
    undo(camp, undone)
    assert rows(camp) == [(1, FIRST, "City", "yes"), (1, FIRST, "Town", "no")]


def test_who_went_where_nobody_tells_them_to_any_more_is_in_no_row_until_somebody_does(camp):
    city = first(camp)
    went(camp)
    undone = undo(camp, city)
    assert rows(camp) == []
    assert camp.stage() == "unplanned"
    assert came(camp) == (True, "gone")
    undo(camp, undone)
    assert came(camp) == (False, "")
    assert rows(camp) == [(1, FIRST, "City", "yes")]


def test_what_put_a_referral_right_stays_where_that_is_undone_and_the_other_way_round(camp):
    city, town = first(camp), told(camp, "Town", THIRD)
    went(camp)
    for number, place in ((town, "City"), (city, "Town")):
        undone = undo(camp, number)
        assert rows(camp) == [(1, FIRST, place, "yes")]
        undo(camp, undone)
    assert rows(camp) == [(1, FIRST, "Town", "yes")]


def test_what_is_put_right_twice_is_one_referral_whichever_of_it_is_undone(camp):
    numbers = first(camp), told(camp, "Town", THIRD), told(camp, "Village", THIRD)
    for number in numbers[:2]:
        undone = undo(camp, number)
        assert [each[2] for each in rows(camp)] == ["Village"]
        undo(camp, undone)
    both = [undo(camp, number) for number in numbers[:2]]
    assert [each[2] for each in rows(camp)] == ["Village"]
    undo(camp, numbers[2])
    assert rows(camp) == []
    undo(camp, both[0])
    assert [each[2] for each in rows(camp)] == ["City"]


def test_of_two_who_became_one_each_referral_is_undone_alone(camp):
    city = first(camp)
    camp.visit(0.9, person=2)
    town = told(camp, "Town", THIRD, person=2)
    went(camp)
    merged(camp, 2, 1)
    assert [each[2:] for each in rows(camp)] == [("City", "yes"), ("Town", "")]
    undone = undo(camp, town)
    assert [each[2:] for each in rows(camp)] == [("City", "yes")]
    undo(camp, undone)
    undo(camp, city)
    assert [each[2:] for each in rows(camp)] == [("Town", "")]
    assert camp.stage() == "planned"


def test_what_is_brought_back_later_has_nothing_of_what_was_said_of_another_one(camp):
    camp.visit(0.9)
    town = told(camp, "Town", THIRD)
    undone = undo(camp, town)
    went(camp)
    undo(camp, undone)
    assert rows(camp) == [(1, FIRST, "City", "yes"), (1, NEXT, "Town", "")]


def test_what_was_put_right_while_two_were_one_is_one_referral_once_they_are_again(camp):
    camp.visit(0.9)
    camp.visit(0.1, person=2)
    told(camp, "Clinic", THIRD)
    merging = merged(camp, 1, 2)
    told(camp, "Town", THIRD, person=2)
    assert [each[2] for each in rows(camp)] == ["City", "Town"]
    undo(camp, merging)
    assert [each[2] for each in rows(camp)] == ["City", "Clinic", "Town"]
    merged(camp, 2, 1)
    assert [each[2] for each in rows(camp)] == ["City", "Town"]


def test_what_was_put_right_at_a_visit_that_is_another_one_after_all_is_told_twice(camp):
    told(camp, "City", THIRD)
    camp.visit(0.9)
    goes_on = camp.store.happen(VisitGoesOn(1, FIRST, NEXT))[-1].number
    told(camp, "Town", THIRD)
    went(camp)
    assert rows(camp) == [(1, FIRST, "Town", "yes")]
    undo(camp, goes_on)
    assert rows(camp) == [(1, FIRST, "City", ""), (1, NEXT, "Town", "yes")]
    assert rows(camp, day=NEXT) == [(1, NEXT, "Town", "yes")]
    assert [camp.referral(day)[::4] for day in (FIRST, NEXT)] == [("City", ""), ("Town", "yes")]


def test_who_was_only_called_on_a_date_that_came_again_is_in_its_table(camp):
    store = camp.store
    store.happen(PersonCalled(1))
    store.happen(ComputerStarted())
    store.happen(PersonOpened(2, "K"), PersonCalled(2), PersonReferred(2, "Town", THIRD))
    store.happen(PersonCalled(None))
    assert [each[2] for each in rows(camp, day=NEXT, people=[2])] == ["Town"]


def test_what_went_along_to_another_person_was_told_when_and_by_whom_it_was(camp):
    store = camp.store
    camp.visit(0.9)
    told(camp, "Clinic", THIRD)
    at = store.camp.history[-1].at
    went(camp)
    camp.turn()
    (key,) = [each.key for each in Hints(store.camp).of(1) if each.kind == "again"]
    done = send(camp, "another", person=1, key=key)
    assert store.camp.history[-1].at[:10] == THIRD
    ((_, moved),) = told_at(store.camp, 2)
    for number in (moved.first, moved.answered):
        assert said_first(store.camp.history, number).at == at
    assert rows(camp) == [(1, FIRST, "City", ""), (2, NEXT, "Clinic", "yes")]
    undo(camp, done)
    assert rows(camp) == [(1, FIRST, "City", ""), (1, NEXT, "Clinic", "yes")]
