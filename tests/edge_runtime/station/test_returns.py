"""Each time that somebody is here again it is asked who that is, until somebody answers."""

import pytest

from edge_runtime.results.texts import texts
from edge_runtime.station.advice import advise
from edge_runtime.station.events import (
    HintAnswered,
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    Undone,
)
from edge_runtime.station.hints import Hints
from edge_runtime.station.undo_click import undoing
from edge_runtime.station.visits import visits_of
from edge_runtime.station.web.actions import FormError, events_of
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.station.web.hint_cards import hint_card
from tests.edge_runtime.station.camps import Told

FIRST, NEXT, THIRD = "2024-05-17", "2024-05-18", "2024-05-19"


def asked(told, person=1):
    """List the days of which is asked who it was, the last first."""
    hints = [each for each in Hints(told.camp).of(person) if each.kind == "again"]
    return [each.key.rpartition(":")[2] for each in hints]


def answer(told, kind, day, person=1):
    told.at = told.at.replace(second=told.at.second + 1)
    form = {"person": str(person), "key": f"again:{person}:{day}"}
    return told.happen(*events_of(kind, form, told.camp, person=told.camp.newest + 1))


def cards(told, language="en"):
    hints = [each for each in Hints(told.camp).of(1) if each.kind == "again"]
    return [hint_card(each, 1, told.camp, texts(language, TEXTS)) for each in hints]


@pytest.fixture
def told():
    """A person of three days, each with an eye, of whom nobody said who that was."""
    told = Told()
    told.happen(PersonOpened(1, "5", (".", "5")))
    told.take("IMG_1_OD.jpg", 0.1)
    told.turn()
    told.take("IMG_2_OS.jpg", 0.9)
    told.turn()
    told.happen(PersonCalled(1))
    told.take("IMG_3_OD.jpg", 0.1)
    return told


def test_an_unanswered_one_is_asked_about_though_there_is_a_later_one(told):
    assert asked(told) == [THIRD, NEXT]
    answer(told, "hint", THIRD)
    assert asked(told) == [NEXT]
    answer(told, "hint", NEXT)
    assert asked(told) == []


def test_the_question_says_of_which_day_it_is(told):
    last, earlier = cards(told)
    assert last.sentence.startswith(f"5 was here on {NEXT}. Same person?")
    assert earlier.sentence.startswith(f"5 was here again on {NEXT}, after {FIRST}, and nobody")
    assert [each.kind for each in earlier.answers] == ["hint", "goes_on", "another"]
    assert f"volvió el {NEXT}, después del {FIRST}" in cards(told, "es")[1].sentence


def test_another_person_of_a_day_between_takes_that_days_photographs_alone(told):
    told.happen(PersonDescribed(1, "5", "Ana"))  # of who sits there now
    done = answer(told, "another", NEXT)
    camp = told.camp
    assert {n: each.photos for n, each in camp.people.items()} == {1: (1, 3), 2: (2,)}
    assert (camp.called, camp.keys) == (1, {(".", "5"): 1})
    assert (camp.people[1].name, camp.people[2].name) == ("Ana", "")
    assert asked(told) == [THIRD]
    assert [each.days for each in visits_of(camp, 1)] == [(FIRST,), (THIRD,)]
    told.happen(*undoing(done, camp, new=3))
    assert asked(told) == [THIRD, NEXT]
    assert list(told.camp.people) == [1]


def test_what_was_said_on_the_day_between_goes_along(told):
    told = Told()
    told.happen(PersonOpened(1, "5"))
    told.take("IMG_1_OD.jpg", 0.1)
    told.turn()
    told.take("IMG_2_OS.jpg", 0.9)
    told.happen(PersonDescribed(1, "5", "Ana"))
    told.turn()
    told.happen(PersonDescribed(1, "5", "Eva"))
    told.take("IMG_3_OD.jpg", 0.1)
    answer(told, "another", NEXT)
    assert (told.camp.people[1].name, told.camp.people[2].name) == ("Eva", "Ana")
    answer(told, "another", THIRD)
    assert [each.name for each in told.camp.people.values()] == ["", "Ana", "Eva"]


