"""Files leave the inbox once their photographs are kept, and none is lost or doubled on the way."""

import errno
import hashlib
import os
import shutil
from pathlib import Path

import pytest

from edge_runtime.photo.find import stamp_of
from edge_runtime.station import archive as module
from edge_runtime.station.archive import REST, Archive, move
from edge_runtime.station.arrivals import GIVEN_UP
from edge_runtime.station.events import PersonCalled, PersonOpened
from edge_runtime.station.intake import Intake
from tests.edge_runtime.station.camps import Clock, jpeg
from tests.edge_runtime.station.taking_in import at_work, names, said, swept, wait_until

PHOTO = b"\xff\xd8 a photograph"
SHA256 = hashlib.sha256(PHOTO).hexdigest()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "archive"


def opened(inbox, store, classifier, folder):
    """Make an intake that moves files away, by a clock of its own."""
    clock = Clock()
    intake = Intake(inbox, store, classifier, Archive(inbox, folder, store, clock))
    intake.arrivals.clock = clock
    return intake


@pytest.fixture
def intake(inbox, store, classifier, folder):
    return opened(inbox, store, classifier, folder)


def files(folder):
    """Give what lies in a folder: contents by names below it."""
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }


def moved(intake):
    """Take in, and wait until what is kept may be moved."""
    swept(intake)
    intake.arrivals.clock.wait(REST)
    intake.sweep()


def test_every_folder_that_is_made_in_the_archive_is_for_its_owner_only(inbox, folder):
    (inbox / "Maria Lopez" / "right").mkdir(parents=True)
    path = Path("Maria Lopez", "right", "1.jpg")
    (inbox / path).write_bytes(PHOTO)
    assert move(inbox, folder, path, stamp=stamp_of(inbox / path), sha256=SHA256) == "moved"
    made = [folder, *(each for each in folder.rglob("*") if each.is_dir())]
    assert [each.stat().st_mode & 0o777 for each in made] == [0o700] * 3


def test_a_photographs_file_is_moved_with_its_folders_a_while_after_it_was_kept(
    intake, inbox, store, folder
):
    name = os.fsdecode(b"P17/Mu\xf1oz 1.jpg")
    (inbox / "P17").mkdir()
    (inbox / name).write_bytes(jpeg(1))
    stamp = stamp_of(inbox / name)
    swept(intake)
    assert names(store) == [name]
    intake.sweep()
    assert files(folder) == {}
    intake.arrivals.clock.wait(REST)
    intake.sweep()
    assert (files(inbox), files(folder)) == ({}, {name: jpeg(1)})
    assert stamp_of(folder / name) == stamp
    moved(intake)
    assert (len(store.camp.photos), intake.arrivals.still_coming()) == (1, ())


def test_without_an_archive_nothing_is_moved(inbox, store, classifier):
    intake = Intake(inbox, store, classifier)
    intake.arrivals.clock = Clock()
    (inbox / "a.jpg").write_bytes(jpeg(1))
    moved(intake)
    assert files(inbox) == {"a.jpg": jpeg(1)}


def test_copies_are_moved_too_and_what_is_no_photograph_stays(intake, inbox, folder):
    for name in ("a.jpg", "b.jpg"):
        (inbox / name).write_bytes(jpeg(1))
    (inbox / "broken.jpg").write_bytes(jpeg(2)[:900])
    (inbox / "notes.txt").write_bytes(b"notes")
    (inbox / "link.jpg").symlink_to(folder.parent / "elsewhere.jpg")
    (folder.parent / "elsewhere.jpg").write_bytes(jpeg(3))
    swept(intake)
    intake.arrivals.clock.wait(GIVEN_UP)
    intake.sweep()
    moved(intake)
    assert set(files(folder)) == {"a.jpg", "b.jpg"}
    assert set(files(inbox)) == {"broken.jpg", "notes.txt", "link.jpg"}


