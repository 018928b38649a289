"""A clock that was set back, or stood still while the computer was off, pools no visits."""

from datetime import timedelta

import pytest

from edge_runtime.results.texts import texts
from edge_runtime.station.advice import Advised, advise
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import day_in_words, key_of_day, named_day
from edge_runtime.station.events import (
    AnotherCame,
    ComputerStarted,
    HintAnswered,
    OperatorAtCamera,
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PhotoAssigned,
    Undone,
    VisitGoesOn,
)
from edge_runtime.station.hints import Hints
from edge_runtime.station.visits import known_day, last_day, of_last_day, visit_of, visits_of
from edge_runtime.station.web.actions import events_of
from edge_runtime.station.web.export import camp_csv
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.station.web.hint_cards import hint_card
from edge_runtime.station.web.history import told_of
from edge_runtime.station.web.plan import plan_of
from tests.edge_runtime.station.camps import Told

MONDAY, TUESDAY = "2024-05-17", "2024-05-18"
AGAIN = f"{MONDAY}.2"


@pytest.fixture
def healthy():
    """Two people both of whose eyes were healthy on a day."""
    told = Told()
    for person in (1, 2):
        told.happen(PersonOpened(person, f"P{person}"), PersonCalled(person))
        told.take(f"IMG_{person}1_OD.jpg", 0.1, person=person)
        told.take(f"IMG_{person}2_OS.jpg", 0.1, person=person)
    told.happen(PersonCalled(None))
    return told


def back_from_tuesday(told):
    """Let somebody come on the next day, and then set the clock back by it."""
    told.turn()
    told.take("IMG_9_OD.jpg", 0.1, person=9)
    told.turn(-1)
    told.at += timedelta(hours=8)


def back_by_hours(told):
    told.at -= timedelta(hours=3)


def started(told):
    """Start the computer, whose clock stood still while it was off."""
    told.happen(ComputerStarted())


LATER = pytest.mark.parametrize("later", [back_from_tuesday, back_by_hours, started])


def eyes(told, person=1, day=None):
    found = advise(told.camp, person, day)
    return found.advice, found.right.advice, found.left.advice


def asked(told, person=1):
    return [each for each in Hints(told.camp).of(person) if each.kind == "again"]


def card(told, person=1, language="en"):
    hint = asked(told, person)[0]
    return hint_card(hint, person, told.camp, texts(language, TEXTS))


def form(told, kind, **fields):
    found = {name: str(value) for name, value in fields.items()}
    return told.happen(*events_of(kind, found, told.camp, person=told.camp.newest + 1))


@LATER
def test_an_eye_of_before_is_no_eye_of_now_though_the_date_is_the_same(healthy, later):
    later(healthy)
    healthy.take("IMG_3_OD.jpg", 0.1)
    assert eyes(healthy) == ("incomplete", "no-referral", "waiting")
    assert eyes(healthy, day=MONDAY) == eyes(healthy)  # the worklist of that date has who is here
    assert Advised(healthy.camp).of(1, MONDAY) == advise(healthy.camp, 1)
    assert eyes(healthy, person=2) == eyes(healthy, person=2, day=MONDAY)
    assert eyes(healthy, person=2)[0] == "no-referral"
    first, last = visits_of(healthy.camp, 1)
    assert (first.turns, last.turns) == ((MONDAY,), (AGAIN,))
    assert (first.days, last.days) == ((MONDAY,), (MONDAY,))
    assert [eyes(healthy, day=each.key)[0] for each in (first, last)] == [
        "no-referral",
        "incomplete",
    ]


