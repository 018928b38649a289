"""Whoever sat before the camera when a file came has it, however late there is time for it."""

import os
import threading
import time
from pathlib import Path

import pytest

from edge_runtime.station import intake as module
from edge_runtime.station.arrivals import SETTLED, Arrivals
from edge_runtime.station.calls import Calls, called_by, calls_of
from edge_runtime.station.events import (
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    Undone,
)
from edge_runtime.station.first_seen import FirstSeen
from edge_runtime.station.intake import Intake
from tests.edge_runtime.station.camps import Clock, Told, jpeg
from tests.edge_runtime.station.taking_in import at_work, names, swept, wait_until


class Desk:
    """An inbox of which only is looked at who was called when a file was first seen."""

    def __init__(self, inbox):
        self.log = [(0.0, 1)]
        self.moment = time.time() - 100  # long before the files
        first = FirstSeen(
            lambda: Calls(self.log[0][1] if self.log else None, tuple(self.log)),
            lambda: self.moment,
        )
        self.arrivals = Arrivals(inbox, clock=Clock(), first=first)

    def call(self, person, at=None):
        self.log.insert(0, (time.time() if at is None else at, person))

    def look(self, after_s=0.25):
        self.moment += after_s
        self.arrivals.look()

    def who(self, name):
        return self.arrivals.first.of(Path(name))


@pytest.fixture
def desk(inbox):
    made = Desk(inbox)
    made.look()
    return made


def test_a_file_is_of_who_was_called_when_it_was_first_seen_whatever_comes_after(desk, inbox):
    (inbox / "a.jpg").write_bytes(b"a")
    desk.look()
    desk.call(2)
    (inbox / "b.jpg").write_bytes(b"b")
    desk.look()
    desk.look()
    (inbox / "c.jpg").write_bytes(b"c")
    desk.look()
    assert [desk.who(f"{name}.jpg") for name in "abc"] == [1, 1, 2]  # b: whose eyes were lit


def test_what_came_between_two_looks_is_of_who_was_called_when_it_changed(desk, inbox):
    desk.moment = time.time() - 1
    desk.look()
    for number in (2, 3, 4):
        (inbox / f"{number}.jpg").write_bytes(b"a")
        os.utime(inbox / f"{number}.jpg", (0, 0))  # by its camera's clock, which nobody asks
        time.sleep(0.05)
        desk.call(number)
    desk.look(after_s=1)
    assert [desk.who(f"{number}.jpg") for number in (2, 3, 4)] == [1, 2, 3]


def test_after_a_card_was_away_for_long_its_files_are_of_who_sits_there_now(desk, inbox):
    desk.call(2)
    (inbox / "a.jpg").write_bytes(b"a")  # changed at no time between the two looks
    desk.look(after_s=60)
    assert desk.who("a.jpg") == 2


def test_a_file_that_grows_and_is_renamed_is_of_who_was_called_when_it_began(desk, inbox):
    for name in ("a.jpg", "b.jpg.part", ".c.jpg.Xy1"):
        (inbox / name).write_bytes(b"a")
    desk.look()
    desk.call(2)
    desk.look()
    for name, last in (("a.jpg", "A.JPG"), ("b.jpg.part", "b.jpg"), (".c.jpg.Xy1", "c.jpg")):
        with (inbox / name).open("ab") as file:
            file.write(b" photograph")
        desk.look()
        (inbox / name).rename(inbox / last)
        desk.look()
    assert [desk.who(name) for name in ("A.JPG", "b.jpg", "c.jpg")] == [1, 1, 1]


@pytest.mark.parametrize("is_done_late", [False, True])
def test_a_camera_that_writes_each_photo_by_one_name_has_each_with_who_sat_there(
    desk, inbox, is_done_late
):
    (inbox / "a.jpg").write_bytes(b"one")
    desk.look()
    desk.arrivals.clock.wait(SETTLED)
    (arrived,) = desk.arrivals.sweep()
    if not is_done_late:
        desk.arrivals.finish(arrived)
        desk.look()
    desk.call(2)
    desk.look()
    (inbox / "a.jpg").write_bytes(b"another")
    desk.look()
    if is_done_late:
        assert desk.who("a.jpg") == 1
        desk.arrivals.finish(arrived)
    assert desk.who("a.jpg") == 2
    desk.look()
    assert desk.who("a.jpg") == 2
    assert desk.arrivals.still_coming() == (Path("a.jpg"),)


def test_a_file_that_is_begun_anew_before_it_was_done_is_of_who_sits_there_then(desk, inbox):
    (inbox / "a.jpg").write_bytes(b"a long one")
    desk.look()
    desk.call(2)
    desk.look()
    (inbox / "a.jpg").write_bytes(b"short")
    desk.look()
    assert desk.who("a.jpg") == 2


