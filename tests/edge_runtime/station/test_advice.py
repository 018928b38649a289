"""What is to be done with a person, by both of their eyes."""

import pytest

from edge_runtime.station import advice as advice_room
from edge_runtime.station.advice import Advised, advise
from edge_runtime.station.events import (
    EyeTold,
    PeopleMerged,
    PersonCalled,
    PhotoAssigned,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
    Undone,
)
from tests.edge_runtime.results.records import graded
from tests.edge_runtime.station.camps import LIMIT, Told

RIGHT, LEFT, EITHER = "1_OD.jpg", "1_OS.jpg", "1.jpg"
SOUND, ILL, NONE = LIMIT / 2, 0.9, None  # scores; without one there is no result


@pytest.fixture
def told():
    return Told()


def screened(told, right=(), left=(), either=()):
    """Take photographs of both eyes and of one that nobody knows, with these scores."""
    for path, scores in ((RIGHT, right), (LEFT, left), (EITHER, either)):
        for score in scores:
            told.take(path, score)
    return told


def advice(told, person=1):
    return advise(told.camp, person).advice


@pytest.mark.parametrize(
    ("right", "left", "either", "expected"),
    [
        ([SOUND], [SOUND], [], "no-referral"),
        ([SOUND], [ILL], [], "refer"),
        ([ILL], [SOUND], [], "refer"),
        ([ILL], [], [], "refer"),  # the other eye can't make it better
        ([ILL], [NONE], [], "refer"),
        ([NONE], [SOUND], [], "retake"),
        ([NONE], [], [], "retake"),
        ([SOUND], [], [], "incomplete"),
        ([], [SOUND], [], "incomplete"),
        ([SOUND], [], [SOUND], "incomplete"),  # it may be of the same eye
        ([], [], [SOUND, SOUND], "incomplete"),
        ([], [], [ILL], "refer"),
        ([SOUND], [SOUND], [ILL], "refer"),
        ([SOUND], [SOUND], [NONE], "no-referral"),  # both eyes were taken again, or before
        ([SOUND], [], [NONE], "retake"),
        ([SOUND, ILL], [SOUND], [], "refer"),  # of two photographs of an eye the worse one
        ([ILL, SOUND], [SOUND], [], "refer"),
        ([NONE, SOUND], [SOUND], [], "no-referral"),  # it was taken again
        ([SOUND, NONE], [SOUND], [], "no-referral"),
        ([LIMIT], [SOUND], [], "refer"),
    ],
)
def test_the_worse_eye_decides(told, right, left, either, expected):
    assert advice(screened(told, right, left, either)) == expected


def test_whoever_has_no_photograph_waits(told):
    screened(told, [SOUND])
    told.take(person=2)
    told.happen(PhotoAssigned(2, 1))
    assert advice(told, 2) == "waiting"


def test_without_thresholds_nothing_is_decided(told):
    for path in (RIGHT, LEFT):
        told.take(path, record=graded(path, ILL, decided=False))
    assert advice(told) == "undecided"


def test_no_result_means_a_retake_until_the_operator_lets_it_stand_and_then_a_doctors_look(told):
    screened(told, [NONE, NONE], [SOUND])
    assert advice(told) == "retake"
    last = told.happen(ResultAccepted(1))
    assert advice(told) == "refer"
    found = advise(told.camp, 1).eyes["right"]
    assert (found.advice, found.why, found.photo) == ("refer", "no-result", 2)
    told.happen(Undone(last))
    assert advice(told) == "retake"
    told.take(RIGHT, SOUND)
    assert advice(told) == "no-referral"


def test_the_operator_can_refer_whom_the_model_does_not(told):
    screened(told, [SOUND, SOUND], [SOUND])
    told.happen(ResultOverridden(1, "refer", "a haemorrhage at the rim"))
    found = advise(told.camp, 1)
    assert found.advice == "refer"
    assert (found.eyes["right"].why, found.eyes["right"].photo) == ("operator", 1)
    assert found.eyes["left"].why == "result"


def test_the_operators_word_on_an_eye_holds_for_all_that_was_there_of_it(told):
    screened(told, [ILL, ILL], [SOUND])
    told.happen(ResultOverridden(1, "no-referral", "a reflex"))
    assert advice(told) == "no-referral"
    told.happen(ResultOverridden(2, "refer", "no reflex after all"))
    assert advice(told) == "refer"
    told.happen(ResultOverridden(1, "no-referral", "it is one"))
    assert advice(told) == "no-referral"


def test_a_photograph_that_came_after_the_operators_word_is_not_silenced_by_it(told):
    screened(told, [ILL], [SOUND])
    told.happen(ResultOverridden(1, "no-referral", "a reflex"))
    told.take(RIGHT, SOUND)
    assert advice(told) == "no-referral"
    number = told.take(RIGHT, ILL)
    found = advise(told.camp, 1)
    assert (found.advice, found.eyes["right"].why, found.eyes["right"].photo) == (
        "refer", "result", number,
    )  # fmt: skip
    told.happen(ResultOverridden(number, "no-referral", "the same reflex"))
    assert advice(told) == "no-referral"


