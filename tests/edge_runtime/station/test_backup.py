"""A backup made while a camp goes on is a whole camp, and nothing else is restored."""

import contextlib
import hashlib
import os
import sqlite3
import stat
import threading
import zipfile
from pathlib import Path

import pytest

from edge_runtime.errors import OutputExistsError, StoreInvalidError
from edge_runtime.results.texts import texts
from edge_runtime.station import backup
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonCalled, PersonOpened
from edge_runtime.station.parcel import SUMS, Entry, zipped
from edge_runtime.station.parcel_reader import ParcelInvalidError, check_parcel
from edge_runtime.station.web.frame import TEXTS
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.taking_in import wait_until

PICTURES = ("photo", "overlay", "small")


def made(store, file):
    with file.open("wb") as target:
        target.writelines(zipped(backup.backup_entries(store, texts("en", TEXTS))))
    return file


def camp_of(folder):
    with contextlib.closing(CampStore(folder)) as store:
        return store.camp, {name: store.seen() for name in ("seen",)}


def pictures(folder):
    return {each.name: each.read_bytes() for each in (folder / "pictures").iterdir()}


@pytest.fixture
def file(store, tmp_path):
    for number in range(3):
        added(store, f"{number}_OD.jpg", 0.5, pictures=PICTURES)
    store.happen(PersonOpened(4, "K"), PersonCalled(4))
    return made(store, tmp_path / "camp.zip")


def test_what_is_restored_equals_what_was_there(store, file, tmp_path):
    assert backup.restore(file, tmp_path / "new") == (4, 3)
    camp, seen = store.camp, {"seen": store.seen()}
    assert camp_of(tmp_path / "new") == (camp, seen)
    assert pictures(tmp_path / "new") == pictures(store.folder)
    assert {each.name for each in (tmp_path / "new").iterdir()} == {"camp.sqlite", "pictures"}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_folder_that_is_there_and_empty_takes_a_camp(file, tmp_path):
    (tmp_path / "empty").mkdir()
    assert backup.restore(file, tmp_path / "empty") == (4, 3)


@pytest.mark.parametrize("what", ["full", "file", "link"])
def test_nothing_is_restored_over_anything(file, tmp_path, what):
    target = tmp_path / "new"
    if what == "full":
        target.mkdir()
        (target / "x").touch()
    elif what == "file":
        target.touch()
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputExistsError, match="name a folder that is empty or isn't there"):
        backup.restore(file, target)
    assert not (tmp_path / "nowhere").exists()


def test_a_backup_made_while_photographs_come_in_is_a_camp_of_some_moment(store, tmp_path):
    stop = threading.Event()

    def come_in():
        number = 0
        while not stop.is_set():
            number += 1
            added(store, f"{number}_OD.jpg", 0.5, pictures=PICTURES)

    coming = threading.Thread(target=come_in)
    coming.start()
    try:
        files = []
        for each in range(5):
            wait_until(lambda least=3 * each + 1: len(store.camp.photos) >= least)
            files.append(made(store, tmp_path / f"{each}.zip"))
    finally:
        stop.set()
        coming.join()
    counts = []
    for each in files:
        folder = tmp_path / each.stem
        counts.append(backup.restore(each, folder)[1])
        camp, _ = camp_of(folder)
        there = pictures(folder)
        assert len(there) == 3 * len(camp.photos)
        assert all(store.camp.photos[number] == photo for number, photo in camp.photos.items())
        assert camp.history == store.camp.history[: len(camp.history)]
        assert all((store.folder / "pictures" / name).read_bytes() == content
                   for name, content in there.items())  # fmt: skip
    assert counts == sorted(counts)
    assert counts[0] >= 1
    assert counts[-1] > 12  # else nothing came in meanwhile


def test_the_key_and_what_else_lies_in_the_folder_isnt_in_it(store, file, tmp_path):
    for name in ("station.key", "station.password", "notes.txt"):
        (store.folder / name).write_text("secret")
    (store.folder / "pictures" / "000999-photo.jpg").write_bytes(b"a stray")
    names = check_parcel(made(store, tmp_path / "second.zip"), backup.NAMES)
    assert {name for name in names if "/" not in name} == {"README.txt", "camp.sqlite", SUMS}
    assert "pictures/000999-photo.jpg" not in names
    assert b"secret" not in (tmp_path / "second.zip").read_bytes()


