"""What happened to each person is the same from an index as from the whole history, read anew."""

from datetime import datetime

from hypothesis import given, settings

from edge_runtime.station.about import Past
from edge_runtime.station.events import (
    AnotherCame,
    ConsentTold,
    EyeTold,
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PhotoAssigned,
    Undone,
)
from edge_runtime.station.visits import visits_of
from tests.edge_runtime.station.camps import Told
from tests.edge_runtime.station.test_camp_histories import STEPS, played

UNSAID = PersonCalled | ConsentTold


def read_anew(camp, person):
    own = {person}
    for each in reversed([each.event for each in camp.history]):
        if isinstance(each, PeopleMerged) and each.into in own:
            own.add(each.person)
    photos = {*camp.people[person].photos}
    for each in (each.event for each in camp.history):
        if isinstance(each, PhotoAssigned) and each.person in own:
            photos.add(each.photo)
        if isinstance(each, AnotherCame) and each.into in own:
            photos.update(each.photos)
    one = {each for each in own if camp.now_of(each) == person}
    return [
        each
        for each in camp.history
        if getattr(each.event, "photo", None) in photos
        or one & {getattr(each.event, "person", None), getattr(each.event, "into", None)}
    ]


def last_by(camp, person):
    said = {each.number: each.at for each in read_anew(camp, person)
            if not isinstance(each.event, UNSAID)}  # fmt: skip
    for each in camp.history:
        undone = each.event.event if isinstance(each.event, Undone) else 0
        if undone in said and undone < each.number:
            said[each.number] = each.at
    times = (camp.people[person].since, *said.values())
    return max(map(datetime.fromisoformat, times))


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_a_past_is_what_the_history_says_of_each_person(steps):
    camp = played(steps)
    past = Past(camp)
    for person in camp.people:
        assert past.of(person) == read_anew(camp, person)
        assert datetime.fromisoformat(past.said_last(person)) == last_by(camp, person)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_the_past_of_one_person_is_as_that_of_all_tells_it(steps):
    camp = played(steps)
    past = Past(camp)
    for person in camp.people:
        alone = Past(camp, person)
        assert alone.of(person) == past.of(person)
        assert alone.called.is_anothers(person) == past.called.is_anothers(person)
        for visit in (None, *visits_of(camp, person)):
            assert alone.said_of(person, visit) == past.said_of(person, visit)
        for each in camp.history:
            number = each.number
            assert alone.looked_after(person, number) == past.looked_after(person, number)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_what_is_known_of_a_referral_in_the_end_is_what_the_camp_knows(steps):
    camp = played(steps)
    for person, known in camp.people.items():
        past = Past(camp, person)
        assert past.looked_after(person, len(camp.history) + 1) == known


def test_what_undoes_something_that_comes_after_it_undoes_nothing():
    told = Told()
    told.happen(PersonOpened(1, "7"))
    told.turn()
    told.happen(Undone(3))  # while the clock was ahead
    told.turn(-1)
    told.happen(PersonDescribed(1, "7", "Ana"))
    assert Past(told.camp).said_last(1) == told.camp.people[1].since


def test_what_was_of_who_became_one_over_another_one_is_of_the_past():
    told = Told()
    for person in range(1, 5):
        told.take(f"{person}.jpg", person=person)
    told.happen(PhotoAssigned(1, 4), PeopleMerged(1, 2, "one"), PeopleMerged(2, 3, "one"))
    told.happen(EyeTold(1, "left"))
    assert told.camp.history[-1] in Past(told.camp).of(3)


def test_what_was_undone_and_that_undone_was_said_last():
    told = Told()
    told.happen(PersonOpened(1, "7"), PersonDescribed(1, "7", "Ana"))
    for undone in (2, 3):
        told.turn()
        told.happen(Undone(undone))
        assert Past(told.camp).said_last(1) == told.at.isoformat()
