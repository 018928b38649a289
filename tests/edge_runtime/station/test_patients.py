"""Whoever is called from a worklist, by a file or by a number is one person, and nobody else's."""

import pytest
from msgspec import structs

from edge_runtime.hospital.demographics import Demographics
from edge_runtime.station.events import (
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonExpected,
    PersonOpened,
    Undone,
)
from edge_runtime.station.happened import Happened
from edge_runtime.station.hints import Hints
from edge_runtime.station.orders import Order
from edge_runtime.station.patients import patients_of
from tests.edge_runtime.station.calling import CampToday, patient
from tests.edge_runtime.station.expecting import scheduled, today


@pytest.fixture
def today_camp():
    return CampToday()


def test_who_is_called_gets_id_name_and_year_and_keeps_what_the_photos_belong_to(today_camp):
    number = today_camp.call(patient(year=1950, issuer="H"))
    person = today_camp.camp.people[number]
    assert (person.given_id, person.name, person.birth_year) == ("P17", "Ana Lopez", 1950)
    assert (person.patient_id, person.issuer) == ("P17", "H")
    (order,) = person.orders
    assert (order.study_uid, order.accession, order.what) == ("1.2.P17", "AP17", "Both eyes")


def test_what_the_hospital_says_for_its_objects_is_kept_and_brought_up_to_date(today_camp):
    told = Demographics("Lopez^Ana", "19500102", "F")
    (entry,) = [scheduled("P17", "Lopez Ana", year=1950)]
    (first,) = patients_of([entry, structs.replace(entry, accession="2", demographics=told)])
    number = today_camp.call(patient("P17", "Lopez Ana", year=1950))
    assert today_camp.camp.people[number].demographics == Demographics()
    assert today_camp.call(first) == number
    assert today_camp.camp.people[number].demographics == told


def test_a_second_call_is_the_same_person_and_says_nothing_twice(today_camp):
    first = today_camp.call(patient())
    told = len(today_camp.camp.history)
    assert today_camp.call(patient()) == first
    assert len(today_camp.camp.history) == told + 1
    assert today_camp.call(patient(accession="later")) == first
    assert [each.accession for each in today_camp.camp.people[first].orders] == ["AP17", "later"]


def test_two_entries_of_one_patient_are_one_person_with_both():
    entries = [scheduled("P1", accession="1"), scheduled("P2"), scheduled("P1", accession="2")]
    first, second = patients_of(entries)
    assert [each.accession for each in first.orders] == ["1", "2"]
    assert second.given_id == "P2"
    assert first.code != second.code


def test_files_by_the_id_and_dicom_files_of_the_issuer_come_to_who_was_called(today_camp):
    number = today_camp.call(patient(issuer="H"))
    today_camp.happen(PersonOpened(2, "8"), PersonCalled(2))
    assert today_camp.file(patient_id="P17", issuer="H") == number
    assert today_camp.file(patient_id="P17") == number  # which doesn't say of which hospital
    assert today_camp.file("P17_OD.jpg") == number
    assert today_camp.file("p 17 left.jpg") == number
    assert today_camp.file("IMG_1.jpg") == 2


def test_an_id_of_another_issuer_is_another_person_whichever_comes_first(today_camp):
    number = today_camp.call(patient(issuer="H"))
    other = today_camp.file(patient_id="P17", issuer="K")
    assert other != number
    third = today_camp.call(patient(issuer="L"))
    assert third not in (number, other)
    hints = Hints(today_camp.camp).of(third)
    assert {each.other for each in hints if each.kind == "number"} == {number, other}
    assert today_camp.file(patient_id="P17", issuer="L") == third
    assert today_camp.file(patient_id="P17", issuer="H") == number


def test_an_id_that_is_spelt_alike_is_another_in_dicom(today_camp):
    number = today_camp.call(patient("P-17"))
    assert today_camp.file(patient_id="P17", issuer="H") != number


