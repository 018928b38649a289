"""What was said of a person's referrals comes to the same, told of one person or of two."""

import pytest

from edge_runtime.station.events import FollowedUp, PersonReferred
from edge_runtime.station.referral import Referral, followed_up, of_one, told_where

WENT, MISSED = FollowedUp(2, True), FollowedUp(2, False)


def told(number, place="City", *, answered=0, went=None):
    return Referral((number,), PersonReferred(1, place), answered, went)


def test_what_puts_a_referral_right_is_of_it_and_leaves_what_came_of_it():
    known = followed_up((told(1),), WENT, 2)
    (right,) = told_where(known, event := PersonReferred(1, "Town", "", 1), 3)
    assert right == Referral((1, 3), event, 2, WENT)
    (again,) = told_where((right,), PersonReferred(1, "Village", "", 3), 4)
    assert again.told == (1, 3, 4)
    assert (again.first, again.last) == (1, 4)


def test_what_puts_right_what_was_undone_is_a_referral_of_its_own():
    before = told(1, answered=2, went=WENT)
    assert told_where((before,), PersonReferred(1, "Town", "", 3), 5)[0] == before
    assert len(told_where((before,), PersonReferred(1, "Town", "", 3), 5)) == 2


def test_who_was_told_nothing_and_went_is_told_besides():
    known = followed_up((), WENT, 1)
    assert [each.told for each in told_where(known, PersonReferred(1, "City"), 2)] == [(), (2,)]


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (2, [(0, ()), (0, (3,)), (8, (6,))]),  # before anybody was told
        (4, [(4, (3,)), (8, (6,))]),
        (7, [(0, ()), (0, (3,)), (8, (6,))]),  # it was said of that referral since
        (9, [(0, (3,)), (9, (6,))]),
    ],
)
def test_what_was_said_as_another_is_of_the_last_referral_that_was_told_by_then(
    answered, expected, turn
):
    one = (told(3), told(6, answered=8, went=MISSED))
    other = (Referral((), None, answered, WENT),)
    both = of_one(*(one, other)[::turn])
    assert [(each.answered if each.told else 0, each.told) for each in both] == expected


def test_of_two_who_were_told_nothing_what_was_said_last_is_of_both():
    both = of_one((Referral((), None, 2, WENT),), (Referral((), None, 1, MISSED),))
    assert both == (Referral((), None, 2, WENT),)