def test_no_file_is_written_over_and_the_same_one_is_not_there_twice(intake, inbox, folder):
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"another day's")
    (folder / "a (2).jpg").write_bytes(b"a third one")
    for number in (1, 1, 2):  # the second comes back with the card, the third by its name
        (inbox / "a.jpg").write_bytes(jpeg(number))
        os.utime(inbox / "a.jpg", ns=(10**18, 10**18))
        moved(intake)
    assert files(folder) == {
        "a.jpg": b"another day's", "a (2).jpg": b"a third one", "a (3).jpg": jpeg(1),
        "a (4).jpg": jpeg(2),
    }  # fmt: skip
    assert files(inbox) == {}


def test_a_file_that_was_rewritten_is_taken_in_before_it_is_moved(intake, inbox, store, folder):
    (inbox / "a.jpg").write_bytes(jpeg(1))
    swept(intake)
    (inbox / "a.jpg").write_bytes(jpeg(2))
    intake.arrivals.clock.wait(REST)
    intake.sweep()
    assert files(inbox) == {"a.jpg": jpeg(2)}
    moved(intake)
    assert files(folder) == {"a.jpg": jpeg(2)}
    assert len(store.camp.photos) == 2


def test_another_content_with_the_same_stamp_is_taken_in_before_it_is_moved(
    intake, inbox, store, folder
):
    """As uncompressed files are, on a disk whose clock counts two seconds at once."""
    size = max(len(jpeg(number)) for number in (1, 2))
    for number in (1, 2):
        (inbox / "a.jpg").write_bytes(jpeg(number).ljust(size, b"\0"))
        os.utime(inbox / "a.jpg", ns=(10**18, 10**18))
        if number == 1:
            swept(intake)
    assert len(store.camp.photos) == 1
    for _ in range(3):
        moved(intake)
    assert len(store.camp.photos) == 2
    assert files(folder) == {"a.jpg": jpeg(2).ljust(size, b"\0")}


def test_what_was_kept_before_a_restart_is_moved_after_it(intake, inbox, store, classifier, folder):
    store.happen(PersonOpened(1, "17"), PersonCalled(1))
    (inbox / "a.jpg").write_bytes(jpeg(1))
    swept(intake)
    again = opened(inbox, store, classifier, folder)
    again.sweep()
    assert (files(inbox), files(folder)) == ({}, {"a.jpg": jpeg(1)})


def elsewhere(monkeypatch):
    """Let the archive be on another disk: what is in the inbox can't be renamed into it."""
    rename = Path.rename

    def refuse(path, target):
        if path.parent.name == "inbox" != target.parent.name:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)


def test_to_another_disk_it_is_copied_read_again_and_then_removed(
    intake, inbox, folder, monkeypatch
):
    elsewhere(monkeypatch)
    (inbox / "a.jpg").write_bytes(jpeg(1))
    stamp = stamp_of(inbox / "a.jpg")
    moved(intake)
    assert (files(inbox), files(folder)) == ({}, {"a.jpg": jpeg(1)})
    assert stamp_of(folder / "a.jpg") == stamp


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_is_said_and_the_file_stays_until_there_is_room(
    intake, inbox, store, folder, monkeypatch, number
):
    elsewhere(monkeypatch)
    (inbox / "a.jpg").write_bytes(jpeg(1))

    def refuse(read, written):
        written.write(b"half")
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", refuse)
        moved(intake)
    assert (files(inbox), files(folder)) == ({"a.jpg": jpeg(1)}, {})
    assert said(intake._archive.trouble) == (
        f"a.jpg: can't be moved to {folder} ({os.strerror(number).lower()}); it stays in the inbox "
        "and is tried again"
    )
    (inbox / "b.jpg").write_bytes(jpeg(2))
    moved(intake)  # others come in and go, and this one is tried again
    assert set(files(folder)) == {"b.jpg"}
    intake.arrivals.clock.wait(30)
    intake.sweep()
    assert (files(inbox), set(files(folder))) == ({}, {"a.jpg", "b.jpg"})
    assert intake._archive.trouble is None
    assert len(store.camp.photos) == 2


