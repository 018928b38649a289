"""Overnight nobody sits before the camera; a clock that is set sends nobody away."""

import contextlib
from datetime import datetime, timedelta

import pytest

from edge_runtime.station import boot, camp_store, moment, next_day
from edge_runtime.station.advice import advise
from edge_runtime.station.boot import boot_id
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import (
    ComputerStarted,
    OperatorAtCamera,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
)
from edge_runtime.station.hints import Hints
from edge_runtime.station.next_day import NextDay
from tests.edge_runtime.station.camps import Clock, added, jpeg
from tests.edge_runtime.station.taking_in import swept

HOUR = 3600


@pytest.fixture
def called(store):
    """Give a store of a camp where somebody is called."""
    store.happen(PersonOpened(1, "17"), PersonCalled(1))
    return store


def set_clock(monkeypatch, hours):
    """Set the computer's clock by so many hours, wherever the station asks it."""
    real = moment.now
    for module in (moment, next_day):
        monkeypatch.setattr(module, "now", lambda: real() + timedelta(hours=hours))


@pytest.mark.parametrize(("hours", "is_called"), [(1, True), (9, False), (-9, True)])
def test_who_was_called_yesterday_is_not_there_when_the_station_begins(
    called, monkeypatch, hours, is_called
):
    set_clock(monkeypatch, hours)
    NextDay(called, Clock()).begin()
    assert (called.camp.called == 1) is is_called


def test_who_took_the_photographs_yesterday_is_asked_anew(store):
    clock = Clock()
    day = NextDay(store, clock)
    store.happen(OperatorAtCamera("Ana"))
    day.begin()
    clock.wait(4.1 * HOUR)
    day.begin()
    assert store.camp.operator == ""
    assert store.camp.history[-1].by == ""  # it wasn't Ana who said so
    happened = len(store.camp.history)
    clock.wait(9 * HOUR)
    day.begin()
    assert len(store.camp.history) == happened


@pytest.mark.parametrize(("hours", "is_called"), [(3.9, True), (4.1, False)])
def test_in_a_station_that_runs_on_overnight_nobody_sits_there_next_morning(
    called, hours, is_called
):
    clock = Clock()
    day = NextDay(called, clock)
    clock.wait(3 * HOUR)
    day.begin()
    called.happen(PersonDescribed(1, "17"))  # somebody is at work
    day.begin()
    clock.wait(hours * HOUR)
    day.begin()
    assert (called.camp.called == 1) is is_called


def test_hours_before_and_after_the_start_count_together(called, monkeypatch):
    set_clock(monkeypatch, 3)
    clock = Clock()
    day = NextDay(called, clock)
    clock.wait(1.5 * HOUR)
    day.begin()
    assert called.camp.called is None


@pytest.mark.parametrize("hours", [-24 * 365, -9, 9, 24 * 365])
def test_a_clock_that_is_set_during_a_camp_sends_nobody_away(
    intake, inbox, called, monkeypatch, hours
):
    (inbox / "a.jpg").write_bytes(jpeg(1))
    set_clock(monkeypatch, hours)
    swept(intake)
    assert called.camp.called == 1
    assert called.camp.told[1].person == 1


def test_a_clock_that_was_set_back_before_the_start_keeps_nobody_there_for_longer(
    called, monkeypatch
):
    set_clock(monkeypatch, -9)
    clock = Clock()
    day = NextDay(called, clock)
    clock.wait(4.1 * HOUR)
    day.begin()
    assert called.camp.called is None


@pytest.mark.parametrize("has_boottime", [True, False])
def test_the_clock_goes_on_while_the_computer_sleeps_where_the_system_has_such_a_one(
    monkeypatch, has_boottime
):
    awake_s, since_start_s = 100.0, 100.0 + 8 * HOUR
    monkeypatch.setattr(next_day.time, "monotonic", lambda: awake_s)
    monkeypatch.setattr(next_day.time, "clock_gettime", {"boot": since_start_s}.__getitem__)
    if has_boottime:
        monkeypatch.setattr(next_day.time, "CLOCK_BOOTTIME", "boot", raising=False)
    else:
        monkeypatch.delattr(next_day.time, "CLOCK_BOOTTIME", raising=False)
    assert next_day.elapsed() == (since_start_s if has_boottime else awake_s)


