"""The state of a camp, told by its history."""

import pytest

from edge_runtime.station.events import (
    EyeTold,
    OperatorAtCamera,
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PhotoAssigned,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
    Undone,
)
from tests.edge_runtime.station.camps import WHEN, Told


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def camp(told):
    return told.camp


def test_a_person_who_comes_up_is_known_by_what_they_are_called(told, camp):
    told.happen(PersonOpened(1, "17", ("day", "17", "")))
    told.happen(PersonDescribed(1, "17b", "Meyer", 1950))
    person = camp.people[1]
    assert (person.given_id, person.name, person.birth_year) == ("17b", "Meyer", 1950)
    assert (person.since, person.photos) == (WHEN.isoformat(), ())
    assert camp.keys == {("day", "17", ""): 1}
    assert camp.newest == 1


def test_people_are_listed_by_the_number_that_they_have_now(told, camp):
    told.happen(PersonOpened(1, "P17"), PersonOpened(2, "p-17"), PersonOpened(3))
    assert camp.numbered["p 17"] == (1, 2)
    merged = told.happen(PeopleMerged(1, 3, "one"))
    assert (camp.people[3].given_id, camp.numbered["p 17"]) == ("P17", (2, 3))
    told.happen(PersonDescribed(2, "18", "", None))
    assert (camp.numbered["p 17"], camp.numbered["18"]) == ((3,), (2,))
    told.happen(Undone(merged))
    assert camp.numbered["p 17"] == (1,)


def test_photographs_are_listed_in_the_order_in_which_they_came(told, camp):
    for person in (1, 2, 1):
        told.take(person=person)
    assert [each.photo.number for each in camp.of(1)] == [1, 3]
    told.happen(PhotoAssigned(2, 1))
    assert [each.photo.number for each in camp.of(1)] == [1, 2, 3]
    assert camp.of(2) == ()
    assert {each.person for each in camp.told.values()} == {1}


def test_the_eye_is_the_photographs_own_until_the_operator_tells_it(told, camp):
    number = told.take("1_OS.jpg")
    assert (camp.told[number].eye, camp.told[number].eye_is_told) == ("left", False)
    at = told.happen(EyeTold(number, "right"))
    assert (camp.told[number].eye, camp.told[number].eye_is_told) == ("right", True)
    told.happen(EyeTold(number, None))
    assert (camp.told[number].eye, camp.told[number].eye_is_told) == (None, True)
    told.happen(Undone(at))
    told.happen(Undone(len(camp.history) - 1))
    assert (camp.told[number].eye, camp.told[number].eye_is_told) == ("left", False)


@pytest.mark.parametrize(
    ("event", "decision", "why"),
    [
        (ResultAccepted(1), "accepted", ""),
        (RetakeAsked(1, "blurred"), "retake", "blurred"),
        (ResultOverridden(1, "refer", "a haemorrhage"), "refer", "a haemorrhage"),
        (ResultOverridden(1, "no-referral", "a scar"), "no-referral", "a scar"),
    ],
)
def test_the_last_decision_counts_and_undoing_it_brings_back_the_one_before(
    told, camp, event, decision, why
):
    told.take()
    first = told.happen(RetakeAsked(1, "dark"))
    at = told.happen(event)
    assert (camp.told[1].decision, camp.told[1].why, camp.told[1].by) == (decision, why, at)
    told.happen(Undone(at))
    assert (camp.told[1].decision, camp.told[1].why, camp.told[1].by) == ("retake", "dark", first)
    told.happen(Undone(first))
    assert (camp.told[1].decision, camp.told[1].why, camp.told[1].by) == (None, "", None)


def test_what_was_undone_can_be_restored_and_undone_again(told, camp):
    told.take()
    last = told.happen(ResultAccepted(1))
    for expected in (None, "accepted", None, "accepted"):
        last = told.happen(Undone(last))
        assert camp.told[1].decision == expected


def test_an_undoing_leaves_everybody_else_in_memory_as_they_were(told, camp):
    told.take(person=1)
    told.take(person=2)
    at = told.happen(ResultAccepted(1))
    people, photos = dict(camp.people), dict(camp.told)
    told.happen(Undone(at))
    assert all(camp.people[number] is people[number] for number in (1, 2))
    assert camp.told[2] is photos[2]
    assert camp.told[1].decision is None


