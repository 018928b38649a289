"""The objects that were taken, by their UIDs, also once their files were moved elsewhere.

It is on the disk before a sender is told that an object is kept, and bounded: of more objects than
``MOST`` those that came first are forgotten.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from edge_runtime.errors import FundusError, printable
from edge_runtime.hospital.alike import Likeness
from edge_runtime.system.sqlite_errors import system_error

#: What its file is called, and how those begin that SQLite puts beside it.
FILE = "known.sqlite"

#: The most objects that are known, some 60 MB.
MOST = 200_000

_APPLICATION = 0x46644B6E  # "FdKn"
_TABLE = """
CREATE TABLE IF NOT EXISTS objects (
  number INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  written TEXT NOT NULL,       -- see alike.Likeness
  said TEXT NOT NULL,
  pixels TEXT NOT NULL
)
"""


class KnownInvalidError(FundusError, ValueError):
    """A file of what was taken that can't be used."""

    def __init__(self, file: Path, cause: str) -> None:
        super().__init__(
            f"{printable(file)}: can't be used: {printable(cause)}; move it away, and what lies in "
            "the folder is known all the same"
        )


class Known:
    """The open file; who asks and adds takes turns."""

    def __init__(self, folder: Path) -> None:
        """Open it, or make an empty one.

        Raises:
            KnownInvalidError: It is damaged, or none.
            OSError: It can't be made or opened.
        """
        self._file = folder / FILE
        with self._in_words():
            self._open = sqlite3.connect(
                self._file, 0, isolation_level=None, check_same_thread=False
            )
            try:
                self._begin()
            except BaseException:
                self._open.close()
                raise

    def _begin(self) -> None:
        ask = self._open.execute
        ask("PRAGMA locking_mode = EXCLUSIVE")  # and no shared memory, as not every disk has
        ((application,),) = ask("PRAGMA application_id")
        if application not in (0, _APPLICATION):
            raise KnownInvalidError(self._file, "it is another program's")
        ask("PRAGMA journal_mode = WAL")
        ask("PRAGMA synchronous = FULL")
        ask("PRAGMA fullfsync = ON")  # without it macOS doesn't wait for the disk
        ask("PRAGMA cache_size = -500")  # KiB
        ask(f"PRAGMA application_id = {_APPLICATION}")
        ask(_TABLE)
        self._file.chmod(0o600)

    def of(self, uid: str) -> Likeness | None:
        """Give what the object of a UID is told by; None where none was taken.

        Raises:
            OSError: It can't be read.
        """
        with self._in_words():
            found = self._open.execute(
                "SELECT written, said, pixels FROM objects WHERE uid = ?", (uid,)
            ).fetchone()
        return None if found is None else Likeness(*map(str, found))

    def add(self, uid: str, likeness: Likeness) -> None:
        """Keep what an object is told by, if none of its UID was taken; the disk has it then.

        Raises:
            OSError: It can't be written.
        """
        row = uid, likeness.written, likeness.said, likeness.pixels
        with self._in_words():
            self._open.execute(
                "INSERT OR IGNORE INTO objects (uid, written, said, pixels) VALUES (?, ?, ?, ?)",
                row,
            )
            self._open.execute(
                "DELETE FROM objects WHERE number <= (SELECT max(number) FROM objects) - ?", (MOST,)
            )

    def close(self) -> None:
        """Close it."""
        with closing(self._open):
            pass

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            found = system_error(error, self._file)
            raise found or KnownInvalidError(self._file, str(error)) from error
