"""Whatever happens at a camp, it is told alike step by step and from its record."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_runtime.station.advice import EYES, ORDER, Advised, advise
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import (
    AnotherCame,
    ComputerStarted,
    ConsentTold,
    EyeTold,
    FollowedUp,
    HintAnswered,
    OrdersChosen,
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonExpected,
    PersonOpened,
    PersonReferred,
    PhotoAssigned,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
    Undone,
    VisitGoesOn,
)
from edge_runtime.station.orders import Order
from edge_runtime.station.undoing import Gone, undone_in
from edge_runtime.station.visits import visit_of, visits_of
from tests.edge_runtime.station.camps import Told, photo

DATES = st.sampled_from([f"2024-05-{day}" for day in range(16, 21)])
DAYS = DATES | st.just("2024-05-17.2")
FEW = st.integers(1, 6)  # so that most are about something that is, was or will be there
EVENTS = st.one_of(
    st.builds(PersonDescribed, FEW, st.sampled_from(["", "17"]), st.just("x")),
    st.builds(PersonExpected, FEW, st.sampled_from(["", "17"]), st.just("H"), st.just("x")),
    st.builds(PersonCalled, st.none() | FEW),
    st.builds(EyeTold, FEW, st.sampled_from(["left", "right", None])),
    st.builds(RetakeAsked, FEW),
    st.builds(ResultAccepted, FEW),
    st.builds(ResultOverridden, FEW, st.sampled_from(["refer", "no-referral"]), st.just("so")),
    st.builds(PhotoAssigned, FEW, FEW),
    st.builds(PeopleMerged, FEW, FEW, st.just("one")),
    st.builds(AnotherCame, FEW, FEW, st.tuples(FEW), st.sampled_from([(), (("a",),)])),
    st.builds(HintAnswered, FEW, st.sampled_from(["number:1:2", "side:1:left"])),
    st.builds(PersonReferred, FEW, st.just("City"), st.just("") | DATES, st.integers(0, 40)),
    st.builds(ConsentTold, FEW, st.booleans()),
    st.builds(FollowedUp, FEW, st.booleans(), st.just("so"), st.integers(0, 40)),
    st.builds(VisitGoesOn, FEW, DAYS, DAYS),
    st.builds(OrdersChosen, FEW, DAYS, st.just((Order("1.2", "A1"),))),
    st.just(ComputerStarted()),
    st.builds(Undone, st.integers(1, 40)),
)
STEPS = st.lists(
    st.one_of(
        EVENTS,
        EVENTS,
        st.tuples(st.just("photo"), st.sampled_from(["a_OD.jpg", "a_OS.jpg", "a.jpg"]),
                  st.sampled_from([0.1, 0.9, None]), FEW),
        st.tuples(st.just("opened"), st.sampled_from([(), ("a",), ("b",)])),
        st.just("undo the last"),
        st.sampled_from([("turn", 1), ("turn", 1), ("turn", -1)]),
    ),
    min_size=1,
    max_size=40,
)  # fmt: skip


def played(steps):
    """Let the steps happen, as a store would let them: nothing is about photographs to come."""
    told = Told()
    play(told, steps)
    return told.camp


def play(told, steps):
    for step in steps:
        camp = told.camp
        if step == "undo the last":
            told.happen(Undone(len(camp.history)))
        elif isinstance(step, tuple) and step[0] == "opened":
            told.happen(PersonOpened(camp.newest + 1, "", step[1]))
        elif isinstance(step, tuple) and step[0] == "turn":
            told.turn(step[1])
        elif isinstance(step, tuple):
            _, path, score, person = step
            own = person if person in camp.people else camp.newest + 1
            told.take(path, score, person=own)
        elif getattr(step, "photo", 1) <= len(camp.photos):
            told.happen(step)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_a_camp_that_is_opened_again_is_as_it_was(steps):
    camp, again = played(steps), Camp()
    again.take(camp.photos.values(), camp.history)
    assert again == camp


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_what_was_undone_is_told_alike_step_by_step(steps):
    camp, told = played(steps), Camp()
    for number, each in enumerate(camp.history, 1):
        told.take(camp.photos.values(), [each])
        assert told.undone() == undone_in(camp.history[:number], Gone()).numbers
    assert told.undone() == camp.undone()


def test_who_was_undone_and_has_a_photograph_then_came_up_after_all():
    told = Told()
    told.happen(PersonOpened(1))
    told.happen(Undone(1))
    assert told.camp.undone() == {1}
    told.happen(PhotoAssigned(1, 1), photos=[photo(1, "1_OD.jpg", 0.1)])
    assert not told.camp.undone()


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_each_photograph_is_of_exactly_one_person_whatever_happens(steps):
    camp = played(steps)
    listed = [photo for person in camp.people.values() for photo in person.photos]
    assert sorted(listed) == sorted(camp.photos) == sorted(camp.told)
    for person in camp.people.values():
        assert all(camp.told[photo].person == person.number for photo in person.photos)
    assert {camp.now_of(number) for number in camp.keys.values()} <= camp.people.keys()
    assert camp.called is None or camp.called in camp.people


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whoever_has_a_number_is_listed_by_it_and_nobody_else(steps):
    camp = played(steps)
    called = {number for number, person in camp.people.items() if person.given_id}
    assert {*camp.numbered.get("17", ())} == called
    assert sum(map(len, camp.numbered.values())) == len(called)


@settings(max_examples=150, deadline=None)
@given(STEPS, EVENTS)
def test_undoing_what_was_just_done_restores_what_was(steps, event):
    camp, after = played(steps), played([*steps, event, "undo the last"])
    assert (after.people, after.told) == (camp.people, camp.told) or len(after.history) == len(
        camp.history
    ) + 1  # the event was about a photograph to come: what was undone is the one before


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whoever_has_a_photograph_that_refers_and_no_word_on_it_is_referred(steps):
    camp = played(steps)
    for number in camp.people:
        advice = advise(camp, number)
        photos = visit_of(camp, number).photos
        if not any(each.decision for each in photos) and any(
            each.photo.group == "refer" for each in photos
        ):
            assert advice.advice == "refer"
        assert (advice.advice == "waiting") == (not photos)
        assert ORDER[advice.urgency[0]] == advice.advice


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_each_photograph_counts_in_the_one_visit_that_its_day_is_of(steps):
    camp = played(steps)
    for number in camp.people:
        visits = visits_of(camp, number)
        days = [day for each in visits for day in each.turns]
        assert len({*days}) == len(days)
        assert visits[-1] == visit_of(camp, number)
        for each in visits:
            assert visit_of(camp, number, each.key) == each
            assert {told.photo.arrived[:10] for told in each.photos} <= {*each.days}
        counted = [told for each in visits for told in each.photos]
        assert sorted(told.photo.number for told in counted) == [*camp.people[number].photos]


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_what_is_of_another_visit_changes_nothing_of_an_advice(steps):
    camp = played(steps)
    for number in camp.people:
        for each in visits_of(camp, number):
            found, own = advise(camp, number, each.key), {told.photo.number for told in each.photos}
            decide = {found.eyes[eye].photo for eye in EYES} | {found.of_unknown.photo}
            assert decide | {*found.unknown} <= own | {None}
            for eye in EYES:
                is_there = any(told.eye == eye for told in each.photos)
                assert (found.eyes[eye].advice == "waiting") == (not is_there)


@settings(max_examples=150, deadline=None)
@given(STEPS, STEPS)
def test_what_was_worked_out_before_is_as_it_is_worked_out_anew(steps, further):
    told = Told()
    known = Advised(told.camp)
    for some in (steps, further):
        play(told, some)
        for number in told.camp.people:
            days = [each.key for each in visits_of(told.camp, number)]
            for day in (None, "2024-05-17", *days):
                assert known.of(number, day) == advise(told.camp, number, day)


def test_while_something_is_undone_who_sits_before_the_camera_still_does():
    """Who takes photographs in asks meanwhile; they would be nobody's."""
    told = Told()
    told.happen(PersonOpened(1), PersonCalled(1))
    told.take("IMG_1.jpg")
    set_aside = told.happen(RetakeAsked(1))
    seen, apply = [], Camp._apply

    def looked_at(camp, happened):
        seen.append(told.camp.called)
        apply(camp, happened)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Camp, "_apply", looked_at)
        told.happen(Undone(set_aside))
    assert set(seen) == {1}
    assert told.camp.told[1].decision is None


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_each_time_that_somebody_was_told_where_to_go_is_of_one_referral(steps):
    camp = played(steps)
    said = {each.number: each.event for each in camp.history if each.number not in camp.undone()}
    counted = []
    for person, known in camp.people.items():
        for each in known.referrals:
            counted += each.told
            assert [*each.told] == sorted(each.told)
            assert (each.referred, each.followed) == (
                said[each.told[-1]] if each.told else None,
                said[each.answered] if each.answered else None,
            )
            assert {camp.now_of(said[number].person) for number in each.told} <= {person}
        begun = [each.first for each in known.referrals if each.told]
        assert begun == sorted(begun)
        assert all(each.told for each in known.referrals[1:])
        assert all(each.last for each in known.referrals)
        keys = [each.key for each in known.known_referrals]
        assert len(keys) == len({*keys})
    assert len(counted) == len({*counted})
    told = {n for n, event in said.items() if isinstance(event, PersonReferred)}
    assert {*counted} <= told
    for number in told - {*counted}:
        assert _was_not_there(camp, said[number].person, number)


def _was_not_there(camp, person, number):
    """Tell whether a person hadn't come up before an event, or was one with another by then."""
    before = Camp()
    before.take(camp.photos.values(), [e for e in camp.history if e.number < number])
    later = [e for e in camp.history if e.number >= number and isinstance(e.event, Undone)]
    return person not in before.people or bool(later)
