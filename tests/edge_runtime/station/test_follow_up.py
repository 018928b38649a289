"""Who was referred is asked after, and what was found out stays with who it is about."""

import datetime

import pytest

from edge_runtime.station.camp_facts import Person
from edge_runtime.station.events import (
    ConsentTold,
    FollowedUp,
    PeopleMerged,
    PersonDescribed,
    PersonReferred,
)
from edge_runtime.station.follow_up import follow_up
from edge_runtime.station.referral import Referral
from tests.edge_runtime.station.camps import Told

TODAY = datetime.date(2024, 5, 17)


@pytest.mark.parametrize(
    ("referred", "followed", "stage"),
    [
        (None, None, "unplanned"),
        (PersonReferred(1, "A"), None, "planned"),
        (PersonReferred(1, "A", "2024-05-17"), None, "planned"),
        (PersonReferred(1, "A", "2024-05-16"), None, "due"),
        (PersonReferred(1, "A", "2024-05-16"), FollowedUp(1, True), "came"),
        (PersonReferred(1, "A", "2024-06-16"), FollowedUp(1, False), "missed"),
        (None, FollowedUp(1, True), "came"),
    ],
)
def test_a_referral_is_due_once_its_day_is_over_and_nobody_knows_more(referred, followed, stage):
    told = (1,) if referred else ()
    person = Person(1, "", known_referrals=(Referral(len(told), told, referred, 2, followed),))
    assert follow_up(person, "refer", TODAY) == stage


def test_who_isnt_referred_is_asked_after_only_if_they_were_told_where_to_go():
    assert follow_up(Person(1, ""), "no-referral", TODAY) is None
    told = Person(1, "", known_referrals=(Referral(1, (1,), PersonReferred(1, "A")),))
    assert follow_up(told, "no-referral", TODAY) == "planned"


def test_a_new_day_begins_a_new_round():
    told = Told()
    told.take()
    told.happen(PersonReferred(1, "A", "2024-05-01"), FollowedUp(1, False, "rain"))
    told.happen(PersonReferred(1, "A", "2024-06-01"))
    assert follow_up(told.camp.people[1], "refer", TODAY) == "planned"


def test_who_became_one_with_another_keeps_what_only_the_other_was_told():
    told = Told()
    told.take()
    told.take("2_OD.jpg", person=2)
    told.happen(
        PersonDescribed(1, "17", "", 1950), PersonDescribed(2, "18", "N. N."),
        PersonReferred(2, "A"), ConsentTold(1, True, "0123"), PeopleMerged(2, 1, "twice"),
    )  # fmt: skip
    person = told.camp.people[1]
    assert (person.given_id, person.name, person.birth_year) == ("17", "N. N.", 1950)
    assert person.referred == PersonReferred(2, "A")
    assert person.consent == ConsentTold(1, True, "0123")


@pytest.mark.parametrize("into", [1, 2])
def test_of_two_who_became_one_what_was_said_last_counts(into):
    told = Told()
    told.take()
    told.take("2_OD.jpg", person=2)
    told.happen(
        PersonReferred(1, "Old", "2024-05-01"), FollowedUp(1, True), ConsentTold(1, True),
        PersonReferred(2, "New", "2024-05-16"), ConsentTold(2, False),
        PeopleMerged(3 - into, into, "twice"),
    )  # fmt: skip
    person = told.camp.people[into]
    assert follow_up(person, "refer", TODAY) == "due"
    assert person.referred == PersonReferred(2, "New", "2024-05-16")
    assert person.consent == ConsentTold(2, False)
    told.happen(FollowedUp(into, True))
    assert follow_up(told.camp.people[into], "refer", TODAY) == "came"