@pytest.mark.parametrize(
    ("before", "now", "is_called"),
    [("a", "b", False), ("a", "a", True), ("", "b", True), ("a", "", True)],
)
def test_after_another_start_of_the_computer_nobody_sits_there_though_its_clock_stood_still(
    called, before, now, is_called
):
    called.happen(OperatorAtCamera("Asha"))
    NextDay(called, Clock(), lambda: before).begin()
    day = NextDay(called, Clock(), lambda: now)
    day.begin()
    assert (called.camp.called == 1, called.camp.operator == "Asha") == (is_called, is_called)
    called.happen(PersonCalled(1), OperatorAtCamera("Ravi"))
    day.begin()
    NextDay(called, Clock(), lambda: now).begin()  # the station is started again, the computer not
    assert (called.camp.called, called.camp.operator) == (1, "Ravi")


def test_a_start_without_a_name_makes_nobody_forget_the_one_before(called):
    for name in ("a", "", "b"):
        NextDay(called, Clock(), lambda name=name: name).begin()
    assert called.camp.called is None


def test_where_the_start_cant_be_kept_the_station_works_all_the_same(called, monkeypatch):
    NextDay(called, Clock(), lambda: "a").begin()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(boot, "write_file", full)
    day = NextDay(called, Clock(), lambda: "b")
    day.begin()
    called.happen(PersonCalled(1))
    day.begin()
    assert called.camp.called == 1


def test_this_computers_start_has_a_name_that_stays():
    assert boot_id() == boot_id()
    assert len(boot_id()) == 36 or not boot._SYSTEM.exists()


def test_what_happened_stays_in_its_order_though_the_clock_was_set_back(tmp_path, monkeypatch):
    with contextlib.closing(CampStore(tmp_path / "data")) as store:
        store.happen(PersonOpened(1, "17"), PersonCalled(1))
        earlier = datetime.now().astimezone() - timedelta(hours=9)
        monkeypatch.setattr(camp_store, "now", lambda: earlier)
        store.happen(PersonDescribed(1, "18"))
        numbers = [each.number for each in store.camp.history]
        assert numbers == sorted(numbers)
        assert store.camp.history[-1].at < store.camp.history[0].at  # as it was told, not made up
    with contextlib.closing(CampStore(tmp_path / "data")) as again:
        assert [each.number for each in again.camp.history] == numbers
        assert again.camp.people[1].given_id == "18"


def test_that_the_computer_was_started_is_kept_once_and_not_of_an_empty_camp(store):
    NextDay(store, Clock(), lambda: "a").begin()
    NextDay(store, Clock(), lambda: "b").begin()
    assert store.camp.history == []
    store.happen(PersonOpened(1, "17"))
    NextDay(store, Clock(), lambda: "b").begin()
    day = NextDay(store, Clock(), lambda: "c")
    day.begin()
    day.begin()
    assert [each.event for each in store.camp.history] == [PersonOpened(1, "17"), ComputerStarted()]
    assert store.camp.history[-1].by == ""


def test_a_return_after_a_start_of_the_computer_is_a_new_visit_though_its_clock_stood_still(
    called,
):
    for path in ("1_OD.jpg", "1_OS.jpg"):
        added(called, path, person=1, at=moment.now())
    NextDay(called, Clock(), lambda: "a").begin()
    NextDay(called, Clock(), lambda: "b").begin()
    called.happen(PersonCalled(1))
    added(called, "2_OD.jpg", person=1, at=moment.now())
    assert advise(called.camp, 1).advice == "incomplete"
    assert [each.kind for each in Hints(called.camp).of(1)] == ["again"]
