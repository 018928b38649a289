"""Who went is to be told anew where to go with what was found after that, and nobody else is."""

import random

import pytest

from edge_runtime.station import found_since as module
from edge_runtime.station.advice import Advised
from edge_runtime.station.another import another_than, moved_with
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import (
    EyeTold,
    FollowedUp,
    PeopleMerged,
    PersonCalled,
    PersonReferred,
    PhotoAssigned,
    ResultOverridden,
    RetakeAsked,
    Undone,
    VisitGoesOn,
)
from edge_runtime.station.visits import return_of
from tests.edge_runtime.station.camps import WHEN, Told
from tests.edge_runtime.station.referrals import FIRST, NEXT, due, on_paper, shown

WENT = PersonReferred(1, "City"), FollowedUp(1, True, "glasses")


@pytest.fixture
def told():
    """A person whose right eye was to refer, and who went with it."""
    told = Told()
    told.take("1_OD.jpg", 0.9)
    told.happen(*WENT)
    return told


def come_healthy(told, person=1):
    told.turn()
    told.take("1_OD.jpg", person=person)
    told.take("1_OS.jpg", person=person)


def test_the_other_eye_of_a_next_day_is_told_of_nowhere_though_the_visit_goes_on(told):
    told.turn()
    told.take("1_OS.jpg", 0.9)
    assert shown(told).stage == "unplanned"
    joined = told.happen(VisitGoesOn(1, FIRST, NEXT))
    assert (shown(told).stage, shown(told).place, on_paper(told)) == ("unplanned", "", "")
    come_healthy(told)
    assert due(told) == ("untold", NEXT)
    assert shown(told).stage == "unplanned"
    told.happen(Undone(joined))
    assert due(told) == ("untold", NEXT)


def test_the_other_eye_of_the_same_day_is_told_of_nowhere(told):
    told.take("1_OS.jpg", 0.9)
    assert shown(told).stage == "unplanned"
    come_healthy(told)
    assert due(told) == ("untold", FIRST)
    assert (on_paper(told, FIRST), on_paper(told)) == ("", "")
    told.happen(PersonReferred(1, "Town"))
    assert (shown(told).stage, shown(told).place) == ("planned", "Town")
    assert due(told) == ("open", FIRST)
    told.happen(FollowedUp(1, True))
    assert (shown(told).stage, due(told)) == ("came", None)


def test_an_eye_that_becomes_theirs_later_counts_from_when_it_did():
    told = Told()
    told.take("1_OD.jpg", 0.9)
    left = told.take("2_OS.jpg", 0.9, person=2)
    told.happen(*WENT)
    told.turn()
    assert [shown(told, each).stage for each in (1, 2)] == ["came", "unplanned"]
    given = told.happen(PhotoAssigned(left, 1))
    assert [shown(told, each).stage for each in (1, 2)] == ["unplanned", None]
    come_healthy(told)
    assert due(told) == ("untold", FIRST)
    told.happen(Undone(given))
    assert [shown(told, each).stage for each in (1, 2)] == ["came", "unplanned"]


def test_an_eye_of_an_earlier_visit_that_becomes_theirs_is_told_of_nowhere():
    told = Told()
    told.take("1_OD.jpg")
    left = told.take("2_OS.jpg", 0.9, person=2)
    told.turn()
    told.take("1_OD.jpg", 0.9)
    told.happen(*WENT)
    told.happen(PhotoAssigned(left, 1))
    assert shown(told).stage == "unplanned"
    assert on_paper(told) == "City"  # of this visit they went


@pytest.mark.parametrize("into", [1, 2])
def test_what_was_found_of_who_becomes_one_with_them_later_is_told_of_nowhere(into):
    told = Told()
    told.take("1_OD.jpg", 0.9)
    told.take("2_OS.jpg", 0.9, person=2)
    told.happen(*WENT)
    merged = told.happen(PeopleMerged(3 - into, into, "one"))
    assert shown(told, into).stage == "unplanned"
    come_healthy(told, into)
    assert due(told, into) == ("untold", FIRST)
    told.happen(Undone(merged))
    assert [shown(told, each).stage for each in (1, 2)] == ["came", "unplanned"]


