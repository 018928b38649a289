"""Files of SQLite are read, and neither they nor their folders know of it."""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from edge_runtime.results.store import Store
from edge_runtime.system.read_sqlite import FileBusyError, reading, rows


@pytest.fixture
def folder(tmp_path):
    """A folder with a file of two rows, one of which is in the log beside it alone."""
    with closing(sqlite3.connect(tmp_path / "live.sqlite", isolation_level=None)) as opened:
        opened.execute("CREATE TABLE t (n)")
        opened.execute("INSERT INTO t VALUES (1)")
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("INSERT INTO t VALUES (2)")
        (tmp_path / "folder").mkdir()
        for ending in ("", "-wal"):
            name = f"live.sqlite{ending}"
            shutil.copy(tmp_path / name, tmp_path / "folder" / name)
    return tmp_path / "folder"


def numbers(file):
    with reading(file) as opened:
        return [number for (number,) in rows(opened, "SELECT n FROM t ORDER BY n")]


def contents(folder):
    return {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in folder.iterdir()}


@pytest.mark.parametrize("mode", [0o700, 0o500], ids=["writable", "read-only"])
def test_what_the_log_beside_a_file_has_is_read_and_nothing_is_written(folder, mode):
    before = contents(folder)
    folder.chmod(mode)
    try:
        assert numbers(folder / "live.sqlite") == [1, 2]
        assert contents(folder) == before
    finally:
        folder.chmod(0o700)


def test_without_that_log_nothing_is_written_either(folder):
    (folder / "live.sqlite-wal").unlink()
    before = contents(folder)
    assert numbers(folder / "live.sqlite") == [1]
    assert contents(folder) == before


def test_where_no_file_is_none_is_made(tmp_path):
    with pytest.raises(FileBusyError, match="it isn't there"), reading(tmp_path / "no.sqlite"):
        pass
    assert [*tmp_path.iterdir()] == []


def test_a_store_that_a_program_has_open_is_not_read(tmp_path):
    with closing(Store(tmp_path)) as store:
        store.note("a", "b")
        with pytest.raises(FileBusyError, match="at work on it"), reading(store.file):
            pass
    with reading(tmp_path / "results.sqlite") as opened:
        assert [*rows(opened, "SELECT value FROM run")] == [("b",)]


def test_a_copy_for_which_there_is_no_room_is_a_sentence(folder, monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(FileBusyError, match="no space left on device; make room"):
        numbers(folder / "live.sqlite")
