"""What is due from an earlier visit is said, and papers of a visit say what was known then."""

from datetime import date

import pytest

from edge_runtime.station import camp_store
from edge_runtime.station.advice import Advised
from edge_runtime.station.camp_report import camp_report
from edge_runtime.station.events import (
    ConsentTold,
    FollowedUp,
    PeopleMerged,
    PersonCalled,
    PersonReferred,
    Undone,
)
from edge_runtime.station.web import pages
from edge_runtime.station.web.follow_up_page import follow_up_page
from edge_runtime.station.web.plan import plan_of
from tests.edge_runtime.station import camps
from tests.edge_runtime.station.camps import WHEN, Told
from tests.edge_runtime.station.papers.returns import FIRST, NEXT, OPEN, THIRD, Camp
from tests.edge_runtime.station.papers.slips import station_of

UNTOLD = f"Referred at the visit of {FIRST}, and not told where to go"
MISSED = f"Referred at the visit of {FIRST}, and didn't go"


@pytest.fixture
def camp(store, intake, classifier, monkeypatch):
    monkeypatch.setattr(camps, "WHEN", WHEN)
    monkeypatch.setattr(camp_store, "now", lambda: camps.WHEN)
    return Camp(store, station_of(store, intake, classifier), monkeypatch)


def test_a_slip_that_needs_no_referral_says_whom_nobody_told_where_to_go(camp):
    camp.visit(0.9)
    camp.turn()
    camp.visit(0.1)
    advice, why, where = camp.slip()
    assert (advice, where) == ("no-referral", "")  # to be written by hand
    assert why.startswith(f"{UNTOLD}; this visit: No referral; both eyes are below")
    for page in (
        pages.slip_page(camp.station, {}, 1),
        pages.receipt_page(camp.station, {}, 1),
        pages.worklist_page(camp.station, {}),
        pages.now_page(camp.station, {}),
        pages.person_page(camp.station, {}, 1),
    ):
        assert UNTOLD in page
    assert UNTOLD not in pages.worklist_page(camp.station, {"day": FIRST})
    assert UNTOLD not in camp.slip(FIRST)[1]
    camp.store.happen(PersonReferred(1, "City"))
    assert camp.slip() == ("no-referral", why.replace(UNTOLD, OPEN), "City")


def test_who_is_at_the_camera_again_and_who_became_one_are_said_too(camp):
    camp.visit(0.9)
    camp.turn()
    camp.visit(0.1, person=2)
    camp.store.happen(PersonCalled(1))
    assert camp.slip()[:2] == (
        "waiting",
        f"{UNTOLD}; this visit: No photo yet; no photo has come in",
    )
    camp.store.happen(PersonCalled(None), PeopleMerged(1, 2, "one"))
    advice, why, where = camp.slip(person=2)
    assert (advice, where) == ("no-referral", "")
    assert why.startswith(UNTOLD)


def test_who_is_to_be_referred_or_was_told_isnt_asked_about_twice(camp):
    camp.visit(0.9)
    camp.turn()
    camp.visit(0.9)
    assert UNTOLD not in camp.slip()[1]
    camp.turn()
    camp.visit(0.1)
    assert camp.slip()[1].startswith(f"Referred at the visit of {NEXT}, and not told where to go")
    camp.store.happen(FollowedUp(1, True, "they went by themselves"))
    assert "visit of" not in camp.slip()[1]
    assert camp.stage() == "came"


def test_a_round_that_is_over_doesnt_hide_a_later_referral_behind_a_healthy_visit(camp):
    camp.visit(0.9)
    camp.store.happen(PersonReferred(1, "City"), FollowedUp(1, True, "glasses"))
    camp.turn()
    camp.visit(0.9)
    assert camp.stage() == "unplanned"
    camp.turn()
    camp.visit(0.1)
    assert camp.stage() == "unplanned"
    assert camp.slip()[1].startswith(f"Referred at the visit of {NEXT}, and not told where to go")
    assert camp.slip()[2] == ""


def test_who_didnt_go_is_said_on_a_slip_that_needs_no_referral(camp):
    camp.visit(0.9)
    camp.store.happen(PersonReferred(1, "City", FIRST))
    camp.turn()
    camp.visit(0.1)
    assert camp.slip()[2] == "City"
    camp.store.happen(FollowedUp(1, False, "no money"))
    advice, why, where = camp.slip()
    assert (advice, where) == ("no-referral", "")
    assert why.startswith(MISSED)
    assert camp.stage() == "missed"


def test_a_referral_by_a_clock_that_was_ahead_hides_no_new_one(camp):
    camp.turn(200)
    camp.visit(0.9)
    camp.store.happen(PersonReferred(1, "City", "2024-12-05"), FollowedUp(1, True, "glasses"))
    camp.turn(-190)
    camp.visit(0.9)
    assert camp.stage() == "unplanned"
    assert camp.slip() == ("refer", camp.slip()[1], "")
    assert "glasses" not in follow_up_page(camp.station, {})


def test_papers_of_a_day_say_where_to_go_as_it_was_known_until_they_came_again(camp):
    camp.visit(0.9)
    camp.store.happen(PersonReferred(1, "City", FIRST), ConsentTold(1, True, "the school"))
    number = camp.store.happen(PersonReferred(1, "Town", FIRST))[0].number
    camp.turn()
    camp.visit(0.9)
    camp.store.happen(PersonReferred(1, "Other", THIRD), ConsentTold(1, False))
    camp.turn()
    camp.visit(0.1)
    assert [camp.slip(day)[2] for day in (FIRST, NEXT, THIRD, None)] == [
        "Town", "Other", "Other", "Other",
    ]  # fmt: skip
    assert [camp.report(day).contact for day in (FIRST, NEXT)] == ["the school", ""]
    camp.store.happen(Undone(number))
    assert camp.slip(FIRST)[2] == camp.report(FIRST).place == "City"