def test_of_an_inbox_that_is_write_protected_it_is_said_that_the_archive_has_the_file(
    intake, inbox, folder, monkeypatch
):
    elsewhere(monkeypatch)
    (inbox / "a.jpg").write_bytes(jpeg(1))
    unlink = Path.unlink

    def refuse(path, missing_ok=False):
        if path.parent == inbox:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        moved(intake)
    assert (files(inbox), files(folder)) == ({"a.jpg": jpeg(1)}, {"a.jpg": jpeg(1)})
    assert said(intake._archive.trouble) == (
        f"a.jpg: is in the archive {folder}, but can't be removed from the inbox (read-only file "
        "system); it is tried again"
    )
    intake.arrivals.clock.wait(30)
    intake.sweep()
    assert (files(inbox), files(folder)) == ({}, {"a.jpg": jpeg(1)})
    assert intake._archive.trouble is None


def test_a_copy_that_is_not_what_was_copied_removes_nothing(intake, inbox, folder, monkeypatch):
    elsewhere(monkeypatch)
    (inbox / "a.jpg").write_bytes(jpeg(1))
    monkeypatch.setattr(
        shutil, "copyfileobj", lambda read, written: written.write(read.read()[:-1] + b"x")
    )
    moved(intake)
    assert (files(inbox), files(folder)) == ({"a.jpg": jpeg(1)}, {})
    assert "the copy isn't what was copied" in said(intake._archive.trouble)


def test_in_a_station_at_work_it_is_said_on_the_page(
    inbox, store, classifier, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "REST", 0.1)
    (tmp_path / "archive").write_bytes(b"")  # in its way
    intake = Intake(inbox, store, classifier, Archive(inbox, tmp_path / "archive", store))
    (inbox / "a.jpg").write_bytes(jpeg(1))
    with at_work(intake):
        wait_until(lambda: intake.trouble)
        assert said(intake.trouble).startswith("a.jpg: can't be moved to")
    assert set(files(inbox)) == {"a.jpg"}


#: What a move asks of the system, besides renaming.
STEPS = (
    (os, "open"), (os, "fsync"), (os, "utime"), (Path, "unlink"), (Path, "replace"),
    (Path, "touch"), (shutil, "copyfileobj"),
)  # fmt: skip


def killed_at(call, inbox, folder, *, is_elsewhere):
    """Move in a process of its own that dies, without a word, before the nth call to the system.

    Returns:
        Whether it came so far.
    """
    child = os.fork()
    if child == 0:  # no exception may lead out of here
        calls = iter(range(1000))

        def dying(done):
            def die_or_do(*arguments, **options):
                if next(calls) == call:
                    os._exit(9)
                return done(*arguments, **options)

            return die_or_do

        if not is_elsewhere:
            Path.rename = dying(Path.rename)
        for owner, name in STEPS:
            setattr(owner, name, dying(getattr(owner, name)))
        stamp = stamp_of(inbox / "a.jpg")
        try:
            move(inbox, folder, Path("a.jpg"), stamp=stamp, sha256=SHA256)
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_killed_at_any_step_it_is_whole_somewhere_and_moved_once_in_the_end(
    tmp_path, monkeypatch, is_elsewhere
):
    if is_elsewhere:
        elsewhere(monkeypatch)
    for call in range(1000):
        inbox, folder = tmp_path / str(call) / "inbox", tmp_path / str(call) / "archive"
        inbox.mkdir(parents=True)
        (inbox / "a.jpg").write_bytes(PHOTO)
        stamp = stamp_of(inbox / "a.jpg")
        was_killed = killed_at(call, inbox, folder, is_elsewhere=is_elsewhere)
        left = [*files(inbox).values(), *(files(folder) if folder.exists() else {}).values()]
        assert PHOTO in left
        move(inbox, folder, Path("a.jpg"), stamp=stamp, sha256=SHA256)
        assert files(inbox) == {}
        assert files(folder) == {"a.jpg": PHOTO}
        if not was_killed:
            break
    assert call > (3 if not is_elsewhere else 7)
