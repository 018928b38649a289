"""That somebody went is often said when they are here again: it is of the visit that told them."""

import csv
import json

import pytest

from edge_runtime.station import camp_store
from edge_runtime.station.camp_report import camp_report, read_camp_report, report_text
from edge_runtime.station.events import (
    FollowedUp,
    PeopleMerged,
    PersonCalled,
    PersonReferred,
    Undone,
)
from edge_runtime.station.web.export import camp_csv
from tests.edge_runtime.station import camps
from tests.edge_runtime.station.camps import WHEN
from tests.edge_runtime.station.papers.returns import FIRST, NEXT, THIRD, Camp
from tests.edge_runtime.station.papers.slips import station_of

_WORDS = {True: "yes", False: "no", None: ""}


@pytest.fixture
def camp(store, intake, classifier, monkeypatch):
    """A camp whose person is to be referred by the first visit, and was told where to."""
    monkeypatch.setattr(camps, "WHEN", WHEN)
    monkeypatch.setattr(camp_store, "now", lambda: camps.WHEN)
    camp = Camp(store, station_of(store, intake, classifier), monkeypatch)
    camp.visit(0.9)
    store.happen(PersonReferred(1, "City", NEXT))
    camp.turn()
    return camp


def went(camp, person=1):
    """Give where to, whether and what for of each visit, as table and reports have it."""
    whole = camp_report(camp.store, person, camp.station.classifier)
    rows = csv.DictReader(camp_csv(camp.store.camp).removeprefix("\ufeff").splitlines())
    in_table = {
        each["visit"]: (each["referred_to"], each["went"], each["follow_up_note"])
        for each in rows
        if each["person"] == str(person)
    }
    for each in whole.visits:
        told, day = each.referral, each.days[0]
        assert in_table[day] == (told.place, _WORDS[told.went], told.note)
        assert camp_report(camp.store, person, camp.station.classifier, day=day).referral == told
    assert whole.referral == whole.visits[-1].referral
    return in_table


@pytest.mark.parametrize(("said", "word"), [(True, "yes"), (False, "no")])
def test_it_is_of_the_visit_that_told_them_whatever_the_next_one_finds(camp, said, word):
    camp.turn()
    camp.visit(0.9)
    assert went(camp) == {FIRST: ("City", "", ""), THIRD: ("", "", "")}
    camp.store.happen(FollowedUp(1, said, "asked"))
    assert went(camp) == {FIRST: ("City", word, "asked"), THIRD: ("", "", "")}


def test_it_is_so_where_the_next_visit_needs_no_referral(camp):
    camp.visit(0.1)
    camp.store.happen(FollowedUp(1, True, "glasses"))
    assert went(camp) == {FIRST: ("City", "yes", "glasses"), NEXT: ("", "", "")}


def test_what_comes_of_the_next_referral_is_not_of_the_one_before(camp):
    camp.turn()
    camp.visit(0.9)
    camp.store.happen(FollowedUp(1, True), PersonReferred(1, "Town", THIRD))
    camp.store.happen(FollowedUp(1, False, "no bus"))
    assert went(camp) == {FIRST: ("City", "yes", ""), THIRD: ("Town", "no", "no bus")}


def test_it_counts_though_it_is_said_between_the_call_and_the_photographs(camp):
    camp.store.happen(PersonCalled(1), FollowedUp(1, True, "drops"))
    assert went(camp)[FIRST] == ("City", "yes", "drops")
    camp.visit(0.1)
    assert went(camp)[FIRST] == ("City", "yes", "drops")


def test_what_was_said_last_counts_and_what_was_undone_does_not(camp):
    camp.visit(0.1)
    camp.store.happen(FollowedUp(1, False, "no money"))
    camp.turn()
    camp.visit(0.1)
    camp.store.happen(FollowedUp(1, True, "operated"))
    assert went(camp)[FIRST] == ("City", "yes", "operated")
    assert went(camp)[NEXT] == ("City", "no", "no money")  # as it was known of what was due then
    camp.store.happen(Undone(camp.store.camp.history[-1].number))
    assert went(camp)[FIRST] == ("City", "no", "no money")


def test_of_a_visit_at_which_something_else_was_due_it_stands_as_it_was_known_then(camp):
    camp.visit(0.1)
    camp.turn()
    camp.visit(0.1)
    camp.store.happen(FollowedUp(1, True, "glasses"))
    assert went(camp) == {
        FIRST: ("City", "yes", "glasses"), NEXT: ("City", "", ""), THIRD: ("", "", ""),
    }  # fmt: skip


def test_who_was_told_at_a_healthy_visit_of_what_was_found_before_it(camp):
    store = camp.store
    store.happen(Undone(store.camp.history[-1].number))
    camp.visit(0.1)
    store.happen(PersonReferred(1, "Town", THIRD))
    camp.turn()
    camp.visit(0.1)
    store.happen(FollowedUp(1, True, "laser"))
    assert went(camp) == {FIRST: ("", "", ""), NEXT: ("Town", "yes", "laser"), THIRD: ("", "", "")}


def test_two_who_became_one_keep_what_came_of_the_referral_of_each(camp):
    store = camp.store
    camp.visit(0.9, person=2)
    store.happen(PersonReferred(2, "Town", THIRD), FollowedUp(2, False, "no bus"))
    store.happen(FollowedUp(1, True, "glasses"), PeopleMerged(2, 1, "one person"))
    assert went(camp)[FIRST] == ("City", "yes", "glasses")


def test_a_report_of_an_older_version_is_read_without_it(camp, tmp_path):
    report = json.loads(report_text(camp_report(camp.store, 1, camp.station.classifier)))
    del report["visits"][0]["referral"]
    (tmp_path / "report.json").write_text(json.dumps(report), "ascii")
    assert read_camp_report(tmp_path / "report.json").visits[0].referral is None
