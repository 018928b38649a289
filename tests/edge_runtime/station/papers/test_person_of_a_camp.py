"""A person of a camp is one person to a hospital, at each visit and whatever else is said."""

import pytest
from msgspec.structs import replace

from edge_runtime.exchange.deidentify.reports import NO_TIME
from edge_runtime.station.another import another_than
from edge_runtime.station.camp_report import camp_report
from edge_runtime.station.camp_results import camp_results
from edge_runtime.station.events import PeopleMerged, PersonDescribed, PersonExpected
from edge_runtime.station.first_called import FirstCalled
from edge_runtime.station.visits import return_of
from tests.edge_runtime.station.camps import Told
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


def ids(exported):
    return {
        name: {
            (str(data.PatientID), data.get("IssuerOfPatientID")) for data in each.objects.values()
        }
        for name, each in exported.people.items()
    }


def test_who_had_an_id_first_keeps_it_when_another_day_has_the_same_number(days, store):
    days.come("1_OD.jpg")
    first = days.exported(MONDAY, issuer="Camp 7")
    assert ids(first) == {"0001-1": {("1", "Camp 7")}}
    days.turn(WEDNESDAY)
    days.come("1_OD_2.jpg")
    back = return_of(store.camp, 1)
    store.happen(*another_than(store.camp, 1, back, new=store.next_person()))
    again = days.exported(MONDAY, issuer="Camp 7")
    assert ids(again) == ids(first)
    assert patients(again) == patients(first)
    ((other,),) = ids(days.exported(WEDNESDAY, issuer="Camp 7")).values()
    assert (other[0][:5], other[1]) == ("camp-", "fundus-edge")
    store.happen(PersonDescribed(1, "17"))  # what was exported as 1 stays that
    both = ids(days.exported(issuer="Camp 7"))
    assert both == {"0001-17": {("17", "Camp 7")}, "0002-1": {other}}


def told(*events):
    camp = Told()
    camp.take("a.jpg", person=1)
    camp.take("b.jpg", person=2)
    camp.happen(*events)
    return [FirstCalled(camp.camp).is_anothers(each) for each in sorted(camp.camp.people)]


LISTED = PersonExpected(2, "P17", "H")
LATER = PersonDescribed(2, "p 17")


@pytest.mark.parametrize(
    ("events", "anothers"),
    [
        ([PersonDescribed(1, "P-17")], [False, False]),
        ([PersonDescribed(1, "P-17"), LATER], [False, True]),
        ([LATER, PersonDescribed(1, "P-17")], [True, False]),
        ([PersonDescribed(1, "P-17"), PersonDescribed(1, "9"), LATER], [False, True]),
        ([PersonDescribed(1, "P-17"), LISTED], [True, True]),  # 2 is told by the hospital's
        ([PersonDescribed(1, "P-17"), LATER, PeopleMerged(1, 2, "one")], [False]),
    ],
)  # fmt: skip
def test_an_id_is_whose_it_was_first_however_written_but_a_hospitals_patients(events, anothers):
    assert told(*events) == anothers
