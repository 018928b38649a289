"""A referral of which somebody was told where to go is due until it is known that they went."""

import pytest

from edge_runtime.station import camp_store
from edge_runtime.station.events import ConsentTold, FollowedUp, PersonReferred
from edge_runtime.station.web import pages
from tests.edge_runtime.station import camps
from tests.edge_runtime.station.camps import WHEN
from tests.edge_runtime.station.papers.returns import FIRST, NEXT, OPEN, Camp
from tests.edge_runtime.station.papers.slips import station_of


@pytest.fixture
def camp(store, intake, classifier, monkeypatch):
    monkeypatch.setattr(camps, "WHEN", WHEN)
    monkeypatch.setattr(camp_store, "now", lambda: camps.WHEN)
    return Camp(store, station_of(store, intake, classifier), monkeypatch)


@pytest.mark.parametrize("day", [FIRST, "2024-05-30", ""])
def test_a_referral_of_before_of_which_nobody_knows_is_open_at_each_visit_until_somebody_does(
    camp, day
):
    camp.visit(0.9)
    camp.store.happen(PersonReferred(1, "City", day))
    assert camp.due() == ("", "")
    for _ in range(2):
        camp.turn()
        camp.visit(0.1)
        assert camp.due() == ("open", FIRST)
        advice, why, where = camp.slip()
        assert (advice, where) == ("no-referral", "City")
        assert why.startswith(OPEN)
    for page in (
        pages.slip_page(camp.station, {}, 1),
        pages.receipt_page(camp.station, {}, 1),
        pages.worklist_page(camp.station, {}),
        pages.person_page(camp.station, {}, 1),
    ):
        assert OPEN in page
    camp.store.happen(FollowedUp(1, True, "glasses"))
    assert camp.due() == ("", "")
    assert camp.due(NEXT) == ("open", FIRST)  # as it was known then


def test_a_referral_that_was_said_where_no_visit_asked_for_one_is_due_without_a_day(camp):
    camp.visit(0.1)
    camp.store.happen(PersonReferred(1, "City", NEXT))
    assert camp.due() == ("", "")  # it is of this visit
    camp.turn()
    camp.visit(0.1)
    assert camp.due() == ("open", "")
    told = "Referred at an earlier visit and told where to go; nobody knows yet whether they went"
    assert camp.slip()[1].startswith(told)
    camp.store.happen(FollowedUp(1, False))
    assert camp.due() == ("missed", "")
    assert camp.slip()[1].startswith("Referred at an earlier visit, and didn't go")


@pytest.mark.parametrize(("day", "due"), [("", ("missed", FIRST)), (FIRST, ("untold", NEXT))])
def test_that_they_didnt_go_is_said_of_the_visit_before_it_and_of_none_after(camp, day, due):
    camp.visit(0.9)
    camp.store.happen(PersonReferred(1, "City", day), FollowedUp(1, False, "no bus"))
    camp.turn()
    camp.visit(0.9)
    assert camp.due() == ("", "")
    camp.turn()
    camp.visit(0.1)
    assert camp.due() == due  # a day that was over then was told of nothing that came after it


def test_report_and_table_say_alike_where_to_and_why_somebody_didnt_go(camp):
    camp.visit(0.9)
    camp.store.happen(PersonReferred(1, "City", FIRST), ConsentTold(1, True, "the school"))
    camp.store.happen(FollowedUp(1, False, "no bus"))
    for _ in range(2):
        camp.turn()
        camp.visit(0.1)
        assert camp.referral() == ("City", FIRST, "yes", "the school", "no", "no bus")
    camp.store.happen(FollowedUp(1, True, "glasses"))
    assert camp.referral(NEXT) == ("City", FIRST, "yes", "the school", "no", "no bus")
    assert camp.referral() == ("", "", "yes", "the school", "", "")
    camp.store.happen(FollowedUp(1, False, "no bus"))
    camp.turn()
    camp.visit(0.9)
    assert camp.referral() == ("", "", "yes", "the school", "", "")  # to be told anew
    assert camp.referral(FIRST) == ("City", FIRST, "yes", "the school", "no", "no bus")
