"""The record of a camp: what comes in is there when it is opened again, all of it or nothing."""

import contextlib
import os
import re
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edge_runtime.errors import OutputExistsError, StoreInvalidError
from edge_runtime.photo.find import Stamp
from edge_runtime.results.sqlite_form import Form
from edge_runtime.station import camp_store
from edge_runtime.station.camp_form import FORM
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import (
    EyeTold,
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
    Undone,
)
from edge_runtime.system.codec import to_line
from tests.conftest import ROOT
from tests.edge_runtime.results.records import graded, ungradable
from tests.edge_runtime.station.camps import WHEN, added, content, made

STRANGE = os.fsdecode(b"Mu\xf1oz'; DROP TABLE photos; --\n<b>_OD.jpg")


def busy(store):
    """Let much happen at a camp."""
    for path, score in (("1_OD.jpg", 0.9), ("1_OS.jpg", 0.1), (STRANGE, 0.3)):
        added(store, path, score)
    added(store, "4.jpg", person=1, record=ungradable("4.jpg"))
    store.happen(
        PersonDescribed(1, "17", "Ñandú \udcf1 <b>", 1950), PersonCalled(1), EyeTold(4, "left"),
        RetakeAsked(1, "blurred"), ResultAccepted(2), ResultOverridden(3, "refer", "a scar"),
        PeopleMerged(2, 1, "one person"), Undone(11),
    )  # fmt: skip
    store.see(STRANGE_COPY, Stamp(10, 30), photo=3, fault=None)
    store.see(BROKEN, Stamp(5, 40), photo=None, fault="broken.jpg: the JPEG file is truncated")


STRANGE_COPY, BROKEN = Path(STRANGE.replace("OD", "OD copy")), Path("b.jpg")


def test_a_camp_that_is_opened_again_is_what_it_was(tmp_path):
    with contextlib.closing(CampStore(tmp_path)) as store:
        busy(store)
        camp, seen = store.camp, store.seen()
        records = [store.record_of(number) for number in range(1, 5)]
    with contextlib.closing(CampStore(tmp_path)) as store:
        assert store.camp == camp
        assert store.camp.undone() == {11}
        assert store.seen() == seen
        assert [store.record_of(number) for number in range(1, 5)] == records
        assert records[0] == graded("1_OD.jpg", 0.9)
        assert records[3] == ungradable("4.jpg")
        assert added(store, "5.jpg") == 5
        assert store.camp.newest == 4


def test_files_that_were_seen_are_listed_the_last_first_with_what_they_were_taken_for(store):
    busy(store)
    first, second, *_ = seen = store.seen()
    assert len(seen) == 6
    assert (first.path, first.photo, first.is_copy) == (BROKEN, None, False)
    assert first.fault == "broken.jpg: the JPEG file is truncated"
    assert (second.path, second.stamp, second.photo) == (STRANGE_COPY, Stamp(10, 30), 3)
    assert [each.is_copy for each in seen] == [False, True, False, False, False, False]


def test_a_photograph_is_found_by_its_content_and_no_content_comes_in_twice(store):
    number = added(store)
    assert store.photo_of(content("1_OD.jpg", 0.1)) == number
    assert store.photo_of("other") is None
    before = store.camp.photos.copy()
    with pytest.raises(StoreInvalidError, match="UNIQUE"):
        added(store)
    assert store.camp.photos == before
    assert [each.number for each in store.camp.history] == [1, 2]


def test_the_same_file_seen_twice_is_kept_once(store):
    for _ in range(2):
        store.see(BROKEN, Stamp(5, 40), photo=None, fault="broken")
    assert len(store.seen()) == 1


def test_the_pictures_are_on_the_disk_before_the_row_is(store, monkeypatch):
    insert, found = CampStore._insert_file, []

    def look(self, ask, path, stamp, photo, fault):
        found.extend(self.picture(photo, name).read_bytes() for name in ("photo", "small"))
        insert(self, ask, path, stamp, photo, fault)

    monkeypatch.setattr(CampStore, "_insert_file", look)
    added(store, pictures=("photo", "small"))
    assert found == [b"photo 1 1_OD.jpg", b"small 1 1_OD.jpg"]


