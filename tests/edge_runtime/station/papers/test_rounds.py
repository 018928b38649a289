"""A referral and an order are of their visit, whatever was said and wanted at one of before."""

from datetime import date, timedelta

import pytest

from edge_runtime.station import camp_store
from edge_runtime.station.advice import Advised
from edge_runtime.station.camp_report import camp_report
from edge_runtime.station.camp_results import camp_words, of_last_visit
from edge_runtime.station.events import (
    ConsentTold,
    FollowedUp,
    PeopleMerged,
    PersonCalled,
    PersonExpected,
    PersonReferred,
)
from edge_runtime.station.orders import Order
from edge_runtime.station.papers.slip import slip_of
from edge_runtime.station.web import pages
from edge_runtime.station.web.actions import events_of
from edge_runtime.station.web.form_error import FormError
from edge_runtime.station.web.plan import plan_of
from tests.edge_runtime.station import camps
from tests.edge_runtime.station.camps import WHEN, added, jpeg
from tests.edge_runtime.station.papers.slips import PICTURES, station_of

FIRST, NEXT = "2024-05-17", "2024-05-18"


@pytest.fixture
def station(store, intake, classifier, monkeypatch):
    """A station with a person who was referred, and is to be again by the photo of the next day."""
    monkeypatch.setattr(camp_store, "now", lambda: camps.WHEN)
    added(store, "5_OD.jpg", 0.9, pictures=PICTURES)
    store.happen(PersonReferred(1, "Old clinic", FIRST), ConsentTold(1, True, "the school"))
    monkeypatch.setattr(camps, "WHEN", WHEN + timedelta(days=1))
    store.happen(PersonCalled(1))
    added(store, "5_OS.jpg", 0.9, person=1, pictures=PICTURES, at=camps.WHEN)
    for photo in (1, 2):
        for name in PICTURES:
            store.picture(photo, name).write_bytes(jpeg(photo))
    return station_of(store, intake, classifier)


def plan(store, person=1):
    return plan_of(store.camp, person, Advised(store.camp), date.fromisoformat(NEXT))


def test_who_says_on_their_return_that_they_went_is_to_be_told_anew(station):
    station.store.happen(FollowedUp(1, True, "operated"))  # on the day of the new visit
    assert plan(station.store).stage == "unplanned"
    assert "Old clinic" not in dict(slip_of(station, 1).blanks).values()
    assert ("Referred to", "Old clinic") in slip_of(station, 1, day=FIRST).blanks


def test_who_was_told_anew_and_went_on_that_day_is_done(station):
    store = station.store
    store.happen(FollowedUp(1, True), PersonReferred(1, "New clinic", NEXT), FollowedUp(1, True))
    assert plan(store).stage == "came"
    assert ("Referred to", "New clinic") in slip_of(station, 1).blanks


def test_two_who_became_one_keep_when_they_were_referred(station):
    store = station.store
    added(store, "6_OD.jpg", 0.9, pictures=PICTURES, at=WHEN + timedelta(days=1))
    store.happen(FollowedUp(1, True), PeopleMerged(1, 2, "one person"))
    assert plan(store, 2).stage == "unplanned"


def test_a_new_round_begins_with_an_empty_form_and_the_old_day_isnt_taken(station):
    store = station.store
    old = {"person": "1", "place": "Old clinic", "day": FIRST}
    store.happen(FollowedUp(1, True, "operated"))
    shown = plan(store)
    assert (shown.place, shown.day, shown.came, shown.note) == ("", "", None, "")
    assert (shown.may_call, shown.contact) == (True, "the school")
    page = pages.person_page(station, {}, 1)
    assert f'value="{FIRST}"' not in page
    assert f'min="{NEXT}"' in page
    assert "operated" in page  # in the history
    with pytest.raises(FormError, match=r"error\.day_of_referral"):
        events_of("refer", old, store.camp, person=2)


def sent(station, day=None):
    """What a hospital is told: the referral, the study and the accession number."""
    found = camp_words(of_last_visit(camp_report(station.store, 1, station.classifier, day=day)))
    return found.place, found.day, found.study_uid, found.accession


def test_a_hospital_gets_the_study_that_was_ordered_for_the_visit_alone(station):
    monday, later = Order("1.2.1", "A1", time=f"{FIRST}T10:15"), Order("1.2.2", "A2", time=NEXT)
    station.store.happen(PersonExpected(1, "M3", "H", orders=(monday,)))
    assert sent(station)[2:] == ("", "")
    assert sent(station, FIRST)[2:] == ("1.2.1", "A1")
    station.store.happen(PersonExpected(1, "M3", "H", orders=(later,)))
    assert sent(station)[2:] == ("1.2.2", "A2")
    assert sent(station, FIRST)[2:] == ("1.2.1", "A1")


def test_a_hospital_isnt_told_of_a_referral_that_was_over_before_the_visit(station):
    assert sent(station)[:2] == ("", "")  # its day was over, as on the slip
    station.store.happen(FollowedUp(1, True, "operated"))
    assert sent(station)[:2] == ("", "")
    assert sent(station, FIRST)[:2] == ("Old clinic", FIRST)
    report = camp_report(station.store, 1, station.classifier)
    assert (report.referral.went, report.referral.contact) == (None, "the school")
