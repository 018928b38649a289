"""What goes wrong while photographs come in is said, waited for, and stops no other."""

import errno
import os
import shutil
import threading
import time

import cv2
import pytest

from edge_runtime.photo.decode import END_LOST
from edge_runtime.station import arrivals, camp_store
from edge_runtime.station import intake as module
from edge_runtime.station.arrivals import GIVEN_UP, SETTLED
from edge_runtime.station.fresh import Fresh
from edge_runtime.station.intake import Intake
from edge_runtime.station.trouble import trouble_of
from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.taking_in import at_work, names, said, swept, wait_until


def faults(store):
    return {str(each.path): each.fault for each in store.seen() if each.fault}


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_a_cut_off_photograph_is_said_to_be_broken_only_when_it_is_given_up(
    intake, inbox, store, share
):
    data = jpeg(1)
    (inbox / "a.jpg").write_bytes(data[: int(share * len(data))])
    (inbox / "b.jpg").write_bytes(jpeg(2))
    swept(intake)
    assert names(store) == ["b.jpg"]
    assert faults(store) == {}
    swept(intake, after_s=GIVEN_UP)
    assert faults(store).keys() == {"a.jpg"}
    assert faults(store)["a.jpg"].startswith("a.jpg: ")
    assert len(intake.arrivals.still_coming()) == 0
    (inbox / "a.jpg").write_bytes(data)
    swept(intake)
    assert names(store) == ["b.jpg", "a.jpg"]


def test_a_photograph_that_lacks_its_last_bytes_alone_is_waited_for_too(intake, inbox, store):
    """It can be read, and would come in a second time when its end comes."""
    data = jpeg(1)
    (inbox / "a.jpg").write_bytes(data[:-2])
    swept(intake)
    assert names(store) == []
    (inbox / "a.jpg").write_bytes(data)
    swept(intake)
    (inbox / "b.jpg").write_bytes(jpeg(2)[:-2])
    swept(intake)
    swept(intake, after_s=GIVEN_UP)
    assert names(store) == ["a.jpg", "b.jpg"]
    assert END_LOST in store.record_of(2).read_as