def test_calls_of_late_are_told_with_those_that_were_undone_until_then():
    told = Told()
    told.happen(*(PersonOpened(number) for number in (1, 2, 3)), PersonCalled(1))
    mistyped = told.happen(PersonCalled(2))
    told.happen(Undone(mistyped))
    told.happen(PersonCalled(3))
    calls = calls_of(told.camp)
    assert calls.now == calls.log[0][1]
    assert [called_by(told.camp, call) for _, call in calls.log] == [3, 1, None, 1]
    assert called_by(told.camp, None) is None


def test_an_undoing_of_something_else_is_no_call():
    told = Told()
    told.happen(PersonOpened(1), PersonCalled(1))
    before = calls_of(told.camp)
    told.happen(Undone(told.happen(PersonDescribed(1, "17"))))
    assert not calls_of(told.camp).is_newer(before)


def test_a_call_that_was_undone_and_brought_back_is_in_force():
    told = Told()
    told.happen(PersonOpened(1), PersonOpened(2), PersonCalled(1))
    second = told.happen(PersonCalled(2))
    told.happen(Undone(told.happen(Undone(second))))
    calls = calls_of(told.camp)
    assert calls.now == second
    assert [called_by(told.camp, call) for _, call in calls.log] == [2, 1, 2, 1]


def test_what_comes_before_anybody_is_called_is_nobodys(desk, inbox):
    desk.log = []
    desk.moment = time.time() - 1
    desk.look()
    (inbox / "a.jpg").write_bytes(b"a")
    time.sleep(0.05)
    desk.call(1)
    desk.look(after_s=1)
    assert desk.who("a.jpg") is None


def test_what_came_under_a_call_between_two_of_another_is_of_that_call(desk, inbox):
    desk.moment = time.time() - 1
    desk.look()
    desk.call(2)
    time.sleep(0.05)
    (inbox / "a.jpg").write_bytes(b"a")
    time.sleep(0.05)
    desk.call(1)
    desk.look(after_s=1)
    assert desk.who("a.jpg") == 2
    assert desk.who("b.jpg") == 1


def test_a_folder_that_is_moved_in_is_of_who_sits_there_now_whenever_its_files_were_made(
    desk, inbox
):
    made = inbox.parent / "made"
    made.mkdir()
    (made / "a.jpg").write_bytes(b"a")  # while the first one was called
    desk.moment = time.time() + 10
    desk.look()
    desk.call(2, at=desk.moment + 1)
    made.rename(inbox / "copied")
    desk.look(after_s=5)
    assert desk.who("copied/a.jpg") == 2


def test_a_file_that_takes_anothers_place_keeps_whom_it_was_of(desk, inbox):
    (inbox / "a.jpg").write_bytes(b"a")
    desk.look()
    desk.call(2)
    desk.look()
    (inbox / "b.jpg.part").write_bytes(b"of the second")
    desk.look()
    desk.call(3)
    desk.look()
    (inbox / "b.jpg.part").rename(inbox / "a.jpg")
    desk.look()
    assert desk.who("a.jpg") == 2


def test_a_file_whose_copy_takes_its_place_whole_is_of_who_sat_there_when_it_began(desk, inbox):
    (inbox / "a.jpg").write_bytes(b"a")
    desk.look()
    desk.call(2)
    desk.look()
    (inbox.parent / "whole").write_bytes(b"a photograph")  # on this disk, and never seen there
    (inbox.parent / "whole").rename(inbox / "a.jpg")
    desk.look()
    assert desk.who("a.jpg") == 1


def test_the_last_photograph_of_a_person_stays_theirs_though_a_burst_is_at_work(
    inbox, store, classifier, monkeypatch
):
    """The next one is called while eight photographs are classified, as in a queue."""
    store.happen(PersonOpened(1, "17"), PersonOpened(2, "18"), PersonCalled(1))
    at_it, go_on = threading.Event(), threading.Event()
    made = Intake._made

    def slow(self, *arguments):
        at_it.set()
        assert go_on.wait(20)
        return made(self, *arguments)

    monkeypatch.setattr(Intake, "_made", slow)
    for number in range(3):
        (inbox / f"IMG_{number}.jpg").write_bytes(jpeg(number, size=(120, 160)))
    intake = Intake(inbox, store, classifier)
    with at_work(intake):
        assert at_it.wait(20)
        (inbox / "IMG_7.jpg").write_bytes(jpeg(7, size=(120, 160)))
        begun = time.monotonic()
        wait_until(lambda: Path("IMG_7.jpg") in intake.arrivals.still_coming())
        assert time.monotonic() - begun < 8 * module._PAUSE  # CI's processors are busy
        store.happen(PersonCalled(2))
        time.sleep(4 * module._PAUSE)
        (inbox / "IMG_8.jpg").write_bytes(jpeg(8, size=(120, 160)))
        go_on.set()
        wait_until(lambda: len(names(store)) == 5)
    whose = {Path(each.photo.path).stem: each.person for each in store.camp.told.values()}
    assert (whose["IMG_7"], whose["IMG_8"]) == (1, 2)