def test_only_its_owner_can_read_a_camp_even_in_a_folder_that_was_there(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    with contextlib.closing(CampStore(folder)) as store:
        added(store)
        for path in (folder, *folder.rglob("*")):
            expected = 0o700 if path.is_dir() else 0o600
            assert stat.S_IMODE(path.stat().st_mode) == expected, path


def test_nothing_happens_to_a_photograph_that_is_not_there(store):
    added(store)
    with pytest.raises(LookupError, match="there is no photograph 2"):
        store.happen(ResultAccepted(1), RetakeAsked(2))
    assert store.camp.told[1].decision is None
    assert len(store.camp.history) == 2


def test_whoever_watches_is_told_after_each_change_in_whichever_thread(store):
    told = []
    store.watch(lambda: told.append(len(store.camp.history)))
    added(store)
    store.happen(PersonCalled(1))
    store.see(BROKEN, Stamp(5, 40), photo=None, fault="broken")
    assert told == [2, 3, 3]


def test_a_second_station_on_the_same_folder_is_one_sentence(store, tmp_path):
    with pytest.raises(OutputExistsError, match="data: another station has it open; use"):
        CampStore(tmp_path / "data")
    code = (
        "import sys; from pathlib import Path\n"
        "from edge_runtime.errors import FundusError\n"
        "from edge_runtime.station.camp_store import CampStore\n"
        "try: CampStore(Path(sys.argv[1]))\n"
        "except FundusError as error: print(error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "data"],
        cwd=ROOT, text=True, capture_output=True, check=True,
    )  # fmt: skip
    assert (ran.stdout.count("\n"), ran.stderr) == (1, "")
    assert str(tmp_path / "data") in ran.stdout
    added(store)


def pages(file):
    """Overwrite the inside of a database, its first page aside."""
    data = bytearray(file.read_bytes())
    assert len(data) > 3 * 4096
    data[4096:-4096] = b"\xa5" * (len(data) - 2 * 4096)
    file.write_bytes(data)


def head(file):
    file.write_bytes(b"no database here" + file.read_bytes()[16:])


def half(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def sql(statement):
    def change(file):
        with contextlib.closing(sqlite3.connect(file)) as other, other:
            other.execute(statement)

    return change


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (pages, "damaged|malformed"),
        (half, "damaged|malformed"),
        (head, "not a database"),
        (sql("UPDATE photos SET short = '{'"), "a row isn't a photograph"),
        (sql("UPDATE photos SET short = x'00'"), "a row isn't as it was written"),
        (sql("""UPDATE history SET event = '{"kind": "sold"}'"""), "a row isn't an event"),
        (sql("DELETE FROM photos WHERE number = 1"), "isn't in it any more: somebody deleted it"),
        (sql("PRAGMA application_id = 5"), "it is no store of a camp"),
        (sql("PRAGMA user_version = 99"), "it is of form 99, not 2"),
    ],
)
def test_a_store_that_is_damaged_or_foreign_is_one_sentence_and_stays_as_it_is(
    tmp_path, change, cause
):
    with contextlib.closing(CampStore(tmp_path)) as store:
        busy(store)
    change(tmp_path / FORM.file)
    before = (tmp_path / FORM.file).read_bytes()
    for _ in range(2):  # and whoever fails leaves no lock behind
        with pytest.raises(StoreInvalidError, match=cause) as caught:
            CampStore(tmp_path)
        assert "\n" not in str(caught.value)
    assert (tmp_path / FORM.file).read_bytes() == before


