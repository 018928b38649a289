"""The store keeps each photo wholly or not at all, whatever happens to the process."""

import contextlib
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time

import numpy as np
import pytest

from edge_runtime.errors import OutputExistsError, StoreInvalidError
from edge_runtime.photo.find import STORE
from edge_runtime.predict.record import (
    ErrorRecord,
    UngradableRecord,
)
from edge_runtime.results.store import Store
from edge_runtime.results.store_form import Picture
from tests.conftest import ROOT
from tests.edge_runtime.results.records import REST, forget

SHA256 = "2" * 64
KILLS = 100


def record(path, reason="too dark"):
    return UngradableRecord(path, reason, *REST)


def paths_in(store):
    return {outcome.path for outcome in store.outcomes()}


@pytest.fixture
def store(tmp_path):
    with contextlib.closing(Store(tmp_path)) as opened:
        yield opened


def test_what_was_added_is_there_after_it_is_opened_anew(tmp_path):
    pictures = (Picture("", None, b"\xff\xd8 small"), Picture("glaucoma", "overlays/1.png", b"x"))
    broken = ErrorRecord(os.fsdecode(b"latin-\xe9.jpg"), "no photo", *REST)
    with contextlib.closing(Store(tmp_path)) as store:
        store.note("choice", "top")
        store.add(record("a.jpg"), pictures, sha256=SHA256)
        store.add(broken, (), sha256=None)
    with contextlib.closing(Store(tmp_path)) as store:
        assert store.noted("choice") == "top"
        assert store.noted("other") is None
        assert [*store.records()] == [(1, record("a.jpg")), (2, broken)]
        assert store.pictures(1) == pictures
        assert store.pictures(2) == ()
        assert paths_in(store) == {"a.jpg", broken.path}
        assert [*store.outcomes()] == [
            ("a.jpg", "ungradable", "too dark", None, None),
            (broken.path, "error", None, None, None),
        ]
        assert store.overlays() == [(1, "overlays/1.png")]
        assert store.next_number() == 3


def test_a_photo_that_fails_midway_leaves_nothing(store):
    twice = (Picture("", None, b"1"), Picture("", None, b"2"))
    with pytest.raises(StoreInvalidError):
        store.add(record("a.jpg"), twice, sha256=SHA256)
    assert paths_in(store) == set()
    store.add(record("a.jpg"), twice[:1], sha256=SHA256)
    assert paths_in(store) == {"a.jpg"}


def test_no_photo_is_kept_twice(store):
    store.add(record("a.jpg"), (), sha256=SHA256)
    with pytest.raises(StoreInvalidError, match="UNIQUE"):
        store.add(record("a.jpg"), (), sha256=SHA256)
    assert len([*store.records()]) == 1


def test_a_record_takes_the_place_of_another_and_its_pictures_or_all_stays(store):
    for name in ("a.jpg", "b.jpg"):
        store.add(record(name), [Picture("x", f"{name}.png", b"1")], sha256=SHA256)
    before = store.state()
    with pytest.raises(StoreInvalidError):
        store.add(record("b.jpg"), [Picture("x", "new.png", b"1")] * 2, sha256=None, replaces=2)
    assert (paths_in(store), store.state()) == ({"a.jpg", "b.jpg"}, before)
    assert store.overlays() == [(1, "a.jpg.png"), (2, "b.jpg.png")]
    store.add(record("b.jpg"), [Picture("x", "new.png", b"1")], sha256=None, replaces=2)
    assert paths_in(store) == {"a.jpg", "b.jpg"}
    assert store.overlays() == [(1, "a.jpg.png"), (3, "new.png")]  # no number comes twice
    assert store.state() != before


def test_a_second_process_is_kept_out_until_the_first_is_done(tmp_path):
    with contextlib.closing(Store(tmp_path)), pytest.raises(OutputExistsError, match="wait for it"):
        Store(tmp_path)
    Store(tmp_path).close()


#: Comes with others at one moment, and says whether it was let in.
COMER = """
import sys, time
from pathlib import Path
from edge_runtime.errors import OutputExistsError
from edge_runtime.results.store import Store
print("ready", flush=True)
sys.stdin.readline()
try:
    store = Store(Path(sys.argv[1]))
    print("in", flush=True)
    sys.stdin.readline()
except OutputExistsError as error:
    print(error, flush=True)
"""