def test_two_at_once_are_refused_and_a_killed_one_is_cleared(store, tmp_path):
    first = zipped(backup.backup_entries(store, texts("en", TEXTS)))
    next(first)
    with pytest.raises(BlockingIOError):
        next(zipped(backup.backup_entries(store, texts("en", TEXTS))))
    first.close()
    left = store.folder / ".backup.partial"
    assert not left.exists()
    left.mkdir()
    (left / "camp.sqlite").write_bytes(b"left by a kill")
    made(store, tmp_path / "x.zip")
    assert not left.exists()


def changed(file, name, content):
    """Write an archive anew with one file of another content; its list of hashes stays."""
    target = file.with_name("changed.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            kept = old.read(entry)
            new.writestr(entry, content(kept) if entry.filename == name else kept)
    return target


def of_entries(file, *entries, mode=0o100600, way=zipfile.ZIP_STORED):
    """Write an archive whose list is right, whatever is in it."""
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in entries)
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in (*entries, (SUMS, sums.encode())):
            entry = zipfile.ZipInfo(name)
            entry.external_attr, entry.compress_type = mode << 16, way
            archive.writestr(entry, data)
    return file


def check_refused(file, folder, match):
    with pytest.raises(ParcelInvalidError, match=match) as caught:
        backup.restore(file, folder)
    assert "try another copy" in str(caught.value)
    assert not os.path.lexists(folder)
    assert [each.name for each in folder.parent.glob(".*")] == []


def test_a_file_that_was_changed_is_refused(file, tmp_path):
    bad = changed(file, "pictures/000002-photo.jpg", lambda data: data[:-1] + b"!")
    check_refused(bad, tmp_path / "new", "'pictures/000002-photo.jpg' isn't what was put there")


def test_a_byte_that_a_stick_lost_is_found(file, tmp_path):
    data = bytearray(file.read_bytes())
    data[data.index(b"photo 2")] ^= 1
    file.write_bytes(data)
    check_refused(file, tmp_path / "new", "no whole ZIP file|isn't what was put there")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_backup_that_breaks_off_is_refused(file, tmp_path, share):
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    check_refused(file, tmp_path / "new", "no whole ZIP file")


