"""Who returns and is a hospital's patient stays so, and a visit of which nothing is can't go on."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from edge_runtime.results.texts import texts
from edge_runtime.station.events import ComputerStarted, PersonCalled, PersonOpened
from edge_runtime.station.hints import Hints
from edge_runtime.station.orders import Order
from edge_runtime.station.patients import Came
from edge_runtime.station.visits import visits_of
from edge_runtime.station.web.actions import events_of
from edge_runtime.station.web.form_error import FormError
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.station.web.hint_cards import hint_card
from tests.edge_runtime.station.calling import patient
from tests.edge_runtime.station.camps import WHEN, Told

FIRST, NEXT = (f"{WHEN + timedelta(days=days):%Y-%m-%d}" for days in (0, 1))


def listed(day):
    """Give the patient M3 as the list of a day has them."""
    return replace(patient("M3"), orders=(Order(f"1.2.{day[-2:]}", time=f"{day}T10:15"),))


@pytest.fixture
def told():
    """A camp at which M3 of the list was photographed, and of which it is the next day."""
    told = Told()
    told.happen(PersonOpened(1, "M3", (".", "m 3")))
    told.happen(*Came(told.camp, FIRST).call(listed(FIRST), new=2))
    told.take(person=1)
    told.turn()
    return told


def again(camp, person=1):
    """Give the question of the last day on which somebody was here again."""
    return next(each for each in Hints(camp).of(person) if each.kind == "again")


def answers(camp):
    card = hint_card(again(camp), 1, camp, texts("en", TEXTS))
    return [each.kind for each in card.answers]


def answer(told, kind):
    form = {"person": "1", "key": again(told.camp).key}
    told.happen(*events_of(kind, form, told.camp, person=2))


def test_another_person_of_the_number_leaves_the_patient_who_they_are(told):
    told.happen(PersonCalled(1))  # by the number, and somebody else of it sits there
    told.take(person=1)
    assert answers(told.camp) == ["hint", "goes_on", "another"]
    answer(told, "another")
    camp = told.camp
    assert (camp.people[1].patient_id, camp.people[2].patient_id) == ("M3", "")
    assert Came(camp, FIRST).person(listed(FIRST)) == 1
    assert camp.keys["DICOM", "H", "M3"] == 1
    assert camp.keys[".", "m 3"] == 2


def test_what_dicom_files_tell_of_who_is_on_no_list_moves_as_names_of_files_do():
    told = Told()
    told.happen(PersonOpened(1, "M3", ("DICOM", "H", "M3")))
    told.take(person=1)
    told.turn()
    told.take(person=1)
    answer(told, "another")
    assert told.camp.keys == {("DICOM", "H", "M3"): 2}


def test_who_was_called_from_the_list_of_the_day_is_nobody_else(told):
    told.happen(*Came(told.camp, NEXT).call(listed(NEXT), new=2))
    told.take(person=1)
    assert answers(told.camp) == ["hint", "goes_on"]
    with pytest.raises(FormError):
        answer(told, "another")


def test_of_who_was_on_the_list_before_the_computer_was_started_it_is_asked(told):
    told.happen(*Came(told.camp, NEXT).call(listed(NEXT), new=2))
    told.take(person=1)
    told.happen(ComputerStarted(), PersonCalled(1))
    told.take(person=1)
    assert again(told.camp).key.endswith(".2")
    assert answers(told.camp) == ["hint", "goes_on", "another"]


def test_a_visit_without_a_photograph_cant_go_on():
    told = Told()
    told.happen(PersonOpened(1, "7"), PersonCalled(1))
    told.turn()
    told.happen(PersonCalled(1))
    told.take(person=1)
    assert answers(told.camp) == ["hint", "another"]
    with pytest.raises(FormError):
        answer(told, "goes_on")
    assert len(visits_of(told.camp, 1)) == 1
