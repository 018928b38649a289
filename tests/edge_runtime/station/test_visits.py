"""A number that is used again on another day joins nobody unasked."""

from datetime import timedelta

import pytest

from edge_runtime.station import camp_store, intake
from edge_runtime.station.calls import called_by
from edge_runtime.station.events import (
    AnotherCame,
    HintAnswered,
    PeopleMerged,
    PersonCalled,
    PersonOpened,
    PhotoAssigned,
    Undone,
)
from edge_runtime.station.hints import Hints
from edge_runtime.station.moment import now
from edge_runtime.station.web.actions import FormError, events_of
from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.taking_in import swept


@pytest.fixture
def turn(monkeypatch):
    """Turn the station's calendar to a day, counted from the camp's first."""

    def to(day):
        for module in (camp_store, intake):
            monkeypatch.setattr(module, "now", lambda: now() + timedelta(days=day))

    return to


def come(sweeper, inbox, name, seed):
    (inbox / name).parent.mkdir(exist_ok=True)
    (inbox / name).write_bytes(jpeg(seed))
    swept(sweeper)


def asked(store, person):
    return [each.key for each in Hints(store.camp).of(person) if each.kind == "again"]


def answer(store, person):
    """Say that it is another person, and give the number of what happened last."""
    (key,) = asked(store, person)
    form = {"person": str(person), "key": key}
    events = events_of("another", form, store.camp, person=store.next_person())
    return store.happen(*events)[-1].number


def undo(store, number):
    form = {"event": str(number)}
    store.happen(*events_of("undo", form, store.camp, person=store.next_person()))


def people(store):
    return {number: each.photos for number, each in store.camp.people.items()}


def test_a_file_of_another_day_with_the_same_number_is_asked_about(intake, inbox, store, turn):
    come(intake, inbox, "P18_OD.jpg", 1)
    assert asked(store, 1) == []
    turn(1)
    come(intake, inbox, "P18_OS.jpg", 2)
    assert len(asked(store, 1)) == 1
    done = answer(store, 1)
    assert people(store) == {1: (1,), 2: (2,)}
    assert store.camp.people[2].given_id == "P18"
    kinds = {hint.kind for person in (1, 2) for hint in Hints(store.camp).of(person)}
    assert kinds.isdisjoint({"again", "number"})
    come(intake, inbox, "P18_OS_2.jpg", 3)
    assert people(store) == {1: (1,), 2: (2, 3)}
    undo(store, done)
    assert people(store) == {1: (1, 2), 2: (3,)}


def test_undo_of_it_leaves_nothing_of_the_other_person(intake, inbox, store, turn):
    come(intake, inbox, "P18_OD.jpg", 1)
    turn(1)
    come(intake, inbox, "P18_OS.jpg", 2)
    undo(store, answer(store, 1))
    assert people(store) == {1: (1, 2)}
    assert len(asked(store, 1)) == 1
    assert store.camp.keys == {(".", "p 18"): 1}


def test_the_same_person_is_not_asked_about_again_that_day(intake, inbox, store, turn):
    come(intake, inbox, "P18_OD.jpg", 1)
    turn(1)
    come(intake, inbox, "P18_OS.jpg", 2)
    store.happen(HintAnswered(1, asked(store, 1)[0]))
    come(intake, inbox, "P18_OS_2.jpg", 3)
    assert asked(store, 1) == []
    turn(2)
    come(intake, inbox, "P18_OD_2.jpg", 4)
    assert len(asked(store, 1)) == 1  # which camp numbers from 1 again may be another one


def test_a_call_by_a_number_of_another_day_is_asked_about_before_a_photograph(
    intake, inbox, store, turn
):
    come(intake, inbox, "K-003_OD.jpg", 1)
    turn(1)
    called = events_of("call", {"given_id": "k 003"}, store.camp, person=2)
    assert called == [PersonCalled(1)]
    store.happen(*called)
    intake.arrivals.look()  # the files' times are of the calendar that nobody turned
    (inbox / "IMG_0001.jpg").write_bytes(jpeg(2))
    intake.arrivals.look()  # it is seen before anybody says who sits there
    answer(store, 1)
    assert store.camp.called == 2
    swept(intake)
    assert people(store) == {1: (1,), 2: (2,)}
    store.happen(PersonOpened(3), PersonCalled(3))
    again = events_of("call", {"given_id": "K-003"}, store.camp, person=4)
    assert again == [PersonCalled(2)]  # whose number it is today
    come(intake, inbox, "K-003_OS.jpg", 3)
    assert people(store) == {1: (1,), 2: (2, 3), 3: ()}


def test_a_call_of_another_day_that_is_over_is_asked_about_no_more(store, turn):
    store.happen(PersonOpened(1, "7"), PersonCalled(1))
    turn(1)
    store.happen(PersonCalled(1))
    assert len(asked(store, 1)) == 1
    store.happen(PersonCalled(None))
    assert asked(store, 1) == []


def test_who_became_one_with_somebody_of_another_day_is_not_asked_about(intake, inbox, store, turn):
    come(intake, inbox, "a/P18_OD.jpg", 1)
    turn(1)
    come(intake, inbox, "b/P18_OS.jpg", 2)
    store.happen(PeopleMerged(2, 1, "the same"))
    assert people(store) == {1: (1, 2)}
    assert asked(store, 1) == []


def test_what_comes_late_goes_to_the_other_person_that_was_told_apart(intake, inbox, store, turn):
    come(intake, inbox, "P18_OD.jpg", 1)
    turn(1)
    come(intake, inbox, "P18_OS.jpg", 2)
    answer(store, 1)
    come(intake, inbox, "IMG_1.jpg", 3)
    store.happen(PhotoAssigned(3, 1))
    answer(store, 1)
    assert people(store) == {1: (1,), 2: (2, 3), 3: ()}


def test_a_call_is_about_who_it_turned_out_to_be_and_a_later_one_isnt(store):
    store.happen(PersonOpened(1, "7"), PersonOpened(2, "7"))
    first = store.happen(PersonCalled(1))[0].number
    number = store.happen(AnotherCame(1, 2))[0].number
    later = store.happen(PersonCalled(1))[0].number
    assert [called_by(store.camp, call) for call in (first, later)] == [2, 1]
    store.happen(Undone(number))
    assert [called_by(store.camp, call) for call in (first, later)] == [1, 1]


def test_nobody_is_parted_unasked(intake, inbox, store):
    come(intake, inbox, "P18_OD.jpg", 1)
    with pytest.raises(FormError):
        events_of("another", {"person": "1", "key": "again:1:x"}, store.camp, person=2)
