"""Two people of one ID stay two, whoever comes first, and no file is given to one by the ID."""

import time

import pytest

from edge_runtime.station.events import PeopleMerged, PersonCalled, PersonOpened, Undone
from edge_runtime.station.hints import Hints
from edge_runtime.station.patients import patients_of
from edge_runtime.station.web.actions import events_of
from edge_runtime.station.web.form_error import FormError
from tests.edge_runtime.station.calling import CampToday, patient
from tests.edge_runtime.station.expecting import scheduled


@pytest.fixture
def today_camp():
    return CampToday()


def entry(name, year=None, *, number="P1", order="1", issuer=""):
    told = {"accession": f"X{order}", "study_uid": f"1.2.{order}"}
    return scheduled(number, name, issuer=issuer, year=year, **told)


RUIZ, MORA = entry("Ruiz Eva", 1950), entry("Mora Juan", 1981, order="2")


def test_two_names_or_birth_years_of_one_id_are_two_persons():
    for one, other in [
        (RUIZ, MORA),
        (entry("Ruiz Eva", 1950), entry("Ruiz Eva", 1981, order="2")),
        (entry("Ruiz Eva"), entry("Mora Juan", order="2")),
        (entry("", 1950), entry("", 1981, order="2")),
    ]:
        first, second = patients_of([one, other])
        assert (first.orders[0].accession, second.orders[0].accession) == ("X1", "X2")
        assert first.code != second.code
        assert {first.doubled, second.doubled} == {"id"}


def test_spellings_of_one_name_are_one_person_and_what_may_be_of_two_is_of_neither():
    (one,) = patients_of([entry("Ruiz"), entry("RUÍZ Eva", 1950, order="2"), entry("", order="3")])
    assert [each.accession for each in one.orders] == ["X1", "X2", "X3"]
    assert one.doubled == ""
    found = patients_of([entry("", order="3"), RUIZ, MORA])
    assert [each.name for each in found] == ["", "Ruiz Eva", "Mora Juan"]


def test_a_list_of_one_id_alone_is_read_at_once():
    began = time.monotonic()
    found = patients_of([entry(f"N{n}x", order=str(n)) for n in range(1000)])
    assert len(found) == 1000
    assert time.monotonic() - began < 2


def test_each_of_two_is_called_as_themselves_and_files_of_the_id_are_nobodys(today_camp):
    eva, juan = patients_of([RUIZ, MORA])
    assert today_camp.call(eva) == 1
    assert today_camp.file(patient_id="P1") == 2
    assert today_camp.call(juan) == 3
    assert today_camp.call(eva) == 1
    assert today_camp.file("P1_OD.jpg") == 4
    assert today_camp.file("IMG_1.jpg") == 1  # who sits before the camera
    people = today_camp.camp.people
    assert [people[n].name for n in (1, 2, 3, 4)] == ["Ruiz Eva", "", "Mora Juan", ""]
    assert {each.other for each in Hints(today_camp.camp).of(2)} == {1, 3, 4}


def test_the_study_tells_of_whom_a_dicom_file_is(today_camp):
    eva, juan = patients_of([RUIZ, MORA])
    today_camp.call(eva)
    today_camp.call(juan)
    assert today_camp.file(patient_id="P1", study="1.2.1") == 1
    assert today_camp.file(patient_id="P1", study="1.2.2") == 2
    assert today_camp.file(patient_id="P9", study="1.2.2") == 3
    other = today_camp.file(patient_id="P1", study="1.2.8")
    assert other == 4
    assert today_camp.file(patient_id="P1", study="1.2.9") == 5
    assert today_camp.file(patient_id="P1", study="1.2.8") == other


def test_a_file_without_an_id_is_of_a_person_of_its_own_whatever_its_study(today_camp):
    assert today_camp.file(patient_id="", study="1.2.8") == 1
    assert today_camp.file(patient_id="ANON", study="1.2.8") == 2


def test_who_comes_later_by_the_id_of_another_one_is_another_one(today_camp):
    (eva,), (juan,) = patients_of([RUIZ]), patients_of([MORA])
    assert today_camp.call(eva) == 1
    assert today_camp.file(patient_id="P1") == 1
    assert today_camp.came().person(juan) is None
    assert today_camp.call(juan) == 2
    assert [each.kind for each in Hints(today_camp.camp).of(2)] == ["number"]
    assert today_camp.file(patient_id="P1") == 3
    assert today_camp.file("P1_OD.jpg") == 4
    assert (today_camp.call(eva), today_camp.call(juan)) == (1, 2)