def test_a_record_that_is_no_text_is_a_sentence_that_doesnt_quote_it(store):
    added(store)
    with store.at_once() as ask:
        ask("UPDATE photos SET record = cast(x'736563726574ff' AS TEXT)")  # "secret", no UTF-8
    with pytest.raises(StoreInvalidError, match="a row isn't as it was written") as caught:
        store.record_of(1)
    assert "secret" not in str(caught.value)


def of_form(version, upgrades):
    """Make up a form of a camp's store that has a column more than the first one."""
    tables = [each.replace("at TEXT NOT NULL,", "at TEXT NOT NULL, who TEXT NOT NULL DEFAULT '',")
              for each in FORM.tables]  # fmt: skip
    return Form(FORM.file, FORM.kind, FORM.application, version, tuple(tables), upgrades)


def test_an_older_form_becomes_the_newer_one_with_all_that_is_in_it_or_stays(tmp_path, monkeypatch):
    with contextlib.closing(CampStore(tmp_path)) as store:
        busy(store)
        camp = store.camp
    first = "ALTER TABLE history ADD COLUMN who TEXT NOT NULL DEFAULT ''"
    insert = "INSERT INTO history (number, at, event) SELECT 99, at, event FROM history LIMIT 1"
    with monkeypatch.context() as patch:
        patch.setattr(camp_store, "FORM", of_form(3, {2: (first, "no SQL at all")}))
        with pytest.raises(StoreInvalidError, match="syntax"):
            CampStore(tmp_path)
    with contextlib.closing(CampStore(tmp_path)) as store:
        assert store.camp == camp
    with monkeypatch.context() as patch:
        patch.setattr(camp_store, "FORM", of_form(4, {2: (first,), 3: (insert,)}))
        with contextlib.closing(CampStore(tmp_path)) as store:
            assert store.camp.photos == camp.photos
            assert [each.number for each in store.camp.history][-1] == 99
            assert store.rows(tuple[str], "SELECT DISTINCT who FROM history") == [("",)]
    with pytest.raises(StoreInvalidError, match="it is of form 4, not 2"):
        CampStore(tmp_path)


def test_a_camp_of_the_first_form_opens_with_its_history(tmp_path):
    by = re.compile(r",( *-- JSON, see edge_runtime/station/events.py\n) *by TEXT.*\n")
    tables = [by.sub(r"\1", each) for each in FORM.tables]
    assert tables != [*FORM.tables]
    with contextlib.closing(sqlite3.connect(tmp_path / FORM.file)) as old, old:
        for statement in Form(FORM.file, FORM.kind, FORM.application, 1, tuple(tables)).statements:
            old.execute(statement)
        row = 1, WHEN.isoformat(), to_line(PersonOpened(1, "17"))
        old.execute("INSERT INTO history VALUES (?, ?, ?)", row)
    with contextlib.closing(CampStore(tmp_path)) as store:
        store.happen(PersonCalled(1), by="Asha")
    with contextlib.closing(CampStore(tmp_path)) as store:
        assert [(each.event, each.by) for each in store.camp.history] == [
            (PersonOpened(1, "17"), ""), (PersonCalled(1), "Asha"),
        ]  # fmt: skip


def test_a_folder_with_other_things_stays_open_and_what_is_kept_in_it_is_private(tmp_path):
    (tmp_path / "inbox").mkdir()
    tmp_path.chmod(0o755)
    for _ in range(2):
        CampStore(tmp_path).close()
        assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "camp.sqlite").stat().st_mode & 0o077 == 0
    assert (tmp_path / "pictures").stat().st_mode & 0o077 == 0


def test_pages_are_read_while_a_photographs_pictures_are_made(store):
    got = []

    def read():
        if store.lock.acquire(timeout=5):
            got.append(len(store.camp.photos))
            store.lock.release()

    def make(number):
        reader = threading.Thread(target=read)
        reader.start()
        reader.join()
        return made(number)

    store.add(make, sha256="1", path=Path("1_OD.jpg"), stamp=Stamp(1, 2), events=lambda _: [])
    assert got == [0]