def test_a_visit_of_a_day_between_may_be_said_to_have_gone_on(told):
    answer(told, "goes_on", NEXT)
    assert [each.days for each in visits_of(told.camp, 1)] == [(FIRST, NEXT), (THIRD,)]
    assert advise(told.camp, 1, FIRST).advice == "refer"
    with pytest.raises(FormError):
        answer(told, "goes_on", NEXT)
    with pytest.raises(FormError):
        answer(told, "another", NEXT)


def test_a_merger_says_nothing_of_a_day_of_which_is_still_asked(told):
    told.happen(PersonCalled(None))
    told.take("IMG_4_OD.jpg", 0.1, person=2)
    told.turn()
    told.take("IMG_5_OD.jpg", 0.1, person=2)
    answer(told, "hint", THIRD)
    merged = told.happen(PeopleMerged(2, 1, "the same"))
    assert asked(told) == ["2024-05-20", NEXT]  # the other one's, too
    told.happen(Undone(merged))
    assert (asked(told), asked(told, 2)) == ([NEXT], ["2024-05-20"])


def test_what_was_answered_before_a_merger_stays_answered(told):
    told.happen(PersonCalled(None))
    for day in (NEXT, THIRD):
        answer(told, "hint", day)
    told.take("IMG_4_OD.jpg", 0.1, person=2)
    told.happen(PeopleMerged(1, 2, "the same"))
    assert asked(told, 2) == []


def at_night(person=1):
    """Somebody who was called before midnight, and of whom the first photograph came after it."""
    told = Told()
    told.happen(PersonOpened(person, "5"), PersonCalled(person))
    told.happen(PersonDescribed(person, "5", "Ana"))
    told.turn()
    told.take("IMG_1_OD.jpg", 0.1)
    return told


def test_nobody_is_asked_about_who_was_called_before_midnight_and_is_new():
    told = at_night()
    assert asked(told) == []
    told.happen(PersonCalled(None))
    assert asked(told) == []
    assert [each.days for each in visits_of(told.camp, 1)] == [(NEXT,)]


def test_who_was_called_anew_after_midnight_is_asked_about():
    told = Told()
    told.happen(PersonOpened(1, "5"), PersonCalled(1), PersonCalled(None))
    told.turn()
    told.happen(PersonCalled(1))
    told.take("IMG_1_OD.jpg", 0.1)
    assert asked(told) == [NEXT]


def test_who_had_the_number_on_an_earlier_day_is_asked_about_once_over_midnight():
    told = Told()
    told.happen(PersonOpened(1, "5"))
    told.take("IMG_1_OD.jpg", 0.1)
    told.turn()
    told.happen(PersonCalled(1), PersonDescribed(1, "5", "Ana"))
    assert asked(told) == [NEXT]
    told.turn()
    told.take("IMG_2_OD.jpg", 0.1)
    assert asked(told) == [THIRD]
    assert cards(told)[0].sentence.startswith(f"5 · Ana was here on {FIRST}.")
    answer(told, "another", THIRD)
    assert [each.name for each in told.camp.people.values()] == ["", "Ana"]
    assert told.camp.called == 2


def test_a_call_that_was_undone_keeps_nobody_there():
    told = Told()
    told.happen(PersonOpened(1, "5"))
    call = told.happen(PersonCalled(1))
    told.happen(Undone(call))
    told.turn()
    told.take("IMG_1_OD.jpg", 0.1)
    assert asked(told) == [NEXT]


def test_an_answer_to_one_that_isnt_there_is_refused(told):
    told.happen(HintAnswered(1, f"again:1:{NEXT}"))
    for kind, day in (("another", NEXT), ("another", FIRST), ("goes_on", "x")):
        with pytest.raises(FormError):
            answer(told, kind, day)