def test_written_at_ten_kilobytes_a_second_with_pauses_it_comes_in_once_and_whole(
    inbox, store, classifier
):
    data = jpeg(1)
    assert 8_000 < len(data) < 40_000  # so that it takes seconds

    def write():
        with (inbox / "a.jpg").open("wb", buffering=0) as file:
            for at in range(0, len(data), 2000):
                file.write(data[at : at + 2000])
                time.sleep(2 * SETTLED if at // 2000 % 4 == 3 else 0.2)

    writer = threading.Thread(target=write)
    intake = Intake(inbox, store, classifier)
    with at_work(intake):
        writer.start()
        wait_until(lambda: names(store))
        assert not writer.is_alive() or (inbox / "a.jpg").stat().st_size == len(data)
        writer.join()
        time.sleep(3 * SETTLED)
    assert names(store) == ["a.jpg"]
    assert faults(store) == {}


def test_an_inbox_that_is_gone_is_told_and_all_goes_on_when_it_is_back(inbox, store, classifier):
    intake, told = Intake(inbox, store, classifier), []
    store.watch(lambda: told.append(intake.trouble))
    away = inbox.with_name("away")
    inbox.rename(away)
    with at_work(intake):
        wait_until(lambda: intake.trouble)
        assert said(intake.trouble).startswith(f"{inbox}: the inbox is gone; ")
        (away / "a.jpg").write_bytes(jpeg(1))
        away.rename(inbox)
        wait_until(lambda: names(store))
        wait_until(lambda: intake.trouble is None)
    assert told[0] is not None
    assert None in told


@pytest.mark.parametrize("what", ["write_file", "at_once"])
def test_a_disk_that_is_full_is_told_and_what_waited_comes_in_once_there_is_room(
    intake, inbox, store, classifier, monkeypatch, what
):
    def refuse(*arguments, **options):
        raise OSError(28, "No space left on device", "/data/camp.sqlite")

    for number in range(3):
        (inbox / f"{number}.jpg").write_bytes(jpeg(number))
    with monkeypatch.context() as patch:
        patch.setattr(camp_store if what == "write_file" else camp_store.CampStore, what, refuse)
        intake.sweep()
        for wait in (SETTLED, GIVEN_UP, GIVEN_UP, GIVEN_UP):
            intake.arrivals.clock.wait(wait)
            with pytest.raises(OSError, match="No space left"):
                intake.sweep()
        other = Intake(inbox, store, classifier)
        with at_work(other):
            wait_until(lambda: other.trouble)
        assert said(other.trouble, "es") == (
            f"{store.folder}: no queda sitio en el disco; se intenta otra vez"
        )
        assert said(other.trouble) == (
            f"{store.folder}: no space left on device; it is tried again"
        )
    intake.sweep()
    assert sorted(names(store)) == ["0.jpg", "1.jpg", "2.jpg"]


def test_a_copy_that_cannot_be_noted_is_noted_once_there_is_room(intake, inbox, store, monkeypatch):
    (inbox / "a.jpg").write_bytes(jpeg(1))
    swept(intake)
    shutil.copy(inbox / "a.jpg", inbox / "b.jpg")

    def refuse(*arguments, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(camp_store.CampStore, "see", refuse)
        with pytest.raises(OSError, match="No space left"):
            swept(intake)
    intake.sweep()
    assert [str(each.path) for each in store.seen()] == ["b.jpg", "a.jpg"]


def test_one_photograph_on_which_a_library_fails_stops_no_other(intake, inbox, store, monkeypatch):
    for number in range(4):
        (inbox / f"{number}_OD.jpg").write_bytes(jpeg(number))
    draw = module.small_jpeg

    def fail(picture, *, side):
        if len(store.camp.photos) == 1 and not failed:
            failed.append(side)
        if failed and len(store.camp.photos) == 1:
            raise cv2.error("no memory\nat all")
        return draw(picture, side=side)

    failed = []
    with monkeypatch.context() as patch:
        patch.setattr(module, "small_jpeg", fail)
        swept(intake)
        assert len(names(store)) == 1
        swept(intake, after_s=GIVEN_UP)
        for _ in range(3):
            swept(intake, after_s=GIVEN_UP)
    assert set(faults(store)) == {each.name for each in inbox.iterdir()} - set(names(store))
    said = next(iter(faults(store).values()))
    assert "unforeseen (error: no memory\\nat all)" in said


def test_a_photograph_that_is_rewritten_while_it_is_read_comes_in_as_it_is_then(
    intake, inbox, store, monkeypatch
):
    (inbox / "a.jpg").write_bytes(jpeg(1))
    rewritten = []
    fresh = Fresh.give

    def change_behind_the_hash(self):
        for arrived in fresh(self):
            if not rewritten:
                rewritten.append((inbox / "a.jpg").write_bytes(jpeg(2)))
            yield arrived

    with monkeypatch.context() as patch:
        patch.setattr(Fresh, "give", change_behind_the_hash)
        swept(intake)
        assert names(store) == []
        swept(intake)
    assert names(store) == ["a.jpg"]
    assert (store.seen()[0].stamp.size_bytes, faults(store)) == (len(jpeg(2)), {})


def test_a_broken_file_that_goes_away_in_the_last_moment_is_no_fault(
    intake, inbox, store, monkeypatch
):
    (inbox / "a.jpg").write_bytes(jpeg(1)[:900])
    swept(intake)
    fresh = Fresh.give

    def remove_behind_the_hash(self):
        for arrived in fresh(self):
            (inbox / "a.jpg").unlink()
            yield arrived

    monkeypatch.setattr(Fresh, "give", remove_behind_the_hash)
    swept(intake, after_s=GIVEN_UP)
    intake.sweep()
    assert (faults(store), intake.arrivals.still_coming()) == ({}, ())


def test_what_nobody_has_thought_of_is_told_and_the_sweeping_goes_on(
    inbox, store, classifier, monkeypatch
):
    intake = Intake(inbox, store, classifier)

    def fail(self):
        raise RuntimeError("of a kind that\nnobody knows")

    with at_work(intake):
        with monkeypatch.context() as patch:
            patch.setattr(Intake, "sweep", fail)
            wait_until(lambda: intake.trouble)
            assert said(intake.trouble) == (
                "something unforeseen went wrong (RuntimeError: of a kind that\\nnobody knows)"
            )
        wait_until(lambda: intake.trouble is None)


def test_a_huge_file_by_a_photographs_name_is_listed_unread_and_holds_nobody_up(
    inbox, store, intake, monkeypatch
):
    size = 20_000_000_000
    for name in ("film.jpg", "film2.jpg"):
        with (inbox / name).open("wb") as sparse:
            sparse.truncate(size)
    (inbox / "P1_OD.jpg").write_bytes(jpeg(1))
    hashed, real = [], arrivals.sha256_of
    monkeypatch.setattr(arrivals, "sha256_of", lambda *a: hashed.append(a) or real(*a))
    swept(intake)
    assert names(store) == ["P1_OD.jpg"]
    assert [file.name for file, _ in hashed] == ["P1_OD.jpg"]
    intake.arrivals.clock.wait(GIVEN_UP)
    intake.sweep()
    assert faults(store).keys() == {"film.jpg", "film2.jpg"}
    assert f"the file has {size} bytes, too many for a photo" in faults(store)["film.jpg"]
    assert len(hashed) == 1


def test_a_full_disk_is_that_of_the_data_folder_whichever_file_was_read(inbox, store):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert said(trouble_of(full, inbox, store.folder)).startswith(f"{store.folder}: no space left")
    broken = OSError(errno.EIO, os.strerror(errno.EIO))
    assert trouble_of(broken, inbox, store.folder).name == str(inbox)