@pytest.mark.parametrize("how", ["typed", "file", "dicom", "dicom without issuer"])
def test_who_is_here_by_the_id_already_is_who_is_called(today_camp, how):
    if how == "typed":
        today_camp.happen(PersonOpened(1, "p 17"), PersonCalled(1))
    elif how == "file":
        assert today_camp.file("P17_OD.jpg") == 1
    else:
        issuer = "" if how.endswith("issuer") else "H"
        assert today_camp.file(patient_id="P17", issuer=issuer) == 1
    assert today_camp.call(patient()) == 1
    assert today_camp.camp.people[1].name == "Ana Lopez"
    assert today_camp.file(patient_id="P17", issuer="H") == 1


def test_what_an_operator_wrote_stays_and_what_speaks_against_it_is_another_person(today_camp):
    today_camp.happen(PersonOpened(1, "P17"), PersonDescribed(1, "P17", "ana", 1950))
    assert today_camp.call(patient(year=1950)) == 1
    assert today_camp.camp.people[1].name == "ana"
    today_camp.happen(PersonOpened(2, "P18"), PersonDescribed(2, "P18", "Eva", None))
    assert today_camp.call(patient("P18")) == 3
    today_camp.happen(PersonOpened(4, "P19"), PersonDescribed(4, "P19", "", 1950))
    assert today_camp.call(patient("P19", year=1951)) == 5
    assert [each.kind for each in Hints(today_camp.camp).of(5)] == ["number"]


def test_who_had_the_number_on_an_earlier_day_isnt_taken_for_the_patient(today_camp):
    at = "2024-05-17T09:30:00.000+00:00"
    today_camp.camp.take([], [Happened(1, at, PersonOpened(1, "P17"))])
    number = today_camp.call(patient())
    assert number == 2
    assert today_camp.camp.people[1].name == ""
    assert [each.kind for each in Hints(today_camp.camp).of(number)] == ["number"]


def test_where_two_have_the_number_a_third_comes_up_and_is_asked_about(today_camp):
    today_camp.happen(PersonOpened(1, "P17", ("a", "p 17")), PersonOpened(2, "P17", ("b", "p 17")))
    assert today_camp.call(patient()) == 3
    assert len(Hints(today_camp.camp).of(3)) == 2


def test_an_id_that_stands_for_nobody_leads_to_nobody_else(today_camp):
    one = patient("ANON", "Ana", accession="1", study_uid="1.1")
    other = patient("ANON", "Eva", accession="2", study_uid="1.2")
    assert today_camp.call(one) == 1
    assert today_camp.call(other) == 2
    assert today_camp.call(one) == 1
    assert today_camp.camp.people[1].given_id == ""
    assert today_camp.camp.people[1].patient_id == ""
    assert today_camp.file(patient_id="ANON", issuer="H") == 1  # who is at the camera


def test_who_has_no_word_is_nobody():
    empty = scheduled("", "", accession="", study_uid="")
    assert patients_of([empty]) == ()
    assert len(patients_of([scheduled("", "Ana", accession="", study_uid="")])) == 1


def test_a_number_that_an_operator_gave_to_who_has_no_id_leads_files_to_them(today_camp):
    number = today_camp.call(patient("", "Ana"))
    today_camp.happen(PersonDescribed(number, "P3", "Ana"))
    assert today_camp.file("P3_OD.jpg") == number


def test_who_became_one_with_another_is_called_as_that_one(today_camp):
    number = today_camp.call(patient())
    today_camp.happen(PersonOpened(2, "K"), PeopleMerged(number, 2, "one"))
    assert today_camp.call(patient()) == 2
    person = today_camp.camp.people[2]
    assert (person.patient_id, person.orders[0].accession) == ("P17", "AP17")


def test_what_the_worklist_said_can_be_undone(today_camp):
    today_camp.happen(PersonOpened(1, "P17"), PersonCalled(1))
    today_camp.call(patient())
    (said,) = [
        each.number for each in today_camp.camp.history if isinstance(each.event, PersonExpected)
    ]
    today_camp.happen(Undone(said))
    person = today_camp.camp.people[1]
    assert (person.name, person.orders, person.patient_id) == ("", (), "")
    assert ("DICOM", "H", "P17") not in today_camp.camp.keys


def test_an_order_is_kept_whole(today_camp):
    number = today_camp.call(patient(time="08:05"))
    assert today_camp.camp.people[number].orders == (
        Order("1.2.P17", "AP17", "Both eyes", "OP", f"{today()}T08:05"),
    )