@LATER
def test_it_is_asked_whether_it_is_the_same_person_and_visit(healthy, later):
    later(healthy)
    healthy.happen(PersonCalled(1))
    assert eyes(healthy) == ("waiting",) * 3
    said = card(healthy)
    assert f"was here before, on {MONDAY}. Since then the computer was started" in said.sentence
    assert [each.kind for each in said.answers] == ["hint", "goes_on", "another"]
    assert "se atrasó su reloj" in card(healthy, language="es").sentence
    assert asked(healthy, 2) == []
    healthy.take("IMG_3_OD.jpg", 0.1)
    done = form(healthy, "goes_on", person=1, key=f"again:1:{AGAIN}")
    assert healthy.camp.history[-1].event == VisitGoesOn(1, MONDAY, AGAIN)
    assert told_of(healthy.camp.history[-1].event, healthy.camp, texts("en", TEXTS)) == (
        f"The visit of {MONDAY} went on on {MONDAY} (2)."
    )
    (one,) = visits_of(healthy.camp, 1)
    assert (one.turns, one.days, one.key) == ((MONDAY, AGAIN), (MONDAY,), AGAIN)
    assert (eyes(healthy)[0], asked(healthy)) == ("no-referral", [])
    form(healthy, "undo", event=done)
    assert (eyes(healthy)[0], len(asked(healthy))) == ("incomplete", 1)


@LATER
def test_another_person_of_the_number_takes_what_came_now_alone(healthy, later):
    later(healthy)
    healthy.take("IMG_3_OD.jpg", 0.9)
    form(healthy, "another", person=1, key=f"again:1:{AGAIN}")
    camp = healthy.camp
    new = camp.newest
    assert (camp.people[1].photos, camp.people[new].photos) == ((1, 2), (len(camp.photos),))
    assert (eyes(healthy)[0], eyes(healthy, new)[0]) == ("no-referral", "refer")
    assert of_last_day(camp, [1, new]) == [new]  # whose number it is now


def test_a_person_of_three_visits_has_three_and_asks_for_the_one_before_by_their_order():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.9)
    told.turn()
    told.take("IMG_2_OD.jpg", 0.1)
    told.turn(-1)
    told.take("IMG_3_OD.jpg", 0.1)
    assert [each.turns for each in visits_of(told.camp, 1)] == [(MONDAY,), (TUESDAY,), (AGAIN,)]
    assert eyes(told) == ("incomplete", "no-referral", "waiting")
    assert [each.before for each in asked(told)] == [TUESDAY, MONDAY]  # nobody has answered
    assert f"was here on {TUESDAY}. Same person?" in card(told).sentence
    assert plan_of(told.camp, 1, Advised(told.camp), told.at.date()).stage == "unplanned"


def test_a_number_is_of_who_had_it_last_by_the_order_of_days_and_not_by_their_dates(healthy):
    back_from_tuesday(healthy)
    healthy.take("IMG_3_OD.jpg", 0.1)
    assert [last_day(healthy.camp, person) for person in (1, 9)] == [AGAIN, TUESDAY]
    assert of_last_day(healthy.camp, [1, 9]) == [1]


def test_a_referral_that_nobody_looked_after_stays_due_after_a_start_of_the_computer():
    told = Told()
    told.take("IMG_1_OD.jpg", 0.9)
    started(told)
    told.take("IMG_2_OD.jpg", 0.1)
    told.take("IMG_3_OS.jpg", 0.1)
    assert eyes(told)[0] == "no-referral"
    assert plan_of(told.camp, 1, Advised(told.camp), told.at.date()).stage == "unplanned"


def test_a_clock_that_is_set_by_little_or_goes_to_the_next_day_tells_no_day_twice(healthy):
    healthy.at -= timedelta(minutes=4)
    healthy.take("IMG_3_OD.jpg", 0.1)
    healthy.at += timedelta(hours=5)
    healthy.take("IMG_4_OD.jpg", 0.1)
    assert [each.turns for each in visits_of(healthy.camp, 1)] == [(MONDAY,)]
    healthy.happen(ComputerStarted())
    healthy.turn()
    healthy.take("IMG_5_OD.jpg", 0.1)
    assert last_day(healthy.camp, 1) == TUESDAY


def test_what_is_moved_or_undone_later_stays_of_the_day_on_which_it_came(healthy):
    started(healthy)
    healthy.happen(PersonOpened(3, "P3"))
    healthy.happen(PhotoAssigned(1, 3))
    assert [each.turns for each in visits_of(healthy.camp, 3)] == [(MONDAY,)]
    healthy.happen(Undone(healthy.camp.history[-1].number))
    assert last_day(healthy.camp, 3) == AGAIN
    again, kept = Camp(), healthy.camp.as_it_is()
    again.take(healthy.camp.photos.values(), healthy.camp.history)
    assert again.days == healthy.camp.days
    started(healthy)
    healthy.take("IMG_3_OD.jpg", 0.1)
    assert kept.days == again.days != healthy.camp.days


