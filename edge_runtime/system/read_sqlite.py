"""Read an SQLite file that belongs to somebody else, and leave it as it is."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge_runtime.errors import FundusError, printable


class FileBusyError(FundusError, OSError):
    """A file of SQLite that can't be read now, or never."""

    def __init__(self, file: Path, cause: str) -> None:
        self.file = file
        super().__init__(f"{printable(file)}: it can't be read: {printable(cause)}")


@contextlib.contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a file to be read alone; what its log beside it has counts.

    Raises:
        FileBusyError: It isn't there, is damaged, or a program is at work on it.
    """
    wal = file.with_name(f"{file.name}-wal")
    how = "mode=ro" if wal.exists() and wal.stat().st_size else "immutable=1"
    try:
        with contextlib.closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?{how}", 0, uri=True)
        ) as open_:
            yield open_
    except sqlite3.Error as error:
        busy = "a program is at work on it; end that, or name a copy"
        raise FileBusyError(file, busy if "locked" in str(error) else str(error)) from error


def rows(
    connection: sqlite3.Connection, question: str, *values: object
) -> Iterator[tuple[Any, ...]]:
    """Ask for rows, one after the other."""
    yield from connection.execute(question, values)
