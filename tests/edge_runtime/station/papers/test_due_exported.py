"""What is due from an earlier visit is said alike in all that an export gives to a hospital."""

import csv

import pytest

from edge_runtime.exchange import codes
from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms
from edge_runtime.exchange.deidentify.reports import Nameless
from edge_runtime.results.texts import texts
from edge_runtime.station.camp_report import read_camp_report
from edge_runtime.station.events import FollowedUp, PersonReferred, ResultOverridden
from edge_runtime.station.papers.nameless_folder import nameless_entries
from edge_runtime.station.parcel import fill
from edge_runtime.station.web.frame import TEXTS
from tests.edge_runtime.exchange.read_fhir import read_bundle
from tests.edge_runtime.exchange.read_report import read_report
from tests.edge_runtime.station.papers.exported_visits import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Days,
    resources,
)


@pytest.fixture
def days(store, intake, classifier, monkeypatch):
    """A camp of a person who was to be referred on Monday, and not on Tuesday."""
    days = Days(store, intake, classifier, monkeypatch)
    days.come("5_OD.jpg", "5_OS.jpg")
    store.happen(ResultOverridden(1, "refer", "bleeding"))
    days.turn(TUESDAY)
    days.come("5_OD_2.jpg", "5_OS_2.jpg")
    store.happen(*(ResultOverridden(each, "no-referral", "healthy") for each in (3, 4)))
    return days


def told(exported):
    """Give what report, table, SR and FHIR say is due, one word and one day of them all."""
    (folder,) = (each for each in exported.folder.iterdir() if each.is_dir())
    report = read_camp_report(folder / "report.json")
    sr = read_report(folder / "dicom" / "report.dcm").camp
    bundle = read_bundle((folder / "bundle.json").read_bytes())
    assert sr == bundle.camp
    said = {each.concept: each.value for each in sr}
    table = (exported.folder / "camp.csv").read_text("utf-8-sig")
    *_, row = csv.DictReader(table.splitlines())
    due = report.due
    words = said.get(codes.DUE_SINCE)
    assert (row["due"], row["due_since"]) == ((due.why, due.day) if due else ("", ""))
    assert (words.text if words else "") == row["due_since"]
    code = said[codes.DUE].code.value if codes.DUE in said else "due-"
    assert code == f"due-{row['due']}"
    (whole,) = resources(exported.people[folder.name].bundle, "DiagnosticReport")
    assert ("Referral of an earlier visit that is still due" in whole["conclusion"]) is bool(due)
    place, day = (said[each].text if each in said else "" for each in (
        codes.REFERRED_TO, codes.REFERRED_ON,
    ))  # fmt: skip
    assert (place, day) == (report.referral.place, report.referral.day)
    assert (place, day) == (row["referred_to"], row["referral_day"])
    went = {True: "yes", False: "no", None: ""}[report.referral.went]
    assert (went, report.referral.note) == (row["went"], row["follow_up_note"])
    assert f"told to go there: {day}" in whole["conclusion"] or not day
    if due and place:  # beside each other, as one belongs to the other
        assert f"{due.day}. Where the person was told to go: {place}" in whole["conclusion"]
    return row["due"], row["due_since"]


def test_all_of_an_export_says_what_is_due_until_it_is_looked_after(days, store):
    assert told(days.exported()) == ("untold", MONDAY)
    assert told(days.exported(MONDAY)) == ("", "")
    store.happen(PersonReferred(1, "City", TUESDAY))
    assert told(days.exported()) == ("open", MONDAY)
    store.happen(FollowedUp(1, False, "no money"))
    days.turn(WEDNESDAY)
    days.come("5_OD_3.jpg", "5_OS_3.jpg")
    store.happen(*(ResultOverridden(each, "no-referral", "healthy") for each in (5, 6)))
    assert told(days.exported()) == ("missed", MONDAY)
    (folder,) = days.exported().people.values()
    (whole,) = resources(folder.bundle, "DiagnosticReport")
    assert "Where the person was told to go: City" in whole["conclusion"]


def test_who_comes_again_after_their_appointment_is_said_to_be_open(days, store):
    store.happen(PersonReferred(1, "City", TUESDAY))
    days.turn(WEDNESDAY)
    days.come("5_OD_3.jpg", "5_OS_3.jpg")
    store.happen(*(ResultOverridden(each, "no-referral", "healthy") for each in (5, 6)))
    assert told(days.exported()) == told(days.exported(WEDNESDAY)) == ("open", MONDAY)
    assert told(days.exported(MONDAY)) == ("", "")


@pytest.mark.parametrize("moves_dates", [True, False])
@pytest.mark.parametrize("went", [None, False])
def test_an_export_without_names_says_what_is_due_and_neither_where_to_nor_why_not(
    days, store, tmp_path, went, moves_dates
):
    store.happen(PersonReferred(1, "City", TUESDAY))
    if went is False:
        store.happen(FollowedUp(1, went, "no bus"))
    given, nameless = days.exported().folder, Nameless(Pseudonyms(bytes(32)), moves_dates)
    made = tmp_path / "nameless"
    made.mkdir()
    fill(made, nameless_entries(given, nameless, texts("en", TEXTS)))
    (file,) = made.glob("*/report.json")
    report = read_camp_report(file)
    *_, row = csv.DictReader((made / "camp.csv").read_text("utf-8-sig").splitlines())
    assert report.due.why == row["due"] == ("open" if went is None else "missed")
    assert report.due.day == row["due_since"]
    assert bool(report.due.day) is bool(report.referral.day) is moves_dates
    assert report.due.day != MONDAY
    assert (report.referral.place, report.referral.note) == ("", "")
    assert not any(b"City" in each.read_bytes() for each in (file, made / "camp.csv"))