def test_of_those_that_come_at_one_moment_one_is_let_in(tmp_path):
    with contextlib.ExitStack() as stack:
        comers = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", COMER, str(tmp_path)],
                    cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                )
            )
            for _ in range(3)
        ]  # fmt: skip
        for comer in comers:
            assert comer.stdout.readline() == "ready\n"
        for comer in comers:
            comer.stdin.write("\n")
            comer.stdin.flush()
        said = sorted(comer.stdout.readline() for comer in comers)
        for comer in comers:
            comer.stdin.close()
    assert said[-1] == "in\n"
    assert all("another run is writing there; wait for it" in each for each in said[:-1])


def test_it_stays_closed_to_others_though_the_file_is_read_meanwhile(store, tmp_path):
    (tmp_path / STORE).read_bytes()  # closing any handle of a file ends the locks of its process
    ran = subprocess.run(
        [sys.executable, "-c", COMER, str(tmp_path)], cwd=ROOT, text=True, input="\n\n",
        capture_output=True, check=True,
    )  # fmt: skip
    assert "another run is writing there; wait for it" in ran.stdout


def test_only_its_owner_can_read_it(store, tmp_path):
    store.add(record("a.jpg"), (), sha256=SHA256)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [STORE, f"{STORE}-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_closing_leaves_one_file_even_in_the_middle_of_reading(tmp_path):
    with contextlib.closing(Store(tmp_path)) as store:
        for number in range(3):
            store.add(record(f"{number}.jpg"), (), sha256=SHA256)
        half = store.records()
        assert next(half)[1].path == "0.jpg"
    assert [file.name for file in tmp_path.iterdir()] == [STORE]


def test_many_records_are_read_page_by_page_in_order(store, monkeypatch):
    monkeypatch.setattr("edge_runtime.results.store._PAGE", 2)
    for number in range(5):
        store.add(record(f"{number}.jpg"), (), sha256=SHA256)
    forget(store, 2)
    assert [found.path for _, found in store.records()] == ["0.jpg", "2.jpg", "3.jpg", "4.jpg"]


def test_each_photo_is_brought_to_the_disk(store):
    """No kill can tell: a loss of power takes what the system has and the disk hasn't."""
    asked = {name: store._ask(f"PRAGMA {name}") for name in ("synchronous", "journal_mode")}
    assert asked == {"synchronous": [(2,)], "journal_mode": [("wal",)]}


def test_settled_the_file_alone_has_everything(store, tmp_path):
    store.add(record("a.jpg"), (), sha256=SHA256)
    store.settle()
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / STORE).write_bytes((tmp_path / STORE).read_bytes())
    with contextlib.closing(Store(tmp_path / "copy")) as copy:
        assert paths_in(copy) == {"a.jpg"}


def test_a_path_that_is_too_long_for_sqlite_is_the_systems_error_and_leaves_nothing(tmp_path):
    folder = tmp_path.joinpath(*["x" * 100] * 6)
    folder.mkdir(parents=True)
    with pytest.raises(OSError, match="File name too long"):
        Store(folder)
    assert not any(folder.iterdir())


def test_another_programs_database_is_left_as_it_is(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / STORE)) as other:
        other.execute("CREATE TABLE theirs (x)")
    before = (tmp_path / STORE).read_bytes()
    with pytest.raises(StoreInvalidError, match="it is no store of results"):
        Store(tmp_path)
    assert (tmp_path / STORE).read_bytes() == before


def damaged(file):
    data = bytearray(file.read_bytes())
    data[:16] = b"no database here"
    file.write_bytes(data)


def of_another_program(file):
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA application_id = 5")


def of_a_newer_version(file):
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (damaged, "not a database"),
        (of_another_program, "it is no store of results"),
        (of_a_newer_version, "it is of form 99, not 2"),
    ],
)
def test_a_file_that_is_no_store_is_refused_in_a_sentence(tmp_path, change, cause):
    Store(tmp_path).close()
    change(tmp_path / STORE)
    with pytest.raises(StoreInvalidError, match=cause) as caught:
        Store(tmp_path)
    assert "; choose another folder for the results" in str(caught.value)