@pytest.mark.parametrize(
    "name",
    ["../outside", "/outside", "pictures/../../outside", "pictures/x/000001-photo.jpg",
     "camp.sqlite-wal", "station.key", "pictures\\000001-photo.jpg", ".hidden"],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(file, tmp_path, name):
    bad = of_entries(tmp_path / "bad.zip", ("camp.sqlite", b""), (name, b"x"))
    check_refused(bad, tmp_path / "new", "is no file that a station puts there")
    assert not (tmp_path / "outside").exists()
    assert not Path("/outside").exists()


def test_links_and_what_was_packed_smaller_are_refused(tmp_path):
    entries = [("camp.sqlite", b"/etc/passwd")]
    link = of_entries(tmp_path / "link.zip", *entries, mode=0o120777)
    check_refused(link, tmp_path / "new", "isn't a file as a station stores it")
    bomb = of_entries(
        tmp_path / "bomb.zip", ("camp.sqlite", bytes(10**6)), way=zipfile.ZIP_DEFLATED
    )
    check_refused(bomb, tmp_path / "new", "isn't a file as a station stores it")


def test_an_archive_of_something_else_is_refused(tmp_path):
    check_refused(of_entries(tmp_path / "a.zip", ("README.txt", b"")), tmp_path / "new",
                  r"it has no camp\.sqlite")  # fmt: skip
    check_refused(of_entries(tmp_path / "b.zip", ("camp.sqlite", b"no database")),
                  tmp_path / "new", r"camp\.sqlite in it: ")  # fmt: skip
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("camp.sqlite", b"")
    check_refused(tmp_path / "c.zip", tmp_path / "new", f"no list of hashes, {SUMS}")


def test_a_store_that_is_damaged_inside_is_refused_though_its_hash_is_right(store, file, tmp_path):
    backup.restore(file, tmp_path / "good")
    data = bytearray((tmp_path / "good" / "camp.sqlite").read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 : page * 4096 + 8] = b"\xff" * 8
    bad = of_entries(tmp_path / "bad.zip", ("camp.sqlite", bytes(data)))
    check_refused(bad, tmp_path / "new", r"camp\.sqlite in it: ")


@pytest.mark.parametrize(
    ("statement", "match"),
    [
        (
            "CREATE TRIGGER t AFTER INSERT ON history BEGIN DELETE FROM history; END",
            "its trigger t",
        ),
        ("CREATE VIEW v AS SELECT * FROM files", "its view v isn't as a station makes it"),
        ("CREATE TABLE more (x)", "its table more isn't"),
        ("CREATE INDEX more ON history (at)", "its index more isn't"),
        ("ALTER TABLE history ADD COLUMN x GENERATED ALWAYS AS (number)", "its table history"),
        ("DROP TABLE files", "its index files_by_photo isn't"),
        ("UPDATE history SET number = 9223372036854775807 WHERE number = 1", "a number in history"),
        ("UPDATE photos SET number = 1000000000 WHERE number = 3", "a number in photos"),
        ("UPDATE files SET number = -1 WHERE number = 3", "a number in files"),
        (
            "UPDATE photos SET short = json_set(short, '$.number', 2)",
            "two photo",
        ),
        (
            "UPDATE photos SET short = json_set(short, '$.number', 1000000000)",
            "a number of a photo",
        ),
        (
            "UPDATE history SET event = json_set(event, '$.person', 1000000000)",
            "a number of a photo",
        ),
    ],
)
def test_a_store_that_a_station_cant_have_made_is_refused(file, tmp_path, statement, match):
    backup.restore(file, tmp_path / "good")
    with contextlib.closing(sqlite3.connect(tmp_path / "good" / "camp.sqlite")) as opened:
        opened.execute(statement)
        opened.commit()
        opened.execute("PRAGMA journal_mode = DELETE")
    data = (tmp_path / "good" / "camp.sqlite").read_bytes()
    bad = of_entries(tmp_path / "bad.zip", ("camp.sqlite", data))
    check_refused(bad, tmp_path / "new", rf"camp\.sqlite in it: {match}")
    with pytest.raises(StoreInvalidError, match=match):
        CampStore(tmp_path / "good")


def test_files_that_lie_in_each_other_are_refused(tmp_path):
    bad = of_entries(tmp_path / "bad.zip", ("camp.sqlite", b"x" * 9000))
    with zipfile.ZipFile(bad, "a") as archive:
        whole = archive.getinfo("camp.sqlite")
        for number in range(3):
            again = zipfile.ZipInfo(f"pictures/00000{number}-photo.jpg")
            again.header_offset, again.CRC = whole.header_offset, whole.CRC
            again.file_size = again.compress_size = whole.file_size
            archive.filelist.append(again)
            archive.NameToInfo[again.filename] = again
        archive._didModify = True
    check_refused(bad, tmp_path / "new", "its files are larger than itself")


def test_a_full_disk_leaves_no_folder(file, tmp_path, monkeypatch):
    from edge_runtime.system import files

    calls = iter(range(100))
    real = files.partial_of

    def refuse(path):
        if next(calls) == 4:
            raise OSError(28, "No space left on device")
        return real(path)

    monkeypatch.setattr(files, "partial_of", refuse)
    with pytest.raises(OSError, match="no space left on device"):
        backup.restore(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / ".new.partial").exists()


def test_a_board_without_a_clock_writes_a_backup_too(store, tmp_path, monkeypatch):
    from edge_runtime.station import parcel

    monkeypatch.setattr(parcel.time, "localtime", lambda: (1970, 1, 1, 0, 0, 0))
    assert check_parcel(made(store, tmp_path / "old.zip"), backup.NAMES)


def test_memory_holds_a_piece_and_not_the_whole(tmp_path):
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(50_000_000)
    sizes = [len(piece) for piece in zipped([Entry("a", large), Entry("b", b"x")])]
    assert sum(sizes) > 50_000_000
    assert max(sizes) < 2_000_000


def test_the_copy_of_a_store_is_whole_by_itself(store, tmp_path):
    added(store)
    store.copy_to(tmp_path / "copy.sqlite")
    with contextlib.closing(sqlite3.connect(tmp_path / "copy.sqlite")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT count(*) FROM photos").fetchall() == [(1,)]
    assert not (tmp_path / "copy.sqlite-wal").exists()