def test_merged_all_that_is_of_one_is_of_the_other_and_their_keys_lead_on(told, camp):
    told.happen(PersonOpened(1, "17", ("", "17", "")), PersonOpened(2, "17x", ("", "17x", "")))
    told.take(person=1)
    told.take(person=2)
    told.happen(RetakeAsked(2), PersonCalled(2))
    at = told.happen(PeopleMerged(2, 1, "a slip of the pen"))
    assert list(camp.people) == [1]
    assert camp.people[1].photos == (1, 2)
    assert camp.told[2].decision == "retake"
    assert {camp.now_of(number) for number in camp.keys.values()} == {1}
    assert camp.called == 1
    told.happen(Undone(at))
    assert (camp.people[1].photos, camp.people[2].photos) == ((1,), (2,))
    assert camp.now_of(camp.keys[("", "17x", "")]) == 2
    assert camp.called == 2


def test_a_photograph_of_one_who_was_merged_is_theirs_again_when_that_is_undone(told, camp):
    told.take(person=1)
    told.take("2_OD.jpg", person=2)
    at = told.happen(PeopleMerged(2, 1, "a slip of the pen"))
    told.happen(PhotoAssigned(1, 2))  # who is the other one now
    assert camp.people[1].photos == (1, 2)
    told.happen(Undone(at))
    assert (camp.people[1].photos, camp.people[2].photos) == ((), (1, 2))


def test_keys_lead_on_through_several_mergers(told, camp):
    told.happen(*(PersonOpened(number, "", (str(number),)) for number in (1, 2, 3)))
    told.happen(PeopleMerged(1, 2, ""), PeopleMerged(2, 3, ""))
    assert {camp.now_of(camp.keys[(number,)]) for number in "123"} == {3}
    assert camp.now_of(4) is None


def test_nobody_is_called_at_first_and_by_calling_nobody(told, camp):
    assert camp.called is None
    told.happen(PersonOpened(1), PersonCalled(1))
    assert camp.called == 1
    told.happen(PersonCalled(None))
    assert camp.called is None
    told.happen(PersonCalled(9))  # who isn't there
    assert camp.called is None


def test_events_about_what_is_not_there_change_nothing(told, camp):
    told.take()
    people, photos = dict(camp.people), dict(camp.told)
    told.happen(
        PersonDescribed(9, "x"), PhotoAssigned(1, 9), EyeTold(9, "left"), RetakeAsked(9),
        ResultAccepted(9), ResultOverridden(9, "refer", ""), PeopleMerged(1, 9, ""),
        PeopleMerged(9, 1, ""), PeopleMerged(1, 1, ""), Undone(999),
    )  # fmt: skip
    assert (camp.people, camp.told) == (people, photos)


def test_an_undoing_of_what_has_not_happened_yet_undoes_nothing_later(told, camp):
    told.take()
    told.happen(Undone(len(camp.history) + 2))
    told.happen(RetakeAsked(1))
    told.happen(Undone(1))  # all is folded anew
    assert camp.told[1].decision == "retake"


def test_whoever_has_a_photograph_stays_though_their_coming_up_is_undone(told, camp):
    """Else the photograph would be in no list, and nobody would be referred by it."""
    told.take(score=0.9)
    told.happen(Undone(1), Undone(2))
    assert camp.people[1].photos == (1,)
    assert camp.undone() == set()


def test_whoever_came_up_for_nothing_goes_when_it_is_undone(told, camp):
    told.take()
    told.happen(PersonOpened(2, "", ("x",)), PhotoAssigned(1, 2))
    told.happen(Undone(3))
    assert camp.people.keys() == {1}
    assert camp.people[1].photos == (1,)
    assert camp.keys == {}


def test_a_number_that_was_given_is_not_given_again_though_that_is_undone(told, camp):
    told.happen(PersonOpened(1))
    undoing = told.happen(Undone(1))
    assert camp.newest == 1
    told.take(person=2)
    told.happen(Undone(undoing))
    assert camp.people.keys() == {1, 2}


def test_a_photograph_was_taken_by_whoever_was_at_the_camera_when_it_came():
    told = Told()
    told.take()
    told.happen(OperatorAtCamera("Asha"))
    told.take("2_OD.jpg")
    told.happen(OperatorAtCamera("Ravi"), PhotoAssigned(2, 1), PhotoAssigned(1, 1))
    assert told.camp.taken_by == {1: "", 2: "Asha"}
    assert told.camp.operator == "Ravi"