def test_a_record_that_is_none_is_named(store, tmp_path):
    store.add(record("a.jpg"), (), sha256=SHA256)
    store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / STORE)) as other, other:
        other.execute("UPDATE photos SET record = '{}'")
    with (
        contextlib.closing(Store(tmp_path)) as opened,
        pytest.raises(StoreInvalidError, match="photo 1 isn't a record"),
    ):
        [*opened.records()]


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ("UPDATE photos SET path = 5", Store.outcomes),
        ("UPDATE photos SET size_bytes = 0.5", lambda store: [*store.done()]),
        ("UPDATE photos SET record = json_set(record, '$.status', 5)", Store.outcomes),
        ("UPDATE photos SET reason = 5.5, record = x'00'", Store.records),
        ("UPDATE photos SET path = 'a.jpg'", lambda store: [*store.done()]),
        ("UPDATE pictures SET file = x'00'", Store.overlays),
        ("UPDATE pictures SET jpeg = 'eA=='", lambda store: store.pictures(1)),
        ("INSERT INTO run VALUES ('run', x'00')", lambda store: store.noted("run")),
    ],
)
def test_a_row_that_a_person_changed_is_a_sentence(store, tmp_path, change, asked):
    store.add(record("a.jpg"), [Picture("x", "overlays/1.png", b"1")], sha256=SHA256)
    store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / STORE)) as other, other:
        assert other.execute(change).rowcount
    with (
        contextlib.closing(Store(tmp_path)) as opened,
        pytest.raises(StoreInvalidError, match="a row isn't as it was written;"),
    ):
        [*(asked(opened) or ())]


def test_a_disk_that_is_full_is_the_systems_error_and_nothing_is_kept(store):
    store.add(record("a.jpg"), (), sha256=SHA256)
    ((pages,),) = store._ask("PRAGMA page_count")
    store._open.execute(f"PRAGMA max_page_count = {pages}")  # as a full disk would
    with pytest.raises(OSError, match="No space left on device"):
        store.add(record("b.jpg"), [Picture("", None, bytes(1 << 20))], sha256=SHA256)
    store._open.execute("PRAGMA max_page_count = 1000000")
    store.add(record("b.jpg"), (), sha256=SHA256)
    assert paths_in(store) == {"a.jpg", "b.jpg"}


#: Adds photos until it is killed, behind those that are there, and says which it has kept.
WRITER = """
import sys
from pathlib import Path
from edge_runtime.predict.record import BundleIdentity, ErrorRecord, ModelIdentity
from edge_runtime.results.store import Store
from edge_runtime.results.store_form import Picture
rest = ModelIdentity("", "", "", (), "passed"), BundleIdentity("", ""), ""
store = Store(Path(sys.argv[1]))
start = len([*store.outcomes()])
print("ready", flush=True)
for number in range(start, start + 10_000):
    picture = Picture("", None, b"%d " % number * 20_000)
    store.add(ErrorRecord(f"{number}.jpg", "none", *rest), [picture], sha256=None)
    print(number, flush=True)
"""


def killed_at_work(folder, *, after_s):
    """Let the writer work for a while, kill it, and list what it said that it had kept."""
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(after_s)
        process.kill()
        said = process.stdout.read().split("\n")[:-1]  # without a line that the kill cut off
    assert process.returncode == -signal.SIGKILL
    return [int(number) for number in said]


@pytest.mark.slow
def test_killed_a_hundred_times_nothing_is_lost_nothing_twice_and_nothing_torn(tmp_path):
    generator = np.random.default_rng(0)
    before = 0
    for _ in range(KILLS):
        said = killed_at_work(tmp_path, after_s=float(generator.uniform(0, 0.05)))
        with contextlib.closing(Store(tmp_path)) as store:
            paths = [record.path for _, record in store.records()]
            assert paths == [f"{number}.jpg" for number in range(len(paths))]
            assert len(paths) >= max([before, *(number + 1 for number in said)])
            for number in range(before, len(paths)):
                (picture,) = store.pictures(number + 1)
                assert picture.jpeg == b"%d " % number * 20_000
        before = len(paths)
    with contextlib.closing(sqlite3.connect(tmp_path / STORE)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT count(*) FROM pictures").fetchone() == (before,)
    assert before > KILLS / 4  # else it was hardly at work
