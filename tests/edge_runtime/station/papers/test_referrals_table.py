"""Each referral has a row of its own, with what came of it, whatever comes after it."""

import csv

import pytest

from edge_runtime.predict.record import no_formula
from edge_runtime.station.about import Past
from edge_runtime.station.camp_report import camp_report
from edge_runtime.station.events import (
    ConsentTold,
    FollowedUp,
    PeopleMerged,
    PersonDescribed,
    PersonReferred,
    Undone,
    VisitGoesOn,
)
from edge_runtime.station.web.referrals_table import referrals_csv
from tests.edge_runtime.station.papers.referring import referred, rows, told
from tests.edge_runtime.station.papers.returns import FIRST, NEXT, THIRD


@pytest.fixture
def camp(store, intake, classifier, monkeypatch):
    return referred(store, intake, classifier, monkeypatch)


def test_a_further_appointment_leaves_that_they_went_to_the_one_before(camp):
    camp.store.happen(FollowedUp(1, True, "seen"), PersonReferred(1, "City", THIRD))
    assert rows(camp) == [(1, FIRST, "City", "yes"), (1, FIRST, "City", "")]
    camp.store.happen(FollowedUp(1, False))
    assert rows(camp) == [(1, FIRST, "City", "yes"), (1, FIRST, "City", "no")]
    camp.store.happen(Undone(camp.store.camp.history[-1].number))
    assert rows(camp) == [(1, FIRST, "City", "yes"), (1, FIRST, "City", "")]


def test_who_went_on_another_day_of_a_joined_visit_is_counted(camp):
    camp.store.happen(FollowedUp(1, True, "seen"))
    camp.turn()
    camp.visit(0.9)
    camp.store.happen(VisitGoesOn(1, FIRST, THIRD))
    assert rows(camp) == [(1, FIRST, "City", "yes")]
    camp.store.happen(PersonReferred(1, "Town", THIRD))
    assert rows(camp) == [(1, FIRST, "City", "yes"), (1, FIRST, "Town", "")]


def test_what_was_told_at_each_visit_is_of_it_and_of_its_day(camp):
    camp.visit(0.9)
    camp.store.happen(FollowedUp(1, True), PersonReferred(1, "Town", THIRD))
    assert rows(camp) == [(1, FIRST, "City", "yes"), (1, NEXT, "Town", "")]
    assert rows(camp, day=FIRST) == [(1, FIRST, "City", "yes")]
    assert rows(camp, day=NEXT) == [(1, NEXT, "Town", "")]


def test_a_place_or_day_that_is_put_right_is_the_same_referral_until_they_went(camp):
    store = camp.store
    told(camp, "City", THIRD)
    assert rows(camp) == [(1, FIRST, "City", "")]
    told(camp, "City", NEXT)
    store.happen(FollowedUp(1, True, "seen"))
    told(camp, "City Hospital", NEXT)
    assert rows(camp) == [(1, FIRST, "City Hospital", "yes")]
    assert (store.camp.people[1].plan.came, camp.stage()) == (True, "came")
    assert camp.referral(FIRST)[:2] == ("City Hospital", NEXT)
    told(camp, "Town", "")
    told(camp, "Town", THIRD)  # place first, day later
    assert rows(camp)[1:] == [(1, FIRST, "Town", "")]
    assert store.camp.people[1].plan.came is None


def test_where_the_day_is_over_another_day_is_another_referral(camp):
    camp.turn()
    told(camp, "City Hospital", NEXT)
    assert rows(camp) == [(1, FIRST, "City Hospital", "")]
    told(camp, "City Hospital", THIRD)
    assert [each[2] for each in rows(camp)] == ["City Hospital"] * 2


@pytest.mark.parametrize("score", [0.1, 0.9])
def test_what_is_told_at_a_further_visit_is_another_referral_though_its_day_is_the_same(
    camp, score
):
    camp.store.happen(PersonReferred(1, "City", THIRD))  # in the place of the one before
    camp.visit(score)
    told(camp, "Town", THIRD)
    camp.store.happen(FollowedUp(1, True, "seen"))
    assert rows(camp)[1:] == [(1, FIRST, "City", ""), (1, NEXT, "Town", "yes")]
    assert rows(camp, day=NEXT) == [(1, NEXT, "Town", "yes")]
    assert camp.referral(FIRST)[:2] == ("City", THIRD)
    assert camp.referral(FIRST)[4] == ""


def test_what_is_told_for_the_day_of_the_referral_of_before_is_another_where_that_is_over(camp):
    camp.visit(0.9)  # on the day that was told
    camp.store.happen(FollowedUp(1, True, "seen"))
    told(camp, "Town", NEXT)
    assert rows(camp) == [(1, FIRST, "City", "yes"), (1, NEXT, "Town", "")]
    assert camp.store.camp.people[1].plan.came is None


def test_who_went_and_was_told_nothing_has_a_row_without_a_place(camp):
    camp.visit(0.9, person=2)
    camp.store.happen(FollowedUp(2, True, "by themselves"))
    assert rows(camp) == [(1, FIRST, "City", ""), (2, NEXT, "", "yes")]


