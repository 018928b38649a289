"""What counts is a visit: no photograph of another day says anything of an eye today."""

import csv
import dataclasses
import io
from datetime import date

import pytest
from msgspec.structs import replace

from edge_runtime.results.texts import texts
from edge_runtime.station.advice import Advised, advise
from edge_runtime.station.events import (
    EyeTold,
    FollowedUp,
    HintAnswered,
    PeopleMerged,
    PersonCalled,
    PersonOpened,
    PersonReferred,
    PhotoAssigned,
    VisitGoesOn,
)
from edge_runtime.station.hints import Hints
from edge_runtime.station.visits import visits_of
from edge_runtime.station.web.actions import FormError, events_of
from edge_runtime.station.web.export import BYTE_ORDER_MARK, camp_csv
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.station.web.hint_cards import hint_card
from edge_runtime.station.web.plan import plan_of
from tests.edge_runtime.station.camps import Told

FIRST, NEXT, THIRD = "2024-05-17", "2024-05-18", "2024-05-19"


@pytest.fixture
def healthy():
    """A person both of whose eyes were healthy, called again on the next day."""
    told = Told()
    told.happen(PersonOpened(1, "5"), PersonCalled(1))
    told.take("IMG_1_OS.jpg", 0.1)
    told.take("IMG_2_OD.jpg", 0.1)
    told.happen(PersonCalled(None))
    told.turn()
    told.happen(PersonCalled(1))
    return told


def form(told, kind, **fields):
    found = {name: str(value) for name, value in fields.items()}
    return told.happen(*events_of(kind, found, told.camp, person=told.camp.newest + 1))


def again(told):
    (key,) = [each.key for each in Hints(told.camp).of(1) if each.kind == "again"]
    return key


def eyes(told, day=None):
    found = advise(told.camp, 1, day)
    return found.advice, found.right.advice, found.left.advice


def test_who_is_called_again_waits_whatever_was_found_before(healthy):
    assert eyes(healthy) == ("waiting", "waiting", "waiting")
    assert eyes(healthy, FIRST) == ("no-referral", "no-referral", "no-referral")


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_blurred_photo_today_is_taken_again_though_the_eye_was_healthy_before(
    healthy, is_answered
):
    if is_answered:
        form(healthy, "hint", person=1, key=again(healthy))
    healthy.take("IMG_3_OS.jpg", None)
    assert eyes(healthy) == ("retake", "waiting", "retake")
    assert eyes(healthy, NEXT) == eyes(healthy)
    assert "incomplete" in advise(healthy.camp, 1).states
    kinds = {each.kind for each in Hints(healthy.camp).of(1)}
    assert kinds == (set() if is_answered else {"again"})  # it came late to nobody's visit


def test_a_referral_of_before_decides_nothing_today_and_stands_for_follow_up():
    told = Told()
    told.take("IMG_1_OS.jpg", 0.9)
    told.take("IMG_2_OD.jpg", 0.1)
    told.happen(PersonReferred(1, "Clinic", FIRST), FollowedUp(1, True, "operated"))
    told.turn(100)
    told.take("IMG_3_OS.jpg", 0.1)
    assert eyes(told) == ("incomplete", "waiting", "no-referral")
    assert eyes(told, FIRST) == ("refer", "no-referral", "refer")
    assert stage(told) == "came"
    told.take("IMG_4_OD.jpg", 0.9)
    assert stage(told) == "unplanned"  # a new round: they went for what was found before
    told.happen(PersonReferred(1, "Clinic", THIRD))
    assert stage(told) == "due"


def stage(told):
    return plan_of(told.camp, 1, Advised(told.camp), date(2024, 9, 1)).stage


def test_a_referral_that_nobody_looked_after_is_not_lost_by_a_healthy_visit():
    told = Told()
    told.take("IMG_1_OS.jpg", 0.9)
    told.turn()
    told.take("IMG_2_OS.jpg", 0.1)
    told.take("IMG_3_OD.jpg", 0.1)
    assert eyes(told)[0] == "no-referral"
    assert stage(told) == "unplanned"


