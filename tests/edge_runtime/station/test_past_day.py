"""A day that was told and is over holds for nothing that is found after it."""

import pytest

from edge_runtime.results.texts import texts
from edge_runtime.station.events import FollowedUp, PersonReferred, VisitGoesOn
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.station.web.plan import over_words
from tests.edge_runtime.station.camps import Told
from tests.edge_runtime.station.referrals import FIRST, NEXT, THIRD, due, on_paper, shown


@pytest.fixture
def told():
    """A person whose right eye was to refer, and who was told a day that is the next one's eve."""
    told = Told()
    told.take("1_OD.jpg", 0.9)
    told.happen(PersonReferred(1, "Clinic A", FIRST))
    return told


def come(told, *scores):
    told.turn()
    for eye, score in zip(("OD", "OS"), scores, strict=True):
        told.take(f"1_{eye}.jpg", score, person=1)


def test_who_is_to_be_referred_again_after_it_is_told_of_nowhere(told):
    assert (shown(told).stage, on_paper(told)) == ("due", "Clinic A")
    come(told, 0.9, 0.1)
    assert (shown(told).stage, shown(told).place, on_paper(told)) == ("unplanned", "", "")
    assert on_paper(told, FIRST) == "Clinic A"  # what was told then was told
    told.happen(PersonReferred(1, "Clinic B", THIRD))
    assert (shown(told).stage, shown(told).place) == ("planned", "Clinic B")
    assert on_paper(told) == "Clinic B"


def test_of_a_healthy_visit_after_that_it_is_due_and_untold_whether_they_went_or_not(told):
    come(told, 0.9, 0.1)
    come(told, 0.1, 0.1)
    assert due(told) == ("untold", NEXT)
    assert (shown(told, today=THIRD).stage, on_paper(told)) == ("unplanned", "")
    told.happen(FollowedUp(1, True))
    assert due(told) == ("untold", NEXT)


def test_a_healthy_visit_after_it_says_that_nobody_knows_whether_they_went(told):
    come(told, 0.1, 0.1)
    assert due(told) == ("open", FIRST)
    assert (shown(told).stage, on_paper(told)) == ("due", "Clinic A")


@pytest.mark.parametrize("day", ["", NEXT, THIRD])
def test_a_day_that_is_to_come_and_a_place_without_one_hold_for_both(day):
    told = Told()
    told.take("1_OD.jpg", 0.9)
    told.happen(PersonReferred(1, "Clinic A", day))
    come(told, 0.9, 0.1)
    assert (shown(told).stage, on_paper(told)) == ("planned", "Clinic A")
    come(told, 0.1, 0.1)
    assert due(told) == ("open", NEXT)


def test_what_is_told_at_a_visit_is_of_it_whatever_the_day(told):
    come(told, 0.9, 0.1)
    told.happen(PersonReferred(1, "Clinic B", FIRST))
    assert (shown(told).stage, on_paper(told)) == ("due", "Clinic B")


def test_what_a_visit_that_goes_on_finds_after_the_day_is_told_of_nowhere(told):
    come(told, 0.9, 0.1)
    told.happen(VisitGoesOn(1, FIRST, NEXT))
    assert (shown(told).stage, on_paper(told)) == ("unplanned", "")


def test_a_visit_that_goes_on_and_finds_nothing_new_keeps_what_was_told(told):
    come(told, 0.1, 0.1)
    told.happen(VisitGoesOn(1, FIRST, NEXT))
    assert (shown(told).stage, on_paper(told)) == ("due", "Clinic A")


def test_what_came_of_the_round_that_is_over_is_said_beside_the_empty_form(told):
    come(told, 0.9, 0.1)
    for went, said in ((None, "not asked"), (True, "yes"), (False, "no")):
        if went is not None:
            told.happen(FollowedUp(1, went, "by bus"))
        over = over_words(shown(told), texts("en", TEXTS))
        assert over.startswith(f"Clinic A, {FIRST}, Went there: {said}")
    told.happen(PersonReferred(1, "Clinic B", THIRD))
    assert over_words(shown(told), texts("en", TEXTS)) == ""


def test_that_they_did_not_go_brings_no_day_back_that_was_over(told):
    come(told, 0.9, 0.1)
    told.happen(FollowedUp(1, False, "no bus"))
    assert (shown(told).stage, shown(told).place, on_paper(told)) == ("unplanned", "", "")
    come(told, 0.1, 0.1)
    assert due(told) == ("untold", NEXT)
    assert (shown(told, today=THIRD).stage, on_paper(told)) == ("unplanned", "")


def test_who_did_not_go_and_needs_no_referral_now_still_did_not_go(told):
    come(told, 0.1, 0.1)
    told.happen(FollowedUp(1, False, "no bus"))
    assert (due(told), shown(told).stage) == (("missed", FIRST), "missed")
