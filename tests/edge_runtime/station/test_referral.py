"""What was said of a person's referrals comes to the same, told of one person or of two."""

import pytest

from edge_runtime.station.events import FollowedUp, PersonReferred
from edge_runtime.station.referral import Referral, followed_up, of_one, told_where

CITY, WENT, MISSED = PersonReferred(1, "City"), FollowedUp(2, True), FollowedUp(2, False)


def told(number, *, answered=0, went=None):
    return Referral(number, (number,), CITY, answered, went)


def untold(answered, went=WENT):
    return Referral(answered=answered, followed=went)


def test_what_puts_a_referral_right_is_of_it_and_leaves_what_came_of_it():
    known = followed_up((told(1),), WENT, 2)
    (right,) = told_where(known, town := PersonReferred(1, "Town", "", 1), 3)
    assert right == Referral(1, (1, 3), town, 2, WENT)
    (again,) = told_where((right,), PersonReferred(1, "Village", "", 1), 4)
    assert (again.told, again.first, again.last) == ((1, 3, 4), 1, 4)


def test_what_came_of_a_referral_waits_for_what_tells_it():
    answer = FollowedUp(1, True, "", 3)
    (undone,) = followed_up((), answer, 4)  # what told it first was undone
    assert undone.is_undone
    (right,) = told_where((undone,), town := PersonReferred(1, "Town", "", 3), 5)
    assert right == Referral(3, (5,), town, 4, answer)
    assert not right.is_undone


def test_what_was_said_of_a_referral_is_of_no_other_one():
    known = followed_up((told(1), told(3)), answer := FollowedUp(1, True, "", 1), 4)
    assert known == (Referral(1, (1,), CITY, 4, answer), told(3))
    known = followed_up((told(1), told(3)), MISSED, 4)  # doesn't say of which: the last one
    assert known == (told(1), told(3, answered=4, went=MISSED))


def test_who_was_told_nothing_and_went_is_told_besides():
    known = followed_up((), WENT, 1)
    assert [each.told for each in told_where(known, CITY, 2)] == [(), (2,)]


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (2, [(2, ()), (0, (3,)), (8, (6,))]),  # before anybody was told
        (4, [(4, (3,)), (8, (6,))]),
        (7, [(7, ()), (0, (3,)), (8, (6,))]),  # it was said of that referral since
        (9, [(0, (3,)), (9, (6,))]),
    ],
)
def test_what_was_said_as_another_is_of_the_last_referral_that_was_told_by_then(
    answered, expected, turn
):
    one, other = (told(3), told(6, answered=8, went=MISSED)), (untold(answered),)
    both = of_one(*(one, other)[::turn])
    assert [(each.answered, each.told) for each in both] == expected


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_who_were_told_nothing_what_was_said_last_is_of_both(turn):
    assert of_one(*((untold(2),), (untold(1, MISSED),))[::turn]) == (untold(2),)


@pytest.mark.parametrize("turn", [1, -1])
def test_what_was_put_right_while_two_were_one_is_one_referral_once_they_are_again(turn):
    right = Referral(1, (4,), PersonReferred(2, "Town", "", 1), 5, WENT)
    both = of_one(*((told(1, answered=2, went=MISSED),), (right,))[::turn])
    assert both == (Referral(1, (1, 4), right.referred, 5, WENT),)


@pytest.mark.parametrize(("known", "keys"), [((told(1), told(3)), [1, 3]), ((), [5])])
def test_in_a_store_of_before_the_last_one_was_put_right(known, keys):
    found = told_where(known, PersonReferred(1, "Town", "", True), 5)
    assert [each.key for each in found] == keys
    assert found[-1].told[-1] == 5


@pytest.mark.parametrize("turn", [1, -1])
def test_what_was_said_of_one_of_two_goes_to_no_referral_of_their_own(turn):
    own = (untold(4), told(3))  # which was undone then, and was brought back
    assert of_one(*(own, ())[::turn]) == own
