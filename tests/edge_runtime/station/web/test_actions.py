"""Forms become events, and one that can't is answered with a sentence of the catalogue."""

from typing import get_args

import pytest

from edge_runtime.results.texts import LANGUAGES, texts
from edge_runtime.station.events import (
    AnotherCame,
    ComputerStarted,
    ConsentTold,
    Event,
    EyeTold,
    FollowedUp,
    HintAnswered,
    OperatorAtCamera,
    OrdersChosen,
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonExpected,
    PersonOpened,
    PersonReferred,
    PhotoAssigned,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
    Undone,
    VisitGoesOn,
)
from edge_runtime.station.happened import Happened
from edge_runtime.station.moment import now
from edge_runtime.station.orders import Order
from edge_runtime.station.web.actions import KINDS, events_of
from edge_runtime.station.web.form_error import FormError
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.station.web.history import told_of
from tests.edge_runtime.station.camps import Camp, photo


def camp():
    """Three persons, two of one number; one photograph, of the first."""
    made, day_before, day = Camp(), "2024-05-16T09:30+00:00", "2024-05-17T09:30+00:00"
    events = [
        PersonOpened(1, "A1"), PersonOpened(2, "B"), PersonOpened(3, "B"), PhotoAssigned(1, 1)
    ]  # fmt: skip
    made.take(
        [photo(1)],
        [Happened(n + 1, day if n else day_before, e) for n, e in enumerate(events)],
    )
    return made


@pytest.mark.parametrize(
    ("kind", "form", "expected"),
    [
        ("call", {"given_id": " new  one "}, [PersonOpened(9, "new one"), PersonCalled(9)]),
        ("call", {"given_id": ""}, [PersonOpened(9, ""), PersonCalled(9)]),
        ("call", {"given_id": "A1"}, [PersonCalled(1)]),
        ("call", {"given_id": "A1", "nobody": "1"}, [PersonCalled(None)]),
        (
            "describe",
            {"person": "1", "given_id": "A2", "name": "N. N.", "birth_year": "1951"},
            [PersonDescribed(1, "A2", "N. N.", 1951)],
        ),
        ("describe", {"person": "1"}, [PersonDescribed(1)]),
        ("eye", {"photo": "1", "eye": "left"}, [EyeTold(1, "left")]),
        ("eye", {"photo": "1", "eye": "unknown"}, [EyeTold(1, None)]),
        ("retake", {"photo": "1"}, [RetakeAsked(1)]),
        ("accept", {"photo": "1"}, [ResultAccepted(1)]),
        (
            "override",
            {"photo": "1", "decision": "refer", "reason": "sees badly"},
            [ResultOverridden(1, "refer", "sees badly")],
        ),
        ("assign", {"photo": "1", "given_id": "C"}, [PersonOpened(9, "C"), PhotoAssigned(1, 9)]),
        ("assign", {"photo": "1", "given_id": "A1"}, [PhotoAssigned(1, 1)]),
        (
            "merge",
            {"person": "2", "given_id": "A1", "reason": "twice"},
            [PeopleMerged(2, 1, "twice")],
        ),
        ("merge", {"person": "3", "given_id": "B", "reason": "same"}, [PeopleMerged(3, 2, "same")]),
        (
            "another",
            {"person": "1", "key": "again:1:2024-05-17"},
            [PersonOpened(9, "A1"), AnotherCame(1, 9, (1,))],
        ),
        ("merge", {"person": "3", "given_id": "#1", "reason": "x"}, [PeopleMerged(3, 1, "x")]),
        ("assign", {"photo": "1", "given_id": "#3"}, [PhotoAssigned(1, 3)]),
        ("call", {"given_id": "#2"}, [PersonCalled(2)]),
        ("operator", {"name": " Asha "}, [OperatorAtCamera("Asha")]),
        ("operator", {}, [OperatorAtCamera("")]),
        (
            "refer",
            {"person": "1", "place": "A", "day": "2025-12-31"},
            [PersonReferred(1, "A", "2025-12-31")],
        ),
        ("refer", {"person": "1", "place": "A"}, [PersonReferred(1, "A")]),
        ("consent", {"person": "1", "may_call": "no"}, [ConsentTold(1, False)]),
        (
            "consent",
            {"person": "1", "may_call": "yes", "contact": "0123"},
            [ConsentTold(1, True, "0123")],
        ),
        (
            "follow",
            {"person": "1", "came": "yes", "note": "cataract removed"},
            [FollowedUp(1, True, "cataract removed", 0)],
        ),
        ("undo", {"event": "4"}, [Undone(4)]),
    ],
)
def test_a_form_becomes_what_it_says(kind, form, expected):
    assert events_of(kind, form, camp(), person=9) == expected