def test_who_became_one_with_another_is_asked_about_after_the_next_start(healthy):
    started(healthy)
    healthy.take("IMG_3_OD.jpg", 0.1)
    healthy.happen(PeopleMerged(2, 1, "the same"))
    (open_one,) = asked(healthy)  # whether the first one came again the other one doesn't say
    assert (open_one.key, open_one.before) == (f"again:1:{AGAIN}", MONDAY)
    healthy.happen(HintAnswered(1, open_one.key))
    started(healthy)
    healthy.take("IMG_4_OD.jpg", 0.1)
    assert [each.before for each in asked(healthy)] == [AGAIN]


def test_who_came_up_while_the_clock_was_ahead_was_here_before():
    told = Told()
    told.turn(200)
    told.happen(PersonOpened(1, "P1"), PersonCalled(1), PersonCalled(None))
    told.turn(-200)
    told.take("IMG_1_OD.jpg", 0.1)
    assert [each.before for each in asked(told)] == ["2024-12-03"]
    told.happen(PersonOpened(2, "P2"), PhotoAssigned(1, 2))
    told.turn()
    told.happen(PersonOpened(3), PhotoAssigned(1, 3))
    assert asked(told, 3) == []  # who came up after their photographs


def test_the_export_tells_the_two_visits_apart(healthy):
    started(healthy)
    healthy.take("IMG_3_OD.jpg", 0.1)
    rows = camp_csv(healthy.camp, [1]).splitlines()[1:]
    told = [tuple(row.split(",")[4:6]) for row in rows]
    assert told == [
        (MONDAY, "no-referral"),
        (MONDAY, "no-referral"),
        (f"{MONDAY} (2)", "incomplete"),
    ]


@pytest.mark.parametrize(
    ("key", "day"),
    [(MONDAY, AGAIN), (AGAIN, AGAIN), (f"{MONDAY}.1", MONDAY), (TUESDAY, TUESDAY),
     (f"{TUESDAY}.1", TUESDAY), (f"{MONDAY}.3", None), ("", None), ("x", None),
     (f"{MONDAY}.1.1", None)],
)  # fmt: skip
def test_a_date_leads_to_its_last_day_and_a_key_to_its_own(key, day):
    assert named_day(key, [MONDAY, TUESDAY, AGAIN]) == day


def test_each_day_has_one_key_and_words():
    days = [MONDAY, TUESDAY, AGAIN]
    keys = [key_of_day(each, days) for each in days]
    assert keys == [f"{MONDAY}.1", TUESDAY, AGAIN]
    assert [named_day(each, days) for each in keys] == days
    assert [*map(day_in_words, days)] == [MONDAY, TUESDAY, f"{MONDAY} (2)"]


def test_what_is_asked_for_is_shown_where_the_person_was_there_then(healthy):
    started(healthy)
    healthy.take("IMG_3_OD.jpg", 0.1)
    camp = healthy.camp
    assert known_day(camp, 1, f"{MONDAY}.1") == f"{MONDAY}.1"
    assert known_day(camp, 1, TUESDAY) is None
    assert known_day(camp, 1, "../x") is None
    assert visit_of(camp, 1, TUESDAY).photos == ()


@pytest.mark.parametrize(
    ("event", "is_over"),
    [(PersonCalled(None), False), (OperatorAtCamera(""), False), (PersonOpened(7), False),
     (PhotoAssigned(1, 2), False), (PersonCalled(2), True), (OperatorAtCamera("Ana"), True),
     (PersonDescribed(1, "x"), True), (AnotherCame(1, 2), True)],
)  # fmt: skip
def test_that_the_computer_was_started_is_known_until_somebody_does_something(
    healthy, event, is_over
):
    assert healthy.camp.days.started == ""
    started(healthy)
    assert healthy.camp.days.started == healthy.at.isoformat()
    healthy.happen(event)
    assert (healthy.camp.days.started == "") == is_over
