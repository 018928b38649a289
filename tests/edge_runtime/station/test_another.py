"""What was said of who turned out to be another person goes along with their photographs."""

from datetime import date

import pytest

from edge_runtime.station.advice import Advised
from edge_runtime.station.events import (
    ComputerStarted,
    ConsentTold,
    FollowedUp,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PersonReferred,
    Undone,
)
from edge_runtime.station.hints import Hints
from edge_runtime.station.undo_click import undoing
from edge_runtime.station.web.actions import events_of
from edge_runtime.station.web.plan import plan_of
from tests.edge_runtime.station.camps import Told

JUAN, MARIA = PersonDescribed(1, "P2", "Juan", 1940), PersonDescribed(1, "P2", "Maria", 1975)


@pytest.fixture
def told():
    """Juan, who was healthy and asked after on Monday, and somebody ill of his number today."""
    told = Told()
    told.happen(PersonOpened(1, "P2"), PersonCalled(1))
    told.take("IMG_1_OD.jpg", 0.1)
    told.happen(JUAN, ConsentTold(1, True, "Juan's phone"))
    told.happen(PersonCalled(None))
    told.turn()
    told.happen(PersonCalled(1))
    told.take("IMG_2_OD.jpg", 0.9)
    return told


def another(told, person=1):
    (key,) = [each.key for each in Hints(told.camp).of(person) if each.kind == "again"]
    form = {"person": str(person), "key": key}
    told.at = told.at.replace(second=told.at.second + 1)
    return told.happen(*events_of("another", form, told.camp, person=told.camp.newest + 1))


def who(told, person):
    known = told.camp.people[person]
    return known.name, known.birth_year, known.plan.place, known.plan.contact


def stage(told, person):
    return plan_of(told.camp, person, Advised(told.camp), date(2024, 5, 18)).stage


def test_name_referral_and_telephone_of_today_go_along(told):
    told.happen(
        MARIA, PersonReferred(1, "Eye Clinic", "2024-05-30"), ConsentTold(1, True, "Maria's phone")
    )
    done = another(told)
    assert who(told, 1) == ("Juan", 1940, "", "Juan's phone")
    assert who(told, 2) == ("Maria", 1975, "Eye Clinic", "Maria's phone")
    assert (stage(told, 1), stage(told, 2)) == (None, "planned")
    told.happen(*undoing(done, told.camp, new=3))
    assert who(told, 1) == ("Maria", 1975, "Eye Clinic", "Maria's phone")
    assert list(told.camp.people) == [1]


def test_a_referral_that_was_put_right_goes_along_as_one_with_what_came_of_it(told):
    first = told.happen(PersonReferred(1, "Eye Clinic"))
    told.happen(FollowedUp(1, False, "full", first))
    told.happen(PersonReferred(1, "Eye Clinic", "2024-05-30", first))
    told.happen(FollowedUp(1, True, "", first))
    done = another(told)
    (moved,) = told.camp.people[2].referrals
    assert (moved.referred.day, moved.followed.came) == ("2024-05-30", True)
    assert moved.followed.referral == moved.key == moved.told[0]
    assert not told.camp.people[1].referrals
    told.happen(*undoing(done, told.camp, new=3))
    (back,) = told.camp.people[1].referrals
    assert (len(back.told), back.followed.came) == (2, True)


def test_what_was_said_before_they_came_today_stays_with_the_person_of_before():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.9)
    told.happen(JUAN, PersonReferred(1, "City", "2024-05-17"))
    told.turn()
    told.happen(FollowedUp(1, True, "by telephone"))
    told.happen(PersonCalled(1))
    told.happen(MARIA)
    told.take("IMG_2_OD.jpg", 0.9)
    told.happen(PersonCalled(None))
    another(told)
    assert who(told, 1)[:3] == ("Juan", 1940, "City")
    assert who(told, 2)[:3] == ("Maria", 1975, "")
    assert (stage(told, 1), stage(told, 2)) == ("came", "unplanned")


def test_that_they_went_where_another_was_to_go_hides_neither_of_them():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.9)
    told.happen(PersonReferred(1, "City", "2024-05-30"))
    told.turn()
    told.take("IMG_2_OD.jpg", 0.9)
    told.happen(FollowedUp(1, True))
    done = another(told)
    assert (stage(told, 1), stage(told, 2)) == ("planned", "unplanned")
    told.happen(*undoing(done, told.camp, new=3))
    assert told.camp.people[1].plan.came is True
    told.happen(PersonReferred(1, "City", "2024-06-01"), FollowedUp(1, False))
    another(told)
    assert (stage(told, 1), stage(told, 3)) == ("planned", "missed")


