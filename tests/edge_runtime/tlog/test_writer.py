"""A log is on the disk before anybody is told, goes on after any kill, and has one writer."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import OutputExistsError
from edge_runtime.tlog.checkpoint import read_checkpoint
from edge_runtime.tlog.entry import Thing, from_bytes, to_bytes
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.examine import examine
from edge_runtime.tlog.key import KEY
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.tiles import needed_tiles, tile_path
from edge_runtime.tlog.writer import Log
from tests.edge_runtime.killing import killed_in_its_work
from tests.edge_runtime.tlog.conftest import add, contents

WORK = """
import sys
from pathlib import Path
from edge_runtime.tlog.entry import Thing
from edge_runtime.tlog.writer import Log
log = Log(Path(sys.argv[1]))
while True:
    log.append(Thing("photo", b"x"), *[Thing("event", b"y")] * 3)
    print(log.size, flush=True)
"""


def test_tiles_are_named_as_the_specification_does():
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path("entries", 0, 12) == "tile/entries/000.p/12"
    assert needed_tiles(70_000) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert needed_tiles(256) == [(1, 0, 1)]


def test_a_kill_at_any_moment_leaves_a_log_that_goes_on(tmp_path):
    log = tmp_path / "log"
    for turn in range(int(os.environ.get("FUNDUS_EDGE_KILLS", "6"))):
        acknowledged = killed_in_its_work(WORK, log, delay_s=0.011 * (turn % 40))
        found = examine(log)
        assert found.findings == ()
        assert len(found.entries) >= acknowledged
    with Log(log) as opened:
        opened.append(Thing("photo", b"z"))
    assert examine(log).findings == ()


@pytest.mark.parametrize("size", [10, 255, 256, 511])
def test_a_last_entry_that_was_torn_anywhere_is_mended_and_told(tmp_path, size):
    log = tmp_path / "log"
    add(log, contents(size - 1))
    shutil.copytree(log, tmp_path / "whole")
    for torn in (b"\x00", b"\x00\xa0", b"\x00\xa0{", b"\x00" * 700, b"\xff" * 9):
        shutil.rmtree(log)
        shutil.copytree(tmp_path / "whole", log)
        with max(log.glob("tail-*")).open("ab") as tail:
            tail.write(torn)
        with Log(log) as opened:
            entries = [*opened.entries()]
            assert len(entries) == size + 1
            assert entries[-1].kind == "mended"
        assert examine(log).findings == ()


def test_a_second_writer_is_refused_in_a_sentence(tmp_path):
    with Log(tmp_path / "log"), pytest.raises(OutputExistsError, match="another program has"):
        Log(tmp_path / "log")
    code = (
        "import sys; from pathlib import Path; from edge_runtime.tlog.writer import Log; "
        "Log(Path(sys.argv[1]))"
    )
    with Log(tmp_path / "log"):
        ran = subprocess.run(
            [sys.executable, "-c", code, tmp_path / "log"], capture_output=True, check=False
        )
    assert b"another program has this log open" in ran.stderr


def test_threads_take_turns(tmp_path):
    with Log(tmp_path / "log") as log:
        each = [
            threading.Thread(target=lambda: [log.append(Thing("event", b"e")) for _ in range(60)])
            for _ in range(6)
        ]
        for thread in each:
            thread.start()
        for thread in each:
            thread.join()
    assert examine(tmp_path / "log").findings == ()
    assert read_checkpoint(tmp_path / "log").size == 361


def test_only_the_owner_reads_a_log_and_its_key(tmp_path):
    add(tmp_path / "log", contents(3))
    for file in (tmp_path / "log").rglob("*"):
        public = file.name == "log.pub"
        assert public or not stat.S_IMODE(file.stat().st_mode) & 0o077, file
    assert stat.S_IMODE((tmp_path / "log" / KEY).stat().st_mode) == 0o600


def test_a_log_says_what_it_is_for_and_its_first_entry_binds_that(tmp_path):
    with Log(tmp_path / "log") as log:
        (first,) = log.entries()
    readme = (tmp_path / "log" / "README.txt").read_bytes()
    assert DISCLAIMER.encode() in readme
    assert first.of == hashlib.sha256(readme).hexdigest()


def test_nothing_that_is_logged_can_be_guessed_without_the_key(tmp_path):
    add(tmp_path / "a", [b"retake"])
    add(tmp_path / "b", [b"retake"])
    one, other = (from_bytes(StoredLog(tmp_path / each).entry(1)).of for each in "ab")
    assert one != other
    with Log(tmp_path / "a") as log:
        of, salt = log.key.commit(b"retake")
    assert of.hex() == one == hashlib.sha256(salt + b"retake").hexdigest()


def test_a_log_without_the_library_that_signs_is_written_and_checked_all_the_same(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)
    add(tmp_path / "log", contents(300))
    assert read_checkpoint(tmp_path / "log").note.signatures == ()
    found = examine(tmp_path / "log")
    assert found.findings == ()
    assert any("isn't signed" in each for each in found.notes)
    assert any("log.pub: it isn't there, as where what signs" in each for each in found.notes)
    assert not any("gone" in each for each in found.notes)
    monkeypatch.undo()
    add(tmp_path / "log", contents(1))
    assert len(read_checkpoint(tmp_path / "log").note.signatures) == 1
    assert examine(tmp_path / "log").notes == ()


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path, monkeypatch):
    with Log(tmp_path / "log") as log:
        log.append(Thing("photo", b"a"))
        real = os.write
        monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:7]) and _full())
        with pytest.raises(OSError, match="No space"):
            log.append(Thing("photo", b"b"))
        monkeypatch.undo()
        log.append(Thing("photo", b"c"))
        assert log.size == 3
    assert examine(tmp_path / "log").findings == ()


def _full():
    raise OSError(28, "No space left on device")


def test_a_bundle_that_the_disk_did_not_take_is_written_with_the_next_entry(tmp_path, monkeypatch):
    with Log(tmp_path / "log") as log:
        for each in contents(254):
            log.append(Thing("photo", each))
        with monkeypatch.context() as failing:
            failing.setattr(Log, "_put", lambda *_: _full())
            log.append(Thing("photo", b"the 256th"))
            with pytest.raises(OSError, match="No space"):
                log.append(Thing("photo", b"the 257th"))
        log.append(Thing("photo", b"the 257th"))
        assert log.size == 257
    assert examine(tmp_path / "log").findings == ()


def test_a_folder_with_other_things_is_no_place_for_a_log(tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(OutputExistsError, match="holds something else"):
        Log(tmp_path)


def test_a_log_that_was_begun_and_not_finished_is_begun_anew(tmp_path):
    (tmp_path / KEY).write_bytes(b"")
    (tmp_path / "tail-0").touch()
    with Log(tmp_path) as log:
        assert log.size == 1


def test_an_entry_has_one_form(log):
    raw = StoredLog(log).entry(3)
    assert to_bytes(from_bytes(raw)) == raw
    for other in (
        raw.replace(b":", b": "),
        raw + b" ",
        raw.replace(b'{"at', b'{"x":1,"at'),
        b"[]",
        b"{}",
    ):
        with pytest.raises(ValueError, match=r"."):
            from_bytes(other)
    assert b"/" not in raw
    with pytest.raises(LogInvalidError, match="no log is here"):
        StoredLog(log / "tile")


def test_an_append_waits_for_the_disk_once_after_it_wrote(tmp_path, monkeypatch):
    with Log(tmp_path / "log") as log:
        done = []
        write, wait = os.write, os.fdatasync
        monkeypatch.setattr(os, "write", lambda *a: (done.append("write"), write(*a))[1])
        monkeypatch.setattr(os, "fdatasync", lambda *a: (done.append("wait"), wait(*a))[1])
        monkeypatch.setattr(os, "fsync", lambda *_: done.append("another"))
        log.append(Thing("photo", b"a"), Thing("event", b"b"), Thing("event", b"c"))
        assert done == ["write", "wait"]
        monkeypatch.undo()


HANDLES = Path("/proc/self/fd")


def handles():
    return len([*HANDLES.iterdir()])


@pytest.mark.skipif(not HANDLES.is_dir(), reason="needs Linux")
def test_a_tail_that_cannot_be_opened_closes_no_handle_twice_and_leaks_none(tmp_path, monkeypatch):
    before = handles()
    real = os.open

    def fails(path, *rest, **more):
        return _full() if str(path).endswith("tail-1") else real(path, *rest, **more)

    with Log(tmp_path / "log") as log:
        for each in contents(254):
            log.append(Thing("photo", each))
        with monkeypatch.context() as failing:
            failing.setattr(os, "open", fails)
            log.append(Thing("photo", b"the 256th"))
            with pytest.raises(OSError, match="No space"):
                log.append(Thing("photo", b"the 257th"))
        log.append(Thing("photo", b"the 257th"))
    assert examine(tmp_path / "log").findings == ()
    assert handles() == before
    monkeypatch.setattr(Log, "_mend", lambda *_: _full())
    with pytest.raises(OSError, match="No space"):
        Log(tmp_path / "log")
    assert handles() == before


def test_what_the_disk_took_of_several_things_is_handed_out(tmp_path, monkeypatch):
    with Log(tmp_path / "log") as log:
        for each in contents(254):
            log.append(Thing("photo", each))
        written = []
        with monkeypatch.context() as failing:
            failing.setattr(Log, "_put", lambda *_: _full())
            with pytest.raises(OSError, match="No space"):
                log.append(Thing("photo", b"p"), Thing("event", b"e"), written=written)
        assert [each.kind for each in written] == ["photo"]
        assert [*log.entries()][-1] == written[0]