def test_a_visit_goes_on_where_somebody_says_so_until_that_is_undone():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.1)
    told.turn()
    told.take("IMG_2_OS.jpg", 0.1)
    assert eyes(told)[0] == "incomplete"
    done = form(told, "goes_on", person=1, key=again(told))
    assert told.camp.history[-1].event == VisitGoesOn(1, FIRST, NEXT)
    assert eyes(told) == eyes(told, FIRST) == ("no-referral", "no-referral", "no-referral")
    assert [each.kind for each in Hints(told.camp).of(1)] == []
    with pytest.raises(FormError):
        form(told, "goes_on", person=1, key=f"again:1:{NEXT}")
    form(told, "undo", event=done)
    assert eyes(told)[0] == "incomplete"
    assert again(told) == f"again:1:{NEXT}"


def test_a_visit_that_goes_on_for_three_days_is_one_and_the_fourth_day_is_new():
    told = Told()
    for path in ("IMG_1_OD.jpg", "IMG_2.jpg", "IMG_3_OS.jpg"):
        told.take(path, 0.1)
        if len(told.camp.photos) > 1:
            form(told, "goes_on", person=1, key=again(told))
        told.turn()
    assert [each.days for each in visits_of(told.camp, 1)] == [(FIRST, NEXT, THIRD)]
    told.happen(PhotoAssigned(2, 2), PersonOpened(2), PhotoAssigned(2, 2))
    assert [each.days for each in visits_of(told.camp, 1)] == [(FIRST, THIRD)]
    told.take("IMG_4_OD.jpg", 0.9)
    assert eyes(told) == ("refer", "refer", "waiting")


def test_who_said_that_it_is_a_new_visit_may_change_their_mind():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.1)
    told.turn()
    told.take("IMG_2_OS.jpg", 0.1)
    key = again(told)
    told.happen(HintAnswered(1, key))
    form(told, "goes_on", person=1, key=key)
    assert eyes(told)[0] == "no-referral"


def test_over_midnight_a_new_visit_begins_that_may_be_said_to_go_on():
    told = Told()
    told.happen(PersonOpened(1, "7"), PersonCalled(1))
    told.take("IMG_1_OD.jpg", 0.1)
    told.turn()
    told.take("IMG_2_OS.jpg", 0.1)
    assert told.camp.called == 1  # since before midnight, and what came last is of today
    assert [each.days for each in visits_of(told.camp, 1)] == [(FIRST,), (NEXT,)]
    assert eyes(told) == ("incomplete", "waiting", "no-referral")
    form(told, "goes_on", person=1, key=again(told))
    assert eyes(told)[0] == "no-referral"


def test_a_photo_that_is_assigned_or_whose_eye_is_told_later_counts_on_its_own_day():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.1)
    told.take("IMG_2.jpg", 0.9, person=2)
    told.turn()
    told.take("IMG_3_OD.jpg", 0.1)
    told.happen(PhotoAssigned(2, 1), EyeTold(2, "left"))
    assert eyes(told) == ("incomplete", "no-referral", "waiting")
    assert eyes(told, FIRST) == ("refer", "no-referral", "refer")


def test_who_became_one_has_the_visits_of_both_by_their_days():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.9)
    told.turn()
    told.take("IMG_2_OD.jpg", 0.1, person=2)
    told.turn()
    told.take("IMG_3_OS.jpg", 0.1, person=2)
    told.happen(VisitGoesOn(2, NEXT, THIRD))
    done = told.happen(PeopleMerged(2, 1, "one"))
    assert [each.days for each in visits_of(told.camp, 1)] == [(FIRST,), (NEXT, THIRD)]
    assert eyes(told) == ("no-referral", "no-referral", "no-referral")
    assert eyes(told, FIRST) == ("refer", "refer", "waiting")
    form(told, "undo", event=done)
    assert eyes(told) == ("refer", "refer", "waiting")


def test_names_of_eyes_that_were_mixed_up_are_sought_within_a_visit():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.1)
    told.happen(EyeTold(1, "left"))
    told.turn()
    told.take("IMG_2_OS.jpg", 0.1)
    assert "swapped" not in {each.kind for each in Hints(told.camp).of(1)}
    told.happen(VisitGoesOn(1, FIRST, NEXT))
    assert "swapped" in {each.kind for each in Hints(told.camp).of(1)}


