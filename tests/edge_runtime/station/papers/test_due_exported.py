"""What is due from an earlier visit is said alike in all that an export gives to a hospital."""

import csv

import pytest

from edge_runtime.exchange import codes
from edge_runtime.station.camp_report import read_camp_report
from edge_runtime.station.events import FollowedUp, PersonReferred, ResultOverridden
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
    return row["due"], row["due_since"]


def test_all_of_an_export_says_what_is_due_until_it_is_looked_after(days, store):
    assert told(days.exported()) == ("untold", MONDAY)
    assert told(days.exported(MONDAY)) == ("", "")
    store.happen(PersonReferred(1, "City", TUESDAY))
    assert told(days.exported()) == ("", "")
    store.happen(FollowedUp(1, False, "no money"))
    days.turn(WEDNESDAY)
    days.come("5_OD_3.jpg", "5_OS_3.jpg")
    store.happen(*(ResultOverridden(each, "no-referral", "healthy") for each in (5, 6)))
    assert told(days.exported()) == ("missed", "")