@pytest.mark.parametrize("into", [1, 2])
def test_who_was_told_as_one_and_said_to_have_gone_as_another_went_there(camp, into):
    store = camp.store
    camp.visit(0.1, person=2)
    camp.turn()
    store.happen(FollowedUp(2, True, "seen"), PeopleMerged(3 - into, into, "one person"))
    assert rows(camp) == [(into, FIRST, "City", "yes")]
    assert camp.stage(into) == "came"
    assert camp.slip(person=into)[0] == "no-referral"
    assert "not told where to go" not in camp.slip(person=into)[1]
    store.happen(Undone(camp.store.camp.history[-1].number))
    assert rows(camp) == [(1, FIRST, "City", ""), (2, NEXT, "", "yes")]


def test_who_became_one_by_way_of_a_third_went_there_too(camp):
    for person in (2, 3):
        camp.visit(0.1, person=person)
    camp.store.happen(FollowedUp(3, True, "seen"), PeopleMerged(3, 2, "one person"))
    assert rows(camp)[1:] == [(2, NEXT, "", "yes")]
    camp.store.happen(PeopleMerged(2, 1, "one person"))
    assert rows(camp) == [(1, FIRST, "City", "yes")]
    assert camp.stage() == "came"


def test_who_did_not_go_and_came_to_a_visit_that_goes_on_has_no_day_that_is_over_on_paper(camp):
    camp.turn()
    camp.visit(0.9)
    camp.store.happen(FollowedUp(1, False, "no bus"), VisitGoesOn(1, FIRST, THIRD))
    assert camp.stage() == "unplanned"
    assert not camp.slip()[2]  # there is room to write
    assert rows(camp) == [(1, FIRST, "City", "no")]
    told(camp, "Town", THIRD)  # nothing stands there to be put right
    assert rows(camp) == [(1, FIRST, "City", "no"), (1, FIRST, "Town", "")]


def test_who_went_before_they_were_told_as_another_is_not_taken_to_have_gone_there(camp):
    for person in (2, 3):
        camp.visit(0.9, person=person)
    camp.store.happen(FollowedUp(2, True, "seen"))
    camp.store.happen(PersonReferred(3, "Town", THIRD), PeopleMerged(2, 3, "one person"))
    assert rows(camp)[1:] == [(3, NEXT, "", "yes"), (3, NEXT, "Town", "")]
    assert camp.store.camp.people[3].plan.came is None


def test_who_went_before_they_were_told_again_went_to_where_they_were_told_first(camp):
    camp.visit(0.9, person=2)
    camp.store.happen(FollowedUp(2, True, "seen"))
    camp.store.happen(PersonReferred(1, "Town", THIRD), PeopleMerged(2, 1, "one person"))
    assert rows(camp) == [(1, FIRST, "City", "yes"), (1, NEXT, "Town", "")]
    assert camp.store.camp.people[1].plan.came is None


@pytest.mark.parametrize("into", [1, 2])
def test_of_two_who_were_told_both_the_last_one_counts_with_what_was_said_of_it(camp, into):
    camp.visit(0.9, person=2)
    camp.store.happen(PersonReferred(2, "Town", THIRD), FollowedUp(2, True, "seen"))
    camp.store.happen(FollowedUp(1, False, "no bus"), PeopleMerged(3 - into, into, "one person"))
    assert rows(camp) == [(into, FIRST, "City", "no"), (into, NEXT, "Town", "yes")]
    assert camp.stage(into) == "came"
    assert camp.referral(NEXT, person=into)[:2] == ("Town", THIRD)
    assert camp.referral(NEXT, person=into)[4] == "yes"


def test_of_two_who_were_told_both_each_referral_stays_and_all_that_was_said_is_in_the_history(
    camp,
):
    store = camp.store
    store.happen(ConsentTold(1, True, "555"), PersonDescribed(1, "7", "Ana"))
    camp.visit(0.9, person=2)
    store.happen(PersonReferred(2, "Town", THIRD), PeopleMerged(1, 2, "one person"))
    assert {each[1:] for each in rows(camp)} == {(FIRST, "City", ""), (NEXT, "Town", "")}
    kinds = {type(each.event) for each in Past(store.camp, 2).of(2)}
    assert {PersonReferred, ConsentTold, PersonDescribed} <= kinds
    history = camp_report(store, 2, camp.station.classifier).history
    assert "555" in repr(history)
    assert "City" in repr(history)


def test_a_row_says_who_told_it_and_when_and_is_no_formula(camp):
    told(camp, "City", THIRD)
    camp.store.happen(FollowedUp(1, False, "=1+1"), by="Leo")
    table = referrals_csv(camp.store.camp).removeprefix("\ufeff").splitlines()
    (row,) = csv.DictReader(table)
    assert (row["told_by"], row["noted_by"]) == ("Ana", "Leo")
    assert (row["told"][:10], row["put_right"][:10]) == (FIRST, NEXT)
    assert (row["referral_day"], row["put_right_by"]) == (THIRD, "")
    assert row["noted"][:10] == NEXT
    assert row["follow_up_note"] == no_formula("=1+1") != "=1+1"
    assert "not a validated diagnostic tool" in row["disclaimer"]