def test_what_was_worked_out_before_is_dropped_by_a_call_and_by_a_visit_that_goes_on():
    told = Told()
    known = Advised(told.camp)
    told.take("IMG_1_OD.jpg", 0.1)
    assert known.of(1).advice == "incomplete"
    told.turn()
    told.happen(PersonCalled(1))
    assert known.of(1).advice == "waiting"
    told.happen(PersonCalled(None))
    assert known.of(1).advice == "incomplete"
    told.take("IMG_2_OS.jpg", 0.1)
    assert known.of(1).advice == "incomplete"
    told.happen(VisitGoesOn(1, FIRST, NEXT))
    assert known.of(1).advice == known.of(1, FIRST).advice == "no-referral"


def test_a_copy_of_a_photo_of_an_earlier_visit_is_asked_about():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.1)
    told.turn()
    told.take("IMG_1_OD_copy.jpg", 0.1)
    copied = replace(told.camp.photos[2], copies=(1,))
    told.camp.told[2] = dataclasses.replace(told.camp.told[2], photo=copied)
    (hint,) = [each for each in Hints(told.camp).of(1) if each.kind == "copy"]
    card = hint_card(hint, 1, told.camp, texts("en", TEXTS))
    assert "a photo of an earlier visit" in card.sentence
    told.happen(VisitGoesOn(1, FIRST, NEXT))
    assert [each for each in Hints(told.camp).of(1) if each.kind == "copy"] == []


def test_the_table_says_of_each_photo_which_visit_it_is_of_and_what_that_came_to(healthy):
    healthy.take("IMG_3_OS.jpg", None)
    assert rows(healthy) == [
        ("1", FIRST, "no-referral"), ("2", FIRST, "no-referral"), ("3", NEXT, "retake"),
    ]  # fmt: skip
    assert rows(healthy, day=NEXT) == [("3", NEXT, "retake")]
    assert rows(healthy, day=FIRST) == rows(healthy)[:2]


def test_a_visit_that_has_only_begun_has_a_row(healthy):
    assert rows(healthy)[2:] == rows(healthy, day=NEXT) == [("", NEXT, "waiting")]


def test_the_table_has_a_referral_as_it_was_known_until_they_came_again(healthy):
    healthy.take("IMG_3_OS.jpg", 0.9)
    healthy.happen(PersonReferred(1, "City", THIRD))
    found = [(row["visit"], row["referred_to"]) for row in table(healthy)]
    assert found == [(FIRST, ""), (FIRST, ""), (NEXT, "City")]


def table(told, *, day=None):
    lines = io.StringIO(camp_csv(told.camp, day=day).removeprefix(BYTE_ORDER_MARK))
    return csv.DictReader(lines)


def rows(told, *, day=None):
    found = table(told, day=day)
    return [(row["photo"], row["visit"], row["person_advice"]) for row in found]


def referred_at_the_call():
    """Somebody who was referred and went, and is told anew while they sit there again."""
    told = Told()
    told.take("IMG_1_OS.jpg", 0.9)
    told.happen(PersonReferred(1, "City", FIRST), FollowedUp(1, True))
    told.turn()
    told.happen(PersonCalled(1), PersonReferred(1, "Clinic", NEXT))
    told.take("IMG_2_OS.jpg", 0.9)
    return told


def test_what_was_told_between_the_call_and_the_first_photograph_is_of_this_visit():
    told = referred_at_the_call()
    told.happen(PersonCalled(None), FollowedUp(1, True))
    assert stage(told) == "came"
    found = {(row["visit"], row["referred_to"]) for row in table(told)}
    assert found == {(FIRST, "City"), (NEXT, "Clinic")}


def test_so_it_isnt_where_the_call_was_undone_or_somebody_elses():
    told = referred_at_the_call()
    told.happen(PersonCalled(None), FollowedUp(1, True))
    told.take("IMG_3_OS.jpg", 0.9, person=2)
    told.turn()
    told.happen(PersonReferred(1, "Clinic", THIRD))
    told.happen(PersonCalled(2))
    told.take("P1_OS.jpg", 0.9)
    told.happen(FollowedUp(1, True))
    assert stage(told) == "unplanned"


def test_a_call_of_which_there_is_a_photograph_of_before_midnight_begins_no_visit_after_it():
    told = Told()
    told.happen(PersonOpened(1, "7"), PersonCalled(1))
    told.take("IMG_1_OD.jpg", 0.9)
    told.happen(PersonReferred(1, "City", FIRST))
    told.turn()
    told.take("IMG_2_OD.jpg", 0.9)
    told.happen(FollowedUp(1, True))
    assert stage(told) == "unplanned"