@pytest.mark.parametrize("to", ["IMG_{}.JPEG", "../IMG_{}.jpg"])
def test_what_is_renamed_or_moved_away_while_it_is_classified_is_of_no_next_one(
    inbox, store, classifier, monkeypatch, to
):
    store.happen(PersonOpened(1, "17"), PersonOpened(2, "18"), PersonCalled(1))
    at_it, go_on = threading.Event(), threading.Event()
    made = Intake._made

    def slow(self, *arguments):
        at_it.set()
        assert go_on.wait(20)
        return made(self, *arguments)

    monkeypatch.setattr(Intake, "_made", slow)
    files = [Path(f"IMG_{number}.jpg") for number in range(3)]
    for number, file in enumerate(files):
        (inbox / file).write_bytes(jpeg(number, size=(120, 160)))
    intake = Intake(inbox, store, classifier)
    with at_work(intake):
        assert at_it.wait(20)
        store.happen(PersonCalled(2))
        for number, file in enumerate(files):
            (inbox / file).rename(inbox / to.format(number))
        wait_until(lambda: not set(files) & set(intake.arrivals.still_coming()))
        go_on.set()
        wait_until(lambda: store.camp.photos and not intake.arrivals.still_coming())
    assert {each.person for each in store.camp.told.values()} == {1}


def test_a_burst_of_five_hundred_is_of_who_was_called_when_it_came_to_its_last(
    intake, inbox, store
):
    store.happen(PersonOpened(1, "17"), PersonOpened(2, "18"), PersonCalled(1))
    for number in range(500):
        (inbox / f"IMG_{number}.jpg").write_bytes(b"x")
    intake.arrivals.look()
    store.happen(PersonCalled(2))
    intake.arrivals.look()
    calls = {intake.arrivals.first.of(Path(f"IMG_{number}.jpg")) for number in range(500)}
    assert {called_by(store.camp, call) for call in calls} == {1}


def test_a_photograph_of_one_who_was_merged_is_not_of_the_next_one(intake, inbox, store):
    store.happen(*(PersonOpened(number) for number in (1, 2, 3)), PersonCalled(1))
    (inbox / "IMG_1.jpg").write_bytes(jpeg(1))
    intake.sweep()
    store.happen(PersonCalled(2))
    store.happen(PeopleMerged(1, 3, "one person"))
    swept(intake)
    assert store.camp.told[1].person == 3


@pytest.mark.parametrize("was_known", [False, True])
@pytest.mark.parametrize("is_next_called", [False, True])
def test_what_came_under_a_call_that_was_undone_is_of_a_person_of_its_own(
    intake, inbox, store, was_known, is_next_called
):
    store.happen(PersonOpened(1, "17"), *([PersonOpened(2, "18x")] if was_known else []))
    store.happen(PersonCalled(1))
    *opened, mistyped = store.happen(
        *([] if was_known else [PersonOpened(2, "18x")]), PersonCalled(2)
    )
    (inbox / "IMG_1.jpg").write_bytes(jpeg(1))
    intake.sweep()
    store.happen(*(Undone(each.number) for each in (*opened, mistyped)))
    if is_next_called:
        store.happen(PersonOpened(3, "18"), PersonCalled(3))
    intake.arrivals.clock.wait(SETTLED)
    intake.sweep()
    assert store.camp.people[store.camp.told[1].person].given_id == ""
    assert store.camp.called == (3 if is_next_called else 1)


def test_a_photograph_that_comes_while_two_are_merged_by_mistake_is_given_back(
    intake, inbox, store
):
    for number, name in enumerate(("P1_OD.jpg", "P2_OD.jpg")):
        (inbox / name).write_bytes(jpeg(number))
    swept(intake)
    store.happen(PersonCalled(2))
    (merged,) = store.happen(PeopleMerged(2, 1, "a slip of the pen"))
    assert store.camp.called == 1
    for number, name in enumerate(("P2_OS.jpg", "IMG_1.jpg")):
        (inbox / name).write_bytes(jpeg(10 + number))
    swept(intake)
    assert store.camp.people[1].photos == (1, 2, 3, 4)
    store.happen(Undone(merged.number))
    assert (store.camp.people[1].photos, store.camp.people[2].photos) == ((1,), (2, 3, 4))
