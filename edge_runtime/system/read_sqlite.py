"""Read an SQLite file that belongs to somebody else, and leave it and its folder as they are."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge_runtime.errors import FundusError, printable
from edge_runtime.system.partial import LOCKS, lock

_BUSY = "a program is at work on it; end that, or name a copy"


class FileBusyError(FundusError, OSError):
    """A file of SQLite that can't be read now, or never."""

    def __init__(self, file: Path, cause: str) -> None:
        self.file = file
        super().__init__(f"{printable(file)}: it can't be read: {printable(cause)}")


@contextlib.contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a file to be read alone; what its log beside it has counts.

    Nothing is written beside it, so that it may be evidence, or lie where nothing can be written.
    What has such a log is read as a copy, in a temporary folder of this user's.

    Raises:
        FileBusyError: It isn't there, is damaged, or a program is at work on it.
    """
    if not file.is_file():
        raise FileBusyError(file, "it isn't there; was another folder meant?")
    try:
        with contextlib.ExitStack() as held:
            _lock(file.parent, held)
            wal = file.with_name(f"{file.name}-wal")
            if wal.exists() and wal.stat().st_size:
                folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
                uri = _copy(file, wal, folder).as_uri()
            else:
                uri = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
            yield held.enter_context(contextlib.closing(sqlite3.connect(uri, 0, uri=True)))
    except sqlite3.Error as error:
        raise FileBusyError(file, _BUSY if "locked" in str(error) else str(error)) from error


def rows(
    connection: sqlite3.Connection, question: str, *values: object
) -> Iterator[tuple[Any, ...]]:
    """Ask for rows, one after the other."""
    yield from connection.execute(question, values)


def _lock(folder: Path, held: contextlib.ExitStack) -> None:
    """Keep those away who have stores open by the lock of their folder, or give way to them."""
    if not LOCKS:
        return
    handle = os.open(folder, os.O_RDONLY)
    held.callback(os.close, handle)
    try:
        lock(handle, wait=False)
    except BlockingIOError as error:
        raise FileBusyError(folder, _BUSY) from error


def _copy(file: Path, wal: Path, folder: Path) -> Path:
    try:
        shutil.copyfile(wal, folder / wal.name)
        return Path(shutil.copyfile(file, folder / file.name))
    except OSError as error:
        cause = f"there is no copy in {folder}: {(error.strerror or str(error)).lower()}"
        raise FileBusyError(file, f"{cause}; make room, or name another by TMPDIR") from error
