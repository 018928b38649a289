"""A disk that takes nothing more: nothing half is kept, and what comes after it comes in."""

import contextlib
import errno
import os
import re
import resource
import subprocess
from pathlib import Path

import pytest

from edge_runtime.photo.find import Stamp
from edge_runtime.station.camp_form import FORM
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonCalled
from edge_runtime.system import files
from tests.edge_runtime.results.records import ungradable
from tests.edge_runtime.station.camps import added


@pytest.fixture
def store(tmp_path):
    with contextlib.closing(CampStore(tmp_path)) as opened:
        added(opened, "first.jpg")
        yield opened


def pictures(store):
    return sorted(each.name for each in (store.folder / "pictures").iterdir())


def check_as_before(store):
    """See that the first photograph alone is there, in memory and in the file."""
    assert store.camp.photos.keys() == store.camp.told.keys() == {1}
    assert store.rows(tuple[int], "SELECT number FROM photos") == [(1,)]
    assert store.rows(tuple[int], "SELECT max(number) FROM history") == [(2,)]
    assert store.rows(tuple[int], "SELECT count(*) FROM files") == [(1,)]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
@pytest.mark.parametrize("nth", [0, 1, 2])
def test_a_picture_that_cannot_be_written_leaves_nothing_half(
    store, monkeypatch, number, call, nth
):
    owner = {"open": Path, "fsync": files.os, "replace": Path}[call]
    done, calls = getattr(owner, call), iter(range(100))

    def refuse(*arguments, **options):
        if next(calls) == nth:
            raise OSError(number, os.strerror(number))
        return done(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(owner, call, refuse)
        with pytest.raises(OSError, match=re.escape(os.strerror(number))):
            added(store, "second.jpg", pictures=("photo", "small", "overlay"))
    check_as_before(store)
    assert added(store, "second.jpg") == 2
    assert pictures(store) == ["000001-photo.jpg", "000002-photo.jpg"]


def test_a_row_for_which_there_is_no_room_leaves_no_picture_to_the_next_photograph(store):
    """Else the next one, which has no overlay, would be shown with that of another person."""
    ((count,),) = store._ask("PRAGMA page_count")
    store._open.execute(f"PRAGMA max_page_count = {count}")
    record = ungradable("x" * 100_000)
    with pytest.raises(OSError, match="No space left on device"):
        added(store, "second.jpg", record=record, pictures=("photo", "overlay"))
    check_as_before(store)
    with pytest.raises(OSError, match="No space left on device"):
        store.see(Path("y" * 100_000), Stamp(1, 2), photo=None, fault=None)
    store._open.execute("PRAGMA max_page_count = 1000000")
    assert added(store, "third.jpg") == 2
    assert pictures(store) == ["000001-photo.jpg", "000002-photo.jpg"]
    assert store.picture(2, "photo").read_bytes() == b"photo 2 third.jpg"


def test_pictures_that_a_kill_left_are_not_those_of_the_next_photograph(tmp_path):
    with contextlib.closing(CampStore(tmp_path)) as store:
        added(store, "first.jpg", pictures=("photo", "overlay"))
    for name in ("000002-overlay.jpg", ".000002-small.jpg.partial"):
        (tmp_path / "pictures" / name).write_bytes(b"of another person")
    with contextlib.closing(CampStore(tmp_path)) as store:
        added(store, "second.jpg")
        assert pictures(store) == ["000001-overlay.jpg", "000001-photo.jpg", "000002-photo.jpg"]


def test_under_a_limit_of_the_system_whatever_fails_is_kept_wholly_or_not_at_all(tmp_path):
    """A limit on the size of files stands for the disk: the same calls fail in the same way."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept, refused = [], 0
    with contextlib.closing(CampStore(tmp_path / "data")) as store:
        log = tmp_path / "data" / f"{FORM.file}-wal"
        for number in range(60):
            if number % 3:  # there is room for a part of what comes to the log, or for none of it
                room = log.stat().st_size + number * 700
                resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
            try:
                record = ungradable("x" * (number * 150))
                added(store, f"{number}.jpg", record=record, pictures=("photo", "small"))
                store.happen(PersonCalled(1))
            except OSError:
                refused += 1
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            kept = sorted(store.camp.photos)
            assert kept == [
                each
                for (each,) in store.rows(tuple[int], "SELECT number FROM photos ORDER BY number")
            ]
        camp = store.camp
    assert refused >= 5  # else nothing was tested
    assert len(kept) >= 5
    with contextlib.closing(CampStore(tmp_path / "data")) as store:
        assert store.camp == camp
        assert added(store, "last.jpg") == len(kept) + 1
        wanted = {store.picture(number, "photo").name for number in store.camp.photos}
        assert wanted <= set(pictures(store))


def fill(store):
    for number in range(200):
        added(store, f"{number}.jpg", record=ungradable("x" * 2000))


def test_a_camp_on_a_disk_that_is_really_full_goes_on_when_there_is_room(tmp_path):
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=600k", "none", tmp_path],
        check=False, capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        with contextlib.closing(CampStore(tmp_path)) as store:
            (tmp_path / "ballast").write_bytes(bytes(300_000))
            with pytest.raises(OSError, match=r"No space left on device|Input/output error"):
                fill(store)
            photos = len(store.camp.photos)
            (tmp_path / "ballast").unlink()
            assert added(store, "after.jpg") == photos + 1
            camp = store.camp
        with contextlib.closing(CampStore(tmp_path)) as store:
            assert store.camp == camp
    finally:
        subprocess.run(["/bin/umount", "-l", tmp_path], check=True)