def test_a_result_that_was_let_stand_after_the_operators_word_counts_again(told):
    screened(told, [ILL, ILL], [SOUND])
    told.happen(ResultOverridden(1, "no-referral", "a reflex"), ResultAccepted(2))
    assert advice(told) == "refer"


def test_a_word_on_one_eye_is_none_on_what_is_found_to_be_of_it_later(told):
    screened(told, [ILL], [ILL])
    told.happen(ResultOverridden(1, "no-referral", "a reflex"))
    told.happen(EyeTold(2, "right"))
    assert advise(told.camp, 1).eyes["right"].advice == "refer"


def test_a_word_on_one_person_is_none_on_another_that_they_are_merged_with(told):
    told.take(RIGHT, ILL, person=1)
    told.take(RIGHT, ILL, person=2)
    told.happen(ResultOverridden(1, "no-referral", "a reflex"))
    assert advice(told, 1) == "incomplete"
    told.happen(PeopleMerged(1, 2, "one person"))
    assert advice(told, 2) == "refer"


def test_what_was_set_aside_counts_as_not_taken(told):
    screened(told, [ILL], [SOUND])
    at = told.happen(RetakeAsked(1, "blurred"))
    found = advise(told.camp, 1)
    assert (found.advice, found.eyes["right"].why, found.eyes["right"].photo) == (
        "retake", "set-aside", None,
    )  # fmt: skip
    told.take(RIGHT, SOUND)
    assert advice(told) == "no-referral"
    told.happen(Undone(at))
    assert advice(told) == "refer"


def test_of_an_unknown_eye_one_that_was_set_aside_is_to_be_taken_again_until_others_are_there(told):
    screened(told, either=[SOUND])
    told.happen(RetakeAsked(1))
    assert (advice(told), advise(told.camp, 1).unknown) == ("retake", ())
    screened(told, [SOUND], [SOUND])
    assert advice(told) == "no-referral"


def test_a_photograph_whose_eye_is_told_counts_for_that_eye(told):
    screened(told, [SOUND], either=[SOUND])
    assert advise(told.camp, 1).unknown == (2,)
    told.happen(EyeTold(2, "left"))
    assert (advice(told), advise(told.camp, 1).unknown) == ("no-referral", ())
    told.happen(EyeTold(2, None))
    assert (advice(told), advise(told.camp, 1).unknown) == ("incomplete", (2,))


def test_the_most_urgent_come_first_and_among_those_to_refer_the_highest_score(told):
    cases = [([SOUND], [SOUND]), ([ILL - 0.1], [SOUND]), ([SOUND], []), ([SOUND], [ILL]),
             ([NONE], [SOUND])]  # fmt: skip
    for person, (right, left) in enumerate(cases, start=1):
        for path, scores in ((RIGHT, right), (LEFT, left)):
            for score in scores:
                told.take(path, score, person=person)
    found = sorted(told.camp.people, key=lambda person: advise(told.camp, person).urgency)
    assert found == [4, 2, 5, 3, 1]


def test_advice_is_worked_out_anew_once_something_is_said_of_the_photographs(told, monkeypatch):
    screened(told, [SOUND], [SOUND])
    asked = []
    real = advice_room.advise
    monkeypatch.setattr(advice_room, "advise", lambda *given: asked.append(given) or real(*given))
    advised = Advised(told.camp)
    assert [advised.of(1).advice for _ in range(3)] == ["no-referral"] * 3
    told.take(RIGHT, SOUND, person=2)
    assert (advised.of(1).advice, len(asked)) == ("no-referral", 1)
    at = told.happen(RetakeAsked(1))
    assert (advised.of(1).advice, len(asked)) == ("retake", 2)
    told.happen(Undone(at))
    assert advised.of(1) == real(told.camp, 1)


def test_what_the_last_visit_comes_to_is_kept_once_for_it_and_for_its_day(told):
    told.take(score=0.9)
    told.happen(PersonCalled(None))
    advised = Advised(told.camp)
    day = told.at.date().isoformat()
    assert advised.of(1) is advised.of(1, day)
    told.happen(ResultOverridden(1, "no-referral", "a reflex"))
    assert advised.of(1, day) is advised.of(1)
    assert advised.of(1).advice == "incomplete"


def test_what_has_no_result_of_an_unknown_eye_asks_for_nothing_once_both_eyes_have_one():
    told = Told()
    told.take("IMG_1.jpg", None)
    assert advise(told.camp, 1).states >= {"retake"}
    for path in ("1_OD.jpg", "1_OS.jpg"):
        told.take(path, 0.1)
    found = advise(told.camp, 1)
    assert found.states == {"no-referral"}
    assert None not in found.counting
