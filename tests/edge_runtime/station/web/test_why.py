"""The sentence beside what is to be done says by which eye, by what, and what lacks."""

import pytest

from edge_runtime.results.texts import LANGUAGES, texts
from edge_runtime.station.advice import advise
from edge_runtime.station.events import (
    EyeTold,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
)
from edge_runtime.station.happened import Happened
from edge_runtime.station.web.cards import person_card
from edge_runtime.station.web.frame import TEXTS
from tests.edge_runtime.results.records import ungradable
from tests.edge_runtime.station.camps import WHEN, Told

BOTH_BELOW = "both eyes are below the threshold; other diseases aren't looked for"


def card(told, language="en"):
    return person_card(told.camp, 1, advise(told.camp, 1), texts(language, TEXTS))


def camp(*photos):
    """Take photographs of one person: names with scores, None for one that can't be graded."""
    told = Told()
    for path, score in photos:
        told.take(path, score or 0.1, record=ungradable(path) if score is None else None)
    return told


@pytest.mark.parametrize(
    ("photos", "events", "advice", "sentence"),
    [
        ([("1_OD.jpg", 0.9), ("1_OS.jpg", 0.9)], [], "refer",
         "because of both eyes: the worse eye decides"),
        ([("1_OD.jpg", 0.9)], [], "refer",
         "because of the right eye: the worse eye decides; no photo yet of the left eye"),
        ([("1_OD.jpg", 0.9), ("1_OS.jpg", None)], [], "refer",
         "because of the right eye: the worse eye decides; no result yet for the left eye"),
        ([("1_OD.jpg", 0.9), ("1_OS.jpg", 0.1), ("IMG_1.jpg", 0.8)], [], "refer",
         "because of the right eye and an eye that isn't known: the worse eye decides"),
        ([("1_OD.jpg", 0.1), ("1_OS.jpg", 0.1)], [], "no-referral", BOTH_BELOW),
        ([("1_OD.jpg", 0.9), ("1_OS.jpg", 0.9)],
         [ResultOverridden(1, "no-referral", "seen"), ResultOverridden(2, "no-referral", "seen")],
         "no-referral", "the operator decided for both eyes: seen (Asha)"),
        ([("1_OD.jpg", 0.9), ("1_OS.jpg", 0.1)], [ResultOverridden(1, "no-referral", "old scar")],
         "no-referral", "the operator decided for the right eye: old scar (Asha); below the "
         "threshold: the left eye; other diseases aren't looked for"),
        ([("1_OD.jpg", 0.1), ("1_OS.jpg", 0.9)], [ResultOverridden(1, "refer", "sees halos")],
         "refer", "the operator decided for the right eye: sees halos (Asha); because of the left "
         "eye: the worse eye decides"),
        ([("1_OD.jpg", None), ("1_OS.jpg", 0.1)], [ResultAccepted(1)], "refer",
         "no photo of the right eye can be read, and it can't be done better: no result means "
         "refer"),
        ([("1_OD.jpg", None), ("1_OS.jpg", 0.1)], [], "retake", "no result yet for the right eye"),
        ([("1_OD.jpg", 0.1), ("1_OS.jpg", 0.1)], [RetakeAsked(2)], "retake",
         "no result yet for the left eye"),
        ([("1_OD.jpg", 0.1)], [], "incomplete", "no photo yet of the left eye"),
        ([("1_OD.jpg", 0.1), ("1_OS.jpg", 0.9), ("IMG_1.jpg", None)],
         [ResultOverridden(2, "no-referral", "old scar")], "no-referral",
         "the operator decided for the left eye: old scar (Asha); below the threshold: the right "
         "eye; other diseases aren't looked for"),
    ],
)  # fmt: skip
def test_it_says_which_eyes_decide_and_by_what(photos, events, advice, sentence):
    told = camp(*photos)
    first = len(told.camp.history) + 1
    told.camp.take([], [Happened(first + i, WHEN.isoformat(), each, "Asha")
                        for i, each in enumerate(events)])  # fmt: skip
    shown = card(told)
    assert (shown.mark.key, shown.why) == (advice, sentence)
    for language in LANGUAGES:
        assert "{" not in card(told, language).why


def test_an_eye_to_be_taken_again_says_what_to_do_beside_the_advice():
    assert card(camp(("1_OD.jpg", 0.1), ("1_OS.jpg", None))).todo == (
        "the photo is too dark. Raise the flash, and wait in a darker place until the pupil is "
        "wide."
    )
    assert card(camp(("1_OD.jpg", 0.1))).todo == ""


def test_what_cant_be_done_better_isnt_to_be_done_again():
    told = camp(("1_OD.jpg", None))
    told.happen(ResultAccepted(1))
    shown = card(told)
    rows = {label: text for label, text, _ in shown.eyes[0].shown.rows}
    assert rows == {
        "Quality": "the photo is too dark",
        "Decision": "can't be done better: no result means refer",
    }
    assert shown.todo == ""


def test_who_lacks_an_eye_or_a_result_is_found_though_the_other_eye_refers():
    assert advise(camp(("1_OD.jpg", 0.9)).camp, 1).states == {"refer", "incomplete"}
    told = camp(("1_OD.jpg", 0.9), ("1_OS.jpg", None))
    assert advise(told.camp, 1).states == {"refer", "retake"}
    told.happen(EyeTold(2, None))
    assert advise(told.camp, 1).states == {"refer", "retake", "incomplete"}
    assert advise(camp(("1_OD.jpg", 0.1), ("1_OS.jpg", 0.1)).camp, 1).states == {"no-referral"}