@pytest.mark.parametrize(
    ("kind", "form", "cause"),
    [
        ("describe", {"person": "1", "birth_year": "51"}, "error.year"),
        ("describe", {"person": "1", "birth_year": "\u00b2"}, "error.year"),
        ("describe", {"person": "1", "birth_year": str(now().year + 1)}, "error.year"),
        ("describe", {"person": "7"}, "error.nobody"),
        ("describe", {"person": "1", "name": "n" * 201}, "error.long"),
        ("eye", {"photo": "1", "eye": "third"}, "error.choice"),
        ("eye", {"photo": "2", "eye": "left"}, "error.photo"),
        ("retake", {"photo": "1" * 30}, "error.photo"),
        ("accept", {}, "error.photo"),
        ("override", {"photo": "1", "decision": "treat", "reason": "x"}, "error.choice"),
        ("override", {"photo": "1", "decision": "refer", "reason": "  "}, "error.reason"),
        ("assign", {"photo": "1", "given_id": "B"}, "error.ambiguous"),
        ("assign", {"photo": "1", "given_id": "#9"}, "error.hash"),
        ("call", {"given_id": "#9"}, "error.hash"),
        ("describe", {"person": "1", "given_id": "#9"}, "error.hash"),
        ("call", {"given_id": "b"}, "error.ambiguous"),
        ("describe", {"person": "1", "given_id": "b"}, "error.taken"),
        ("merge", {"person": "1", "given_id": "B", "reason": "x"}, "error.ambiguous"),
        ("merge", {"person": "1", "given_id": "A1", "reason": "x"}, "error.own"),
        ("merge", {"person": "1", "given_id": "A9", "reason": "x"}, "error.nobody"),
        ("merge", {"person": "2", "given_id": "A1"}, "error.reason"),
        ("refer", {"person": "1", "day": "31.12.2026"}, "error.day"),
        ("refer", {"person": "1", "day": "2024-05-16"}, "error.day_of_referral"),
        ("refer", {"person": "1", "day": "0001-01-01"}, "error.day_of_referral"),
        ("refer", {"person": "1", "day": "9999-12-31"}, "error.day_of_referral"),
        ("refer", {"person": "7"}, "error.nobody"),
        ("consent", {"person": "1"}, "error.choice"),
        ("follow", {"person": "1", "came": "perhaps"}, "error.choice"),
        ("undo", {"event": "5"}, "error.undone"),
        ("undo", {"event": "-1"}, "error.undone"),
    ],
)
def test_a_form_that_cant_be_taken_says_why(kind, form, cause):
    with pytest.raises(FormError) as error:
        events_of(kind, form, camp(), person=9)
    assert str(error.value) == cause
    assert all(cause in texts(language, TEXTS).by_key for language in LANGUAGES)


SAID = [
    (PersonOpened(1, "A1"), "Came up as person #1: A1."),
    (PersonDescribed(1, "A1", "N. N.", 1950), "Was written down as: A1, N. N., 1950."),
    (PersonDescribed(1), "Was written down as: nothing."),
    (PersonExpected(1, "A1", "H", "N. N.", 1950, (Order(what="Both eyes"), Order("", "7"))),
     "The hospital's list has this person: A1, N. N., 1950, Both eyes, 7."),
    (PersonExpected(1), "The hospital's list has this person: nothing."),
    (PersonCalled(1), "Called to the camera: A1."),
    (PersonCalled(None), "Nobody is at the camera."),
    (OperatorAtCamera("Asha"), "At the camera from now on: Asha."),
    (PhotoAssigned(1, 1), "1_OD.jpg was given to person #1."),
    (EyeTold(1, "left"), "1_OD.jpg is of this eye: Left eye (OS)."),
    (RetakeAsked(1, "lashes"), "1_OD.jpg was set aside, to take it again: lashes."),
    (ResultAccepted(1), "1_OD.jpg can't be done better: let stand without a result."),
    (ResultOverridden(1, "refer", "\u202esees badly"),
     "1_OD.jpg was decided otherwise, Refer: \\u202esees badly."),
    (
        AnotherCame(2, 1),
        "Person #1 has the number of person #2 on another day: that day's photos went to them.",
    ),
    (PeopleMerged(2, 1, "twice"), "Person #2 is the same as person #1: twice."),
    (PersonReferred(1, "A", "2025-12-31"), "Was told where to go: A, 2025-12-31."),
    (ConsentTold(1, True, "0123"), "May be called: 0123."),
    (ConsentTold(1, False), "Doesn't want to be called."),
    (FollowedUp(1, True, "seen"), "Went to the appointment: seen."),
    (FollowedUp(1, False), "Didn't go to the appointment."),
    (HintAnswered(1, "copy:3:1"), "Nothing is wrong with: a photo that looks like a copy."),
    (HintAnswered(1, "again:1:2024-05-17"), "Same person as on an earlier day, and a new visit."),
    (VisitGoesOn(1, "2024-05-17", "2024-05-18"),
     "The visit of 2024-05-17 went on on 2024-05-18."),
    (VisitGoesOn(1, "2024-05-17", "2024-05-17.2"),
     "The visit of 2024-05-17 went on on 2024-05-17 (2)."),
    (ComputerStarted(), "The computer was started anew."),
    (OrdersChosen(1, "2024-05-17", (Order("", "7", "Left eye", "OP", "2024-05-17T10:15"),)),
     "The photos of the visit of 2024-05-17 are for: 10:15 · Left eye · OP · 7."),
    (OrdersChosen(1, "2024-05-17"),
     "The photos of the visit of 2024-05-17 are for none of the hospital's orders."),
    (Undone(4), "Undone: 1_OD.jpg was given to person #1."),
]  # fmt: skip


@pytest.mark.parametrize(("event", "sentence"), SAID)
def test_the_history_says_what_happened_and_to_what(event, sentence):
    assert told_of(event, camp(), texts("en", TEXTS)) == sentence
    for language in LANGUAGES:
        assert "{" not in told_of(event, camp(), texts(language, TEXTS))


def test_every_event_is_told_and_every_form_is_tried():
    assert {type(event) for event, _ in SAID} == {*get_args(Event)}
    tried = {"call", "describe", "eye", "retake", "accept", "override", "assign", "merge", "undo",
             "operator", "refer", "consent", "follow", "hint", "another", "goes_on",
             "orders"}  # fmt: skip
    assert set(KINDS) == tried