def test_that_they_went_where_the_person_of_before_was_to_go_is_asked_again():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.9)
    city = told.happen(PersonReferred(1, "City", "2024-05-30"))
    told.turn()
    told.take("IMG_2_OD.jpg", 0.9)
    town = told.happen(PersonReferred(1, "Town", "2024-05-30"))
    told.happen(FollowedUp(1, True, "", city))
    another(told)
    assert (stage(told, 1), stage(told, 2)) == ("planned", "planned")
    assert town not in {each.key for each in told.camp.people[2].referrals}


def test_what_was_undone_before_doesnt_go_along_and_undo_leaves_it_undone(told):
    number = told.happen(MARIA)
    told.happen(Undone(number))
    done = another(told)
    assert who(told, 2)[:2] == ("", None)
    told.happen(*undoing(done, told.camp, new=3))
    assert who(told, 1)[:2] == ("Juan", 1940)


def test_who_was_told_apart_and_looked_after_since_stays_after_an_undo(told):
    told.happen(MARIA)
    done = another(told)
    told.happen(PersonReferred(2, "City"))
    told.happen(*undoing(done, told.camp, new=3))
    assert set(told.camp.people) == {1, 2}
    assert who(told, 1)[0] == "Maria"


def test_what_comes_late_brings_what_was_said_since_to_who_is_there_already(told):
    told.happen(MARIA)
    another(told)
    told.take("IMG_3_OS.jpg", 0.1)
    told.happen(ConsentTold(1, True, "Maria's phone"))
    done = another(told)
    assert who(told, 2) == ("Maria", 1975, "", "Maria's phone")
    assert who(told, 1) == ("Juan", 1940, "", "Juan's phone")
    told.happen(*undoing(done, told.camp, new=3))
    assert who(told, 1)[3] == "Maria's phone"
    assert who(told, 2)[3] == ""


def registered():
    """Juan of Monday, and what was written down of Maria on Tuesday before she was called."""
    told = Told()
    told.take("IMG_1_OD.jpg", 0.1)
    told.happen(JUAN, ConsentTold(1, True, "Juan's phone"))
    told.turn()
    told.happen(MARIA, ConsentTold(1, True, "Maria's phone"))
    return told


@pytest.mark.parametrize("is_called", [True, False])
def test_what_was_written_down_that_day_before_they_were_called_goes_along(is_called):
    told = registered()
    if is_called:
        told.happen(PersonCalled(1))
    told.take("IMG_2_OD.jpg", 0.9)
    done = another(told)
    assert who(told, 1) == ("Juan", 1940, "", "Juan's phone")
    assert who(told, 2) == ("Maria", 1975, "", "Maria's phone")
    told.happen(*undoing(done, told.camp, new=3))
    assert who(told, 1) == ("Maria", 1975, "", "Maria's phone")


def test_the_day_is_that_of_the_camp_and_not_of_the_clock():
    told = registered()
    told.happen(ComputerStarted(), PersonCalled(1))
    told.take("IMG_2_OD.jpg", 0.9)
    another(told)
    assert who(told, 1)[0] == "Maria"  # whoever came while it was on: nobody has said
    assert who(told, 2)[0] == ""


def test_what_was_said_by_telephone_that_day_stays_with_the_person_of_before():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.9)
    told.happen(PersonReferred(1, "City", "2024-05-17"))
    told.turn()
    told.happen(ConsentTold(1, True, "Juan's phone"), FollowedUp(1, False, "no bus"))
    told.happen(PersonReferred(1, "City", "2024-05-30"))
    told.happen(MARIA)
    told.happen(PersonCalled(1))
    told.take("IMG_2_OD.jpg", 0.9)
    another(told)
    assert who(told, 1) == ("", None, "City", "Juan's phone")
    assert who(told, 2) == ("Maria", 1975, "", "")
    assert (stage(told, 1), stage(told, 2)) == ("planned", "unplanned")


def test_a_name_that_was_put_right_since_isnt_written_over_by_the_older_one(told):
    told.happen(MARIA)
    done = another(told)
    told.happen(PersonDescribed(2, "P2", "Mary", 1975))
    told.happen(*undoing(done, told.camp, new=3))
    assert who(told, 1)[0] == "Maria"
    another(told)
    assert (who(told, 1)[0], who(told, 2)[0]) == ("Juan", "Mary")


def test_a_referral_that_was_told_to_the_other_one_since_stays(told):
    done = another(told)
    told.happen(PersonDescribed(2, "P2", "Maria"))
    told.happen(*undoing(done, told.camp, new=3))
    told.happen(PersonReferred(1, "City"))
    told.happen(PersonReferred(2, "Eye Clinic"))
    another(told)
    assert (who(told, 1)[2], who(told, 2)[2]) == ("", "Eye Clinic")
