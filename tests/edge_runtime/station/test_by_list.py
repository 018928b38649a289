"""Who came by a DICOM file of exactly the ID that a list has gets the list's words, or is asked."""

import time

import numpy as np
import pytest

from edge_runtime.results.texts import texts
from edge_runtime.station.asker import Heard
from edge_runtime.station.events import (
    HintAnswered,
    OperatorAtCamera,
    PersonCalled,
    PersonDescribed,
    PersonExpected,
    PersonOpened,
    PhotoAssigned,
    Undone,
)
from edge_runtime.station.hints import Hints
from edge_runtime.station.listed_hints import ListedHints, same_as_listed
from edge_runtime.station.undo_click import undoing
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.station.web.hint_cards import hint_card
from edge_runtime.station.web.list_cards import listed_card
from tests.edge_runtime.hospital.objects import make, save
from tests.edge_runtime.station.camps import added_now, jpeg
from tests.edge_runtime.station.expecting import asker_of, scheduled
from tests.edge_runtime.station.taking_in import swept

SMALL = np.zeros((60, 80, 3), np.uint8)
UTF8 = {"SpecificCharacterSet": "ISO_IR 192"}


def listens(intake, store, *entries):
    """Have an intake's hospital expect people."""
    asker = asker_of(store, *entries)
    intake.heard = lambda: asker.heard
    return asker


def come(intake, inbox, name="a.dcm", *, pixel=0, **told):
    told = {"PatientID": "P17", "IssuerOfPatientID": "H", "PatientName": "", **told}
    save(make(SMALL + pixel, **told), inbox / name)
    swept(intake)
    swept(intake)


def person(store, number=1):
    known = store.camp.people[number]
    return known.name, known.birth_year, known.patient_id, len(known.orders)


def hints(intake, store, number=1):
    return ListedHints(store.camp, intake.heard()).of(number)


NAMED = [
    {},
    {"PatientName": "Lopez^Ana", "PatientBirthDate": "19500203"},
    {"PatientName": "LÓPEZ^ANA", **UTF8},  # without accents and capitals it is the same
    {"PatientName": "Lopez"},
]


@pytest.mark.parametrize("told", NAMED)
def test_they_get_the_lists_name_and_birth_year_without_a_call(intake, inbox, store, told):
    listens(intake, store, scheduled("P17", "Lopez Ana", year=1950))
    swept(intake)
    come(intake, inbox, **told)
    assert person(store) == ("Lopez Ana", 1950, "P17", 1)
    assert hints(intake, store) == []
    assert store.camp.called is None


def test_it_is_the_same_where_the_list_comes_after_the_photograph(intake, inbox, store):
    intake.heard = Heard
    swept(intake)
    come(intake, inbox)
    assert person(store)[0] == ""
    listens(intake, store, scheduled("P17", "Lopez Ana"))
    swept(intake)
    assert person(store)[0] == "Lopez Ana"


@pytest.mark.parametrize(
    ("told", "who"),
    [
        ({"PatientName": "Núñez^Eva", **UTF8}, "Núñez Eva"),
        ({"PatientName": "Lopez^Ana", "PatientBirthDate": "19610101"}, "Lopez Ana, 1961"),
    ],
)
def test_who_has_another_name_or_year_in_the_file_is_asked_about(intake, inbox, store, told, who):
    listens(intake, store, scheduled("P17", "Lopez Ana", year=1950))
    swept(intake)
    come(intake, inbox, **told)
    assert person(store) == ("", None, "", 0)
    (found,) = hints(intake, store)
    card = listed_card(found, 1, store.camp, texts("en", TEXTS))
    assert card.sentence == (
        "The hospital's list now has P17, Lopez Ana, 1950; this page says P17, and the file a.dcm "
        f"says {who}. Same person?"
    )
    store.happen(*same_as_listed(store.camp, 1, found.patient))
    assert person(store)[:2] == ("Lopez Ana", 1950)
    assert hints(intake, store) == []


@pytest.mark.parametrize(
    "entries",
    [
        [scheduled("P17", "Lopez Ana", issuer="K")],
        [scheduled("P17", "Lopez Ana", issuer="")],
        [scheduled("P18", "Lopez Ana")],
        [scheduled("P17", "Lopez Ana"), scheduled("P17", "Núñez Eva")],
        [scheduled("P17", "Lopez Ana"), scheduled("P17", "Núñez Eva", issuer="K")],
    ],
)
def test_another_issuer_or_one_of_two_says_nothing(intake, inbox, store, entries):
    listens(intake, store, *entries)
    swept(intake)
    come(intake, inbox)
    assert person(store) == ("", None, "", 0)


