"""A person of a camp is one person to a hospital, at each visit and whatever else is said."""

import pytest
from msgspec.structs import replace

from edge_runtime.exchange.deidentify.reports import NO_TIME
from edge_runtime.station.camp_report import camp_report
from edge_runtime.station.camp_results import camp_results
from edge_runtime.station.events import PersonDescribed
from tests.edge_runtime.station.papers.exported_visits import (
    MONDAY,
    WEDNESDAY,
    Days,
)


@pytest.fixture
def days(store, intake, classifier, monkeypatch):
    return Days(store, intake, classifier, monkeypatch)


def patients(exported):
    """Give by folder of whom FHIR tells: what a server finds them by."""
    found = {}
    for folder, each in exported.people.items():
        (entry,) = (e for e in each.bundle["entry"] if "Patient" in e["request"]["url"])
        found[folder] = entry["fullUrl"], entry["request"]["ifNoneExist"]
    return found


def test_two_visits_of_a_person_are_of_one_patient_in_fhir(days):
    days.come("5_OD.jpg")
    days.come("6_OD.jpg")
    days.turn(WEDNESDAY)
    days.come("5_OD_2.jpg")
    days.come("6_OD_2.jpg")
    then, now = (patients(days.exported(day, has_dicom=False)) for day in (MONDAY, WEDNESDAY))
    assert then == now
    assert len({*then.values()}) == 2
    days.store.happen(PersonDescribed(1, "5", "Ana", 1950))
    assert patients(days.exported(has_dicom=False)) == then


def test_without_names_a_person_is_told_by_the_pseudonym(days, store, classifier):
    days.come("5_OD.jpg")
    report = replace(camp_report(store, 1, classifier), since=NO_TIME, given_id="0abc")
    found = camp_results(
        report, report.report, name="0abc", originals={}, overlays={}, dates="REMOVED"
    )
    assert found.said().patient.key == "0abc"