def test_a_slip_of_who_was_healthy_then_has_nothing_of_a_later_referral(camp):
    camp.visit(0.1)
    camp.turn()
    camp.store.happen(PersonCalled(1))
    camp.store.happen(PersonReferred(1, "City", NEXT))
    assert camp.slip(FIRST)[2] is None
    camp.visit(0.9)
    assert camp.slip(FIRST)[2] is None
    assert (camp.report(FIRST).place, camp.report().place) == ("", "City")


def test_a_slip_says_what_was_due_though_it_was_looked_after_at_a_later_visit(camp):
    camp.visit(0.9)
    camp.turn()
    camp.visit(0.1)
    camp.turn()
    camp.visit(0.1)
    camp.store.happen(PersonReferred(1, "City", THIRD))
    assert camp.slip(NEXT)[1].startswith(UNTOLD)
    assert UNTOLD not in camp.slip()[1]


def test_what_was_said_of_who_became_one_with_somebody_is_on_their_papers(camp):
    camp.visit(0.9)
    camp.store.happen(PersonReferred(1, "City", FIRST))
    camp.turn()
    camp.visit(0.1, person=2)
    done = camp.store.happen(PeopleMerged(1, 2, "one"))[0].number
    camp.store.happen(PersonReferred(2, "Other", THIRD))
    assert (camp.slip(FIRST, 2)[2], camp.slip(None, 2)[2]) == ("City", "Other")
    camp.store.happen(Undone(done))
    assert (camp.slip(None, 1)[2], camp.slip(None, 2)[2]) == ("City", "Other")


def test_most_people_were_here_once_and_nothing_is_looked_up_of_them(monkeypatch):
    told = Told()
    told.take()
    told.take("1_OS.jpg")
    monkeypatch.setattr(
        "edge_runtime.station.follow_up.visits_of", lambda *_: pytest.fail("it was looked up")
    )
    assert plan_of(told.camp, 1, Advised(told.camp), date(2024, 5, 17)).stage is None


def test_what_was_said_of_another_is_not_on_papers_once_it_was_undone_that_they_are_one(camp):
    camp.visit(0.9)
    camp.store.happen(PersonReferred(1, "City", FIRST))
    camp.turn()
    camp.visit(0.1, person=2)
    done = camp.store.happen(PeopleMerged(1, 2, "one"))[0].number
    camp.store.happen(Undone(done))
    camp.turn()
    camp.visit(0.1, person=2)
    assert camp.slip(NEXT, 2)[2] is None


def test_what_was_over_before_they_were_called_again_is_not_on_the_slip(camp):
    camp.visit(0.9)
    camp.store.happen(PersonReferred(1, "City", FIRST), FollowedUp(1, True, "glasses"))
    camp.turn()
    camp.store.happen(PersonCalled(1))
    assert camp.slip()[2] is None


def test_two_visits_of_one_date_by_a_clock_that_was_set_back_are_two(camp):
    camp.visit(0.9)
    camp.turn(-1 / 24)
    camp.visit(0.1)
    assert camp.slip()[:1] + camp.slip(f"{FIRST}.1")[:1] == ("no-referral", "refer")
    assert camp.slip()[1].startswith(UNTOLD)
    assert camp.stage() == "unplanned"
    camp.store.happen(PersonReferred(1, "City", NEXT))
    assert [camp.report(day).place for day in (f"{FIRST}.1", None)] == ["", "City"]


def test_report_table_and_code_say_what_the_slip_says_is_due(camp):
    camp.visit(0.9)
    camp.turn()
    assert camp.due() == ("", "")
    camp.visit(0.1)
    assert camp.due() == ("untold", FIRST)
    assert camp.due(FIRST) == ("", "")
    camp.store.happen(PersonReferred(1, "City", NEXT))
    assert camp.due() == ("open", FIRST)
    camp.store.happen(FollowedUp(1, False, "no money"))
    assert camp.due() == ("missed", FIRST)
    camp.turn()
    camp.visit(0.1)
    assert camp.due() == camp.due(NEXT) == ("missed", FIRST)
    report = camp_report(camp.store, 1, camp.station.classifier)
    assert [each.due and each.due.why for each in report.visits] == [None, "missed", "missed"]
    camp.store.happen(FollowedUp(1, True, "glasses"))
    assert camp.due() == ("", "")
    camp.visit(0.9)
    assert camp.due() == ("", "")  # the referral of now stands in its place


def test_what_was_found_once_they_went_is_due_on_all_papers_of_a_later_visit(camp):
    camp.visit(0.9, eyes="R")
    camp.store.happen(PersonReferred(1, "City"), FollowedUp(1, True, "glasses"))
    assert camp.slip()[2] == "City"
    camp.visit(0.9, eyes="L")
    assert (camp.stage(), camp.slip()[0], camp.slip()[2]) == ("unplanned", "refer", "")
    assert (camp.report().place, camp.report().went) == ("", None)
    assert "glasses" not in follow_up_page(camp.station, {})
    camp.turn()
    camp.visit(0.1)
    assert camp.due() == ("untold", FIRST)
    assert camp.slip()[1].startswith(UNTOLD)
    assert camp.slip(FIRST)[2] == ""