@pytest.mark.parametrize("into", [1, 2])
def test_who_became_one_with_somebody_healthy_went_all_the_same(into):
    told = Told()
    told.take("1_OD.jpg", 0.9)
    told.take("2_OS.jpg", person=2)
    told.happen(*WENT, PeopleMerged(3 - into, into, "one"))
    assert shown(told, into).stage == "came"


def test_an_operators_word_counts_from_when_it_was_said(told):
    left = told.take("1_OS.jpg")
    assert shown(told).stage == "came"
    word = told.happen(ResultOverridden(left, "refer", "spots"))
    assert shown(told).stage == "unplanned"
    told.happen(FollowedUp(1, True))
    assert shown(told).stage == "came"
    told.happen(ResultOverridden(left, "refer", "many spots"))
    assert shown(told).stage == "came"  # it was to refer before, by another word
    back = told.happen(Undone(word))
    assert shown(told).stage == "came"
    told.happen(Undone(back))
    assert shown(told).stage == "came"


def test_a_word_against_a_finding_that_is_undone_leaves_it_told_of_nowhere():
    told = Told()
    told.take("1_OD.jpg", 0.9)
    left = told.take("1_OS.jpg", 0.9)
    word = told.happen(ResultOverridden(left, "no-referral", "a reflex"))
    told.happen(*WENT)
    assert shown(told).stage == "came"
    undone = told.happen(Undone(word))
    assert shown(told).stage == "unplanned"
    told.happen(Undone(undone))
    assert shown(told).stage == "came"


def test_the_same_eye_once_more_or_healthy_ones_are_nothing_new(told):
    told.take("1_OD_2.jpg", 0.95)
    told.take("1_OS.jpg")
    assert shown(told).stage == "came"
    assert on_paper(told) == "City"
    told.happen(RetakeAsked(1))
    assert shown(told).stage == "came"


def test_a_finding_that_turns_out_to_be_of_the_other_eye_is_nothing_new(told):
    told.happen(EyeTold(1, "left"))
    assert shown(told).stage == "came"
    told.happen(EyeTold(1, None))
    assert shown(told).stage == "came"
    told.take("1_OS.jpg", 0.9)
    assert shown(told).stage == "unplanned"


def test_who_didnt_go_stays_so_whatever_is_found(told):
    told.happen(FollowedUp(1, False, "rain"))
    told.take("1_OS.jpg", 0.9)
    assert (shown(told).stage, shown(told).place) == ("missed", "City")
    come_healthy(told)
    assert due(told) == ("missed", FIRST)


@pytest.mark.parametrize("is_early", [True, False])
def test_what_went_along_to_another_person_was_said_when_it_was(is_early):
    told = Told()
    told.take("1_OD.jpg")
    told.turn()
    told.happen(PersonCalled(1))
    told.take("1_OD.jpg", 0.9)
    if is_early:
        told.take("1_OS.jpg", 0.9)
    told.happen(*WENT)
    if not is_early:
        told.take("1_OS.jpg", 0.9)
    stage = "came" if is_early else "unplanned"
    assert shown(told).stage == stage
    moved = told.happen(*another_than(told.camp, 1, return_of(told.camp, 1), new=2))
    assert shown(told, 2).stage == stage
    told.happen(*(Undone(each) for each in (moved, *moved_with(moved, told.camp))))
    assert shown(told).stage == stage