def test_a_name_of_a_file_that_led_to_one_of_two_leads_to_neither(today_camp):
    (eva,), (juan,) = patients_of([RUIZ]), patients_of([MORA])
    assert today_camp.file("P1_OD.jpg") == 1
    assert today_camp.call(eva) == 1
    today_camp.call(juan)
    assert today_camp.file("P1_OS.jpg") == 3


def test_without_an_issuer_a_number_of_two_issuers_is_asked_about(today_camp):
    gomez, lopez = patients_of(
        [
            entry("Gomez Ana", number="77", issuer="HA"),
            entry("Lopez Luis", number="77", issuer="HB"),
        ]
    )
    today_camp.happen(PersonOpened(1, "77"), PersonCalled(1))
    assert today_camp.came().person(gomez) is None
    assert today_camp.call(gomez) == 2
    assert today_camp.file(patient_id="77") == 3
    assert today_camp.file("77_OD.jpg") == 4
    assert today_camp.file(patient_id="77", issuer="HA") == 2
    assert today_camp.call(lopez) == 5
    assert today_camp.file(patient_id="77", issuer="HB") == 5


def test_an_undone_call_of_the_second_gives_the_id_back_to_the_first(today_camp):
    (eva,) = patients_of([RUIZ])
    today_camp.call(eva)
    assert today_camp.camp.people[1].doubled == ""
    assert today_camp.call(patient("P1", "Ruiz Eva", issuer="", year=1950)) == 1


def types(today_camp, given):
    """Call somebody by their number, where no list is asked; gives who is at the camera then."""
    today_camp.happen(*events_of("call", {"given_id": given}, today_camp.camp, person=99))
    return today_camp.camp.called


def test_the_id_leads_to_two_who_became_one(today_camp):
    eva, juan = patients_of([RUIZ, MORA])
    assert (today_camp.call(eva), today_camp.call(juan)) == (1, 2)
    with pytest.raises(FormError, match=r"error\.ambiguous"):
        types(today_camp, "P1")
    today_camp.happen(PeopleMerged(1, 2, "one person"))
    merged = len(today_camp.camp.history)
    assert types(today_camp, "P1") == 2
    assert today_camp.file(patient_id="P1") == today_camp.file("P1_OD.jpg") == 2
    today_camp.happen(PersonOpened(3, "P1"))  # somebody without a list
    assert today_camp.file(patient_id="P1") == 2
    today_camp.happen(Undone(merged))
    assert today_camp.camp.people[1].doubled == today_camp.camp.people[2].doubled == "id"


def test_one_number_of_two_issuers_leads_to_who_became_one(today_camp):
    both = [entry(name, number="77", issuer=issuer) for name, issuer in (("A", "HA"), ("B", "HB"))]
    assert [*map(today_camp.call, patients_of(both))] == [1, 2]
    today_camp.happen(PeopleMerged(2, 1, "one person"))
    assert types(today_camp, "77") == 1
    for issuer in ("HA", "HB", ""):
        assert today_camp.camp.now_of(today_camp.file(patient_id="77", issuer=issuer)) == 1


VEGA = entry("Vega Irene", 1952, order="3")
GOMEZ, LOPEZ = (entry(name, order=name, issuer="HB") for name in ("Gomez", "Lopez"))
OTHER, ANOTHER = (entry(each, number="P2", order=each, issuer=each) for each in ("HA", "HB"))


@pytest.mark.parametrize(
    ("entries", "called"),
    [
        ((RUIZ, MORA, VEGA), 3),
        ((RUIZ, MORA), 1),  # and somebody came without a list
        ((RUIZ, GOMEZ, MORA), 2),  # one more of the one's ID may come yet
        ((GOMEZ, RUIZ, MORA), 2),
        ((RUIZ, GOMEZ, MORA, LOPEZ), 2),  # likewise of each one's
        ((RUIZ, OTHER, GOMEZ, ANOTHER), 2),  # likewise of each one's number
    ],
)
def test_where_a_third_has_it_or_may_come_the_id_leads_to_nobody(today_camp, entries, called):
    for each in patients_of(entries)[:called]:
        today_camp.call(each)
    if called == 1:
        today_camp.happen(PersonOpened(2, "P1"))
    today_camp.happen(PeopleMerged(2, 1, "one person"))
    with pytest.raises(FormError, match=r"error\.ambiguous"):
        types(today_camp, "P1")
    assert today_camp.file("P1_OD.jpg") == today_camp.camp.newest > 2
