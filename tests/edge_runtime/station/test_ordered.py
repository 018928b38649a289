"""Where a list has several orders of a person it is asked for which the photographs are."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from edge_runtime.results.texts import texts
from edge_runtime.station.by_dicom import ByDicom
from edge_runtime.station.events import (
    ComputerStarted,
    OrdersChosen,
    PeopleMerged,
    PersonCalled,
    PersonExpected,
    PersonOpened,
    PhotoAssigned,
    Undone,
    VisitGoesOn,
)
from edge_runtime.station.hints import Hints
from edge_runtime.station.ordered import Place, places_of, question_of
from edge_runtime.station.orders import Order
from edge_runtime.station.web.actions import events_of
from edge_runtime.station.web.form_error import FormError
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.station.web.hint_cards import hint_card
from tests.edge_runtime.station.camps import WHEN, Told, photo

FIRST, NEXT = (f"{WHEN + timedelta(days=days):%Y-%m-%d}" for days in (0, 1))
RIGHT = Order("1.2.1", "A1", "Right eye", "OP", f"{FIRST}T10:15")
LEFT = Order("1.2.2", "A2", "Left eye", "OP", f"{FIRST}T10:30")
LATER = Order("1.2.3", "A3", "Control", "OP", f"{NEXT}T09:00")


def told_of(*orders, photos=1):
    """Make a camp with a person of a list, and photographs of theirs."""
    told = Told()
    told.happen(PersonOpened(1, "M3"), PersonExpected(1, "M3", "H", orders=orders))
    for _ in range(photos):
        told.take(person=1)
    return told


def asked(told, person=1):
    return [each.before for each in Hints(told.camp).of(person) if each.kind == "orders"]


def choose(told, choice, day=FIRST):
    form = {"person": "1", "day": day, "choice": choice}
    return told.happen(*events_of("orders", form, told.camp, person=9))


def code(order):
    return Place(order.study_uid, order.accession).code


def test_two_orders_are_asked_about_until_one_is_chosen():
    told = told_of(RIGHT, LEFT)
    assert asked(told) == [FIRST]
    choose(told, code(LEFT))
    assert asked(told) == []
    assert told.camp.people[1].chosen == (OrdersChosen(1, FIRST, (LEFT,), (RIGHT,)),)


@pytest.mark.parametrize(
    ("choice", "orders", "others"),
    [("all", (RIGHT, LEFT), ()), ("none", (), (RIGHT, LEFT)), (code(RIGHT), (RIGHT,), (LEFT,))],
)
def test_photographs_may_be_for_one_for_all_or_for_none(choice, orders, others):
    told = told_of(RIGHT, LEFT)
    choose(told, choice)
    assert told.camp.history[-1].event == OrdersChosen(1, FIRST, orders, others)


def test_an_answer_can_be_undone_and_said_otherwise():
    told = told_of(RIGHT, LEFT)
    number = choose(told, "none")
    choose(told, code(RIGHT))
    assert question_of(told.camp, 1).answer.orders == (RIGHT,)
    told.happen(Undone(told.camp.history[-1].number))
    assert question_of(told.camp, 1).answer.orders == ()
    told.happen(Undone(number))
    assert asked(told) == [FIRST]


@pytest.mark.parametrize(
    "orders",
    [
        (RIGHT,),
        (RIGHT, Order("1.2.1", "A1", "Left eye", "OP", f"{FIRST}T10:30")),  # steps of one order
        (RIGHT, LATER),  # of another day
        (RIGHT, Order("", "", "Pressure")),  # nothing can be put there
        (RIGHT, Order("not a uid", "A" * 17)),
        (RIGHT, Order("1.2.1"), Order("", "A1")),  # the same, less of it told
    ],
)
def test_what_leads_to_one_place_is_no_question(orders):
    assert asked(told_of(*orders)) == []


@pytest.mark.parametrize(
    "other", [Order("1.2.1", "A2"), Order("1.2.9", "A1"), Order("", "A2"), Order("1.2.9")]
)
def test_another_study_or_another_number_is_another_place(other):
    assert len(places_of([RIGHT, other])) == 2
    assert asked(told_of(RIGHT, other)) == [FIRST]


def test_nobody_is_asked_before_a_photograph_is_there():
    assert asked(told_of(RIGHT, LEFT, photos=0)) == []


def test_an_order_that_comes_later_is_asked_about_and_the_answer_stays_meanwhile():
    told = told_of(RIGHT, LEFT)
    choose(told, "all")
    third = Order("1.2.4", "A4", "OCT", "OPT", f"{FIRST}T10:45")
    told.happen(PersonExpected(1, "M3", "H", orders=(RIGHT, LEFT, third)))
    assert asked(told) == [FIRST]
    assert question_of(told.camp, 1).answer.orders == (RIGHT, LEFT)
    choose(told, "all")
    assert asked(told) == []


def test_each_visit_is_asked_about_by_its_own_orders_and_days_of_one_visit_once():
    told = told_of(RIGHT, LEFT)
    told.turn()
    told.take(person=1)
    told.happen(PersonExpected(1, "M3", "H", orders=(LATER, Order("1.2.5", time=f"{NEXT}T09:30"))))
    assert asked(told) == [FIRST, NEXT]
    choose(told, "none", FIRST)
    assert asked(told) == [NEXT]
    assert question_of(told.camp, 1).answer is None  # it was about the day before
    told.happen(VisitGoesOn(1, FIRST, NEXT))
    assert asked(told) == [NEXT]  # which has orders that weren't there to choose
    assert len(question_of(told.camp, 1).places) == 4


def test_two_who_are_one_keep_what_was_said():
    told = told_of(RIGHT, LEFT)
    choose(told, code(RIGHT))
    told.take(person=2)
    told.happen(PeopleMerged(1, 2, "one"))
    assert question_of(told.camp, 2).answer.orders == (RIGHT,)
    assert asked(told, 2) == []


@pytest.mark.parametrize(
    ("choice", "day"), [("x", FIRST), ("", FIRST), ("all", NEXT), ("all", ""), (code(LATER), FIRST)]
)
def test_what_isnt_there_to_choose_is_refused(choice, day):
    told = told_of(RIGHT, LEFT, LATER)
    with pytest.raises(FormError):
        choose(told, choice, day)


def test_dicom_files_say_themselves_what_they_are_for():
    told = told_of(RIGHT, LEFT, photos=0)
    for number in (1, 2):
        short = replace(photo(number, at=WHEN), dicom=ByDicom("M3", "H"))
        told.happen(PhotoAssigned(number, 1), photos=[short])
    assert asked(told) == []
    told.take(person=1)
    assert asked(told) == [FIRST]


def test_what_was_said_before_the_computer_was_started_is_said_of_no_visit_since():
    told = told_of(RIGHT, LEFT)
    choose(told, code(LEFT))
    told.happen(ComputerStarted())
    told.take(person=1)
    assert asked(told) == [f"{FIRST}.2"]
    choose(told, code(RIGHT), f"{FIRST}.2")
    assert [each.day for each in told.camp.people[1].chosen] == [FIRST, f"{FIRST}.2"]
    assert asked(told) == []


def test_a_visit_of_before_is_asked_about_while_the_person_waits_for_the_next_one():
    told = told_of(RIGHT, LEFT)
    told.happen(ComputerStarted(), PersonCalled(1))
    (hint,) = [each for each in Hints(told.camp).of(1) if each.kind == "orders"]
    card = hint_card(hint, 1, told.camp, texts("en", TEXTS))
    assert {each.fields["day"] for each in card.answers} == {f"{FIRST}.1"}
    choose(told, code(LEFT), f"{FIRST}.1")
    assert asked(told) == []