def test_whose_file_was_given_to_another_isnt_named_by_it(intake, inbox, store):
    intake.heard = Heard
    swept(intake)
    come(intake, inbox)
    store.happen(PersonOpened(2), PhotoAssigned(1, 2))
    added_now(store, "x.jpg", person=1)
    listens(intake, store, scheduled("P17", "Lopez Ana"))
    swept(intake)
    assert [person(store, number)[0] for number in (1, 2)] == ["", ""]


def test_what_was_undone_isnt_said_again(intake, inbox, store):
    listens(intake, store, scheduled("P17", "Lopez Ana"))
    swept(intake)
    come(intake, inbox)
    number = next(h.number for h in store.camp.history if isinstance(h.event, PersonExpected))
    store.happen(Undone(number))
    come(intake, inbox, "b.dcm", pixel=1)
    assert person(store) == ("", None, "", 0)


@pytest.mark.parametrize("then", [PersonCalled(1), PersonDescribed(1, "P17", "Lopez A.", 1950)])
def test_what_is_done_next_is_undone_without_what_the_list_said(intake, inbox, store, then):
    listens(intake, store, scheduled("P17", "Lopez Ana"))
    swept(intake)
    come(intake, inbox)
    time.sleep(0.01)  # a click, later
    (last,) = store.happen(then)
    store.happen(*undoing(last.number, store.camp, new=2))
    assert person(store)[0] == "Lopez Ana"
    assert store.camp.told[1].person == 1


def test_it_is_nobodys_word_in_the_history(intake, inbox, store):
    store.happen(OperatorAtCamera("Asha"))
    listens(intake, store, scheduled("P17", "Lopez Ana"))
    swept(intake)
    come(intake, inbox)
    assert store.camp.history[-1].by == ""


def test_without_a_list_the_files_names_arent_read(intake, inbox, store):
    swept(intake)
    come(intake, inbox, PatientName="Lopez^Ana")
    assert store.camp.photos[1].dicom.name == ""


def test_a_jpeg_of_the_number_is_named_by_no_list(intake, inbox, store):
    listens(intake, store, scheduled("P17", "Lopez Ana"))
    swept(intake)

    (inbox / "P17_OD.jpg").write_bytes(jpeg(1, size=(160, 200)))
    swept(intake)
    swept(intake)
    assert person(store) == ("", None, "", 0)


def asked(store, number=1):
    """Give which photographs are asked about as their files have another name."""
    return [each.photo for each in Hints(store.camp).of(number) if each.kind == "other_name"]


@pytest.mark.parametrize(
    ("given", "file", "is_asked"),
    [
        ("Ana Lopez", "Lopez^Ana", False),
        ("Ana Lopez", "Gomez^Berta", True),
        ("Ana Lopez", "", False),
        ("", "Gomez^Berta", False),
    ],
)
def test_a_file_by_the_id_of_who_has_another_name_is_asked_about(
    intake, inbox, store, given, file, is_asked
):
    listens(intake, store)
    come(intake, inbox)
    if given:
        store.happen(PersonDescribed(1, "P17", given))
    come(intake, inbox, "b.dcm", pixel=9, PatientName=file)
    assert asked(store) == ([2] if is_asked else [])


def test_two_files_of_one_id_with_two_names_are_asked_about_once_and_can_be_parted(
    intake, inbox, store
):
    listens(intake, store)
    come(intake, inbox, PatientName="Lopez^Ana")
    come(intake, inbox, "b.dcm", pixel=9, PatientName="Gomez^Berta")
    come(intake, inbox, "c.dcm", pixel=19, PatientName="Gomez^Berta")
    assert asked(store) == [2]
    (hint,) = (each for each in Hints(store.camp).of(1) if each.kind == "other_name")
    for language, words in (
        ("en", "The file b.dcm says Gomez Berta; this page says P17, Lopez Ana."),
        ("es", "El archivo b.dcm dice Gomez Berta; esta página dice P17, Lopez Ana."),
    ):
        card = hint_card(hint, 1, store.camp, texts(language, TEXTS))
        assert (words in card.sentence, len(card.answers)) == (True, 2)
    store.happen(HintAnswered(1, hint.key))
    assert asked(store) == []