def test_of_most_who_went_nothing_is_looked_up(told, monkeypatch):
    monkeypatch.setattr(module, "_before", lambda *_: pytest.fail("it was looked up"))
    other = told.take("2_OD.jpg", 0.9, person=2)
    told.happen(Undone(told.happen(ResultOverridden(other, "no-referral", "no"))))
    assert shown(told).stage == "came"


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_a_finding_after_they_went_is_told_of_somewhere(seed):
    """By a model of its own: what each eye was when it was said that they went."""
    chance, told = random.Random(seed), Told()
    told.take("1_OD.jpg", 0.9)
    went, at_answer = False, set()
    for _ in range(25):
        match chance.randrange(7):
            case 0 | 1:
                told.take(f"1_O{chance.choice('DS')}.jpg", chance.choice((0.1, 0.9)))
            case 2:
                told.happen(PersonReferred(1, "City"))
                went = False
            case 3:
                told.happen(FollowedUp(1, True))
                went, at_answer = True, refers(told.camp)
            case 4:
                photo = chance.choice([*told.camp.photos])
                word = chance.choice(("refer", "no-referral"))
                told.happen(ResultOverridden(photo, word, "so"))
            case 5:
                said = [
                    each.number for each in told.camp.history
                    if isinstance(each.event, ResultOverridden)
                ]  # fmt: skip
                if said:
                    told.happen(Undone(chance.choice(said)))
            case 6:
                photo = chance.choice([*told.camp.photos])
                told.happen(RetakeAsked(photo))
        now = refers(told.camp)
        if went and now:
            assert shown(told).stage == ("came" if now <= at_answer else "unplanned")
    assert told.at == WHEN


def refers(camp: Camp):
    found = Advised(camp).of(1)
    return {eye for eye, each in found.eyes.items() if each.advice == "refer"}


@pytest.mark.parametrize("seed", range(30))
def test_whatever_happens_nobodys_referral_is_lost_by_what_was_found_since(seed, monkeypatch):
    """Against the same without it: whoever was to be told stays so, and nobody's due goes."""
    chance, told = random.Random(seed), Told()
    for person in (1, 2, 3):
        told.take(f"{person}_OD.jpg", 0.9, person=person)
    for _ in range(40):
        somewhere(told, chance)
        now = {
            person: (shown(told, person).stage, due(told, person)) for person in told.camp.people
        }
        with monkeypatch.context() as patched:
            patched.setattr("edge_runtime.station.follow_up.found_since", lambda *_: False)
            before = {person: (shown(told, person).stage, due(told, person)) for person in now}
        for person, (stage, is_due) in before.items():
            assert now[person][0] == stage or (stage, now[person][0]) == ("came", "unplanned")
            assert is_due is None or now[person][1] is not None


def somewhere(told, chance):
    """Let something happen to somebody, as an operator may at any time."""
    camp = told.camp
    person = chance.choice([*camp.people])
    photo = chance.choice([*camp.photos])
    other = chance.choice([*camp.people])
    match chance.randrange(12):
        case 0 | 1 | 2:
            eye = chance.choice(("_OD", "_OS", ""))
            told.take(f"x{eye}.jpg", chance.choice((0.1, 0.9, None)), person=person)
        case 3:
            told.turn(chance.choice((1, 1, -1)))
        case 4:
            told.happen(PersonReferred(person, "City"))
        case 5:
            told.happen(FollowedUp(person, chance.random() < 0.8))
        case 6:
            told.happen(ResultOverridden(photo, chance.choice(("refer", "no-referral")), "so"))
        case 7:
            told.happen(PhotoAssigned(photo, person))
        case 8:
            told.happen(EyeTold(photo, chance.choice(("right", "left", None))))
        case 9 if other != person and len(camp.people) > 2:
            told.happen(PeopleMerged(person, other, "one"))
        case 10:
            told.happen(Undone(chance.randrange(1, len(camp.history) + 1)))
        case 11:
            back = return_of(camp, person)
            if back is not None and chance.random() < 0.5:
                new = camp.newest + 1
                told.happen(*another_than(camp, person, back, new=new))
            elif back is not None:
                told.happen(VisitGoesOn(person, back.before, back.day))
