"""The record of a run that outlives a kill and a loss of power: an SQLite file, a photo a row.

Everything else in a result folder is made from it, or, as the overlays are, written before the row
that names it. SQLite's log with ``synchronous=FULL`` has a row on the disk when ``add`` returns.
"""

import contextlib
import datetime
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec import ValidationError, convert

from edge_runtime.errors import OutputExistsError, StoreInvalidError
from edge_runtime.photo.find import STORE
from edge_runtime.predict.record import Record, from_json, to_json
from edge_runtime.results.store_form import FORM, VERSION, Picture, check_form
from edge_runtime.results.tally import Outcome, outcome_of
from edge_runtime.system.partial import LOCKS, lock
from edge_runtime.system.sqlite_errors import system_error

_PAGE = 100  # records that are read at once
_BUSY = "another run is writing there; wait for it"

Row = TypeVar("Row", bound=tuple[Any, ...])


class Store:
    """An open store. Only one process can have it open.

    On a disk that can only be read it can be read too.
    """

    def __init__(self, path: Path) -> None:
        """Open a run's store, or make an empty one.

        Args:
            path: The folder that it stands in.

        Raises:
            OutputExistsError: Another process has it open.
            StoreInvalidError: It is damaged, or of another kind or version.
            OSError: It can't be made or opened.
        """
        self._file = path / STORE
        with contextlib.ExitStack() as held:
            self._lock(held)
            is_new, log = not self._file.exists(), self._file.with_name(f"{STORE}-wal")
            is_fixed = not (is_new or log.exists() or os.access(path, os.W_OK))
            name = f"{self._file.absolute().as_uri()}?immutable=1" if is_fixed else self._file
            if not is_fixed:
                # SQLite would give it the usual rights; those of its log are those of the file.
                # It stays open, as closing it would end SQLite's locks.
                handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
                held.callback(os.close, handle)
            try:
                with self._in_words():
                    self._open = sqlite3.connect(name, 0, isolation_level=None, uri=is_fixed)
            except BaseException:
                if is_new:
                    self._file.unlink()
                raise
            held.callback(self._open.close)
            self._begin(None if is_fixed else handle)
            self._held = held.pop_all()

    def _lock(self, held: contextlib.ExitStack) -> None:
        """Lock the folder: SQLite's own locks are gone once this process closes the file elsewhere.

        Nor do they let one of two in that come at the same moment.
        """
        if not LOCKS:
            return
        folder = os.open(self._file.parent, os.O_RDONLY)
        held.callback(os.close, folder)
        try:
            lock(folder, wait=False)
        except BlockingIOError as error:
            raise OutputExistsError(self._file.parent, _BUSY) from error

    def _begin(self, handle: int | None) -> None:
        self._ask("PRAGMA locking_mode = EXCLUSIVE")  # and no shared memory, as not every disk has
        is_empty = check_form(self._file, self._ask)
        if handle is None:
            return
        if is_empty:  # until it has something, a loss of power takes nothing
            self._ask("PRAGMA synchronous = OFF")
        self._ask("PRAGMA journal_mode = WAL")
        self._ask("PRAGMA foreign_keys = ON")
        with self._at_once() as change:  # also where there is nothing to change: it takes the lock
            for statement in FORM if is_empty else ():
                change(statement)
        if is_empty:
            os.fsync(handle)
        self._ask("PRAGMA synchronous = FULL")
        self._ask("PRAGMA fullfsync = ON")  # without it macOS doesn't wait for the disk

    def check_writable(self) -> None:
        """Find out whether anything can be added; an ``OSError`` where the disk is read-only."""
        self._ask(f"PRAGMA user_version = {VERSION}")

    def settle(self) -> None:
        """Take the log into the file, so that the file alone holds everything.

        Raises:
            OSError: There is no room for that; the log stays beside the file.
        """
        self._ask("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close it. Its log goes into the file, or stays beside it where there is no room."""
        with contextlib.suppress(OSError, StoreInvalidError):
            self.settle()
        self._held.close()

    def note(self, key: str, value: str) -> None:
        """Keep something of the run as a whole, or put it in the place of what was kept."""
        with self._at_once() as ask:
            ask("INSERT OR REPLACE INTO run VALUES (?, ?)", (key, value))

    def noted(self, key: str) -> str | None:
        """Give what was kept of the run; None if nothing was."""
        found = self._rows(tuple[str], "SELECT value FROM run WHERE key = ?", key)
        return found[0][0] if found else None

    def drop(self, key: str) -> None:
        """Keep something of the run no more."""
        with self._at_once() as ask:
            ask("DELETE FROM run WHERE key = ?", (key,))

    def add(self, record: Record, pictures: Sequence[Picture], *, sha256: str | None) -> None:
        """Keep one photo's record with its pictures: all of it or nothing, and for good.

        Args:
            record: The record; its path must not be there yet.
            pictures: Its pictures, whose files are on the disk.
            sha256: Of the photo's file; None where there was none to be had.

        Raises:
            OSError: It can't be written; nothing of it is kept.
        """
        reason = outcome_of(record).reason
        now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        path = os.fsencode(record.path)
        with self._at_once() as ask:
            number = ask(
                "INSERT INTO photos (path, sha256, status, reason, record, finished) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (path, sha256, record.status, reason, to_json(record), now),
            ).lastrowid
            for picture in pictures:
                ask(
                    "INSERT INTO pictures VALUES (?, ?, ?, ?)",
                    (number, picture.class_name, picture.file, picture.jpeg),
                )

    def forget(self, number: int) -> None:
        """Take a photo back, that it be done again."""
        with self._at_once() as ask:
            ask("DELETE FROM photos WHERE number = ?", (number,))

    def outcomes(self) -> Iterator[Outcome]:
        """List what the photos that are done came to."""
        found = self._rows(
            tuple[bytes, str, str | None, int | None],
            "SELECT path, status, reason, json_extract(record, '$.referral.refer') FROM photos",
        )
        for path, status, reason, refer in found:
            yield Outcome(os.fsdecode(path), status, reason, None if refer is None else bool(refer))

    def failed(self) -> Iterator[tuple[int, str, str | None]]:
        """List the photos that couldn't be read: number, path, and SHA-256 of the file then."""
        found = self._rows(
            tuple[int, bytes, str | None],
            "SELECT number, path, sha256 FROM photos WHERE status = 'error'",
        )
        for number, path, sha256 in found:
            yield number, os.fsdecode(path), sha256

    def finished(self, number: int) -> str:
        """Tell when a photo was done, in ISO 8601 with the offset from UTC."""
        ((when,),) = self._rows(tuple[str], "SELECT finished FROM photos WHERE number = ?", number)
        return when

    def record_of(self, path: str) -> Record:
        """Read the record of a photo that is done.

        Raises:
            StoreInvalidError: It isn't a record.
        """
        ((number, text),) = self._rows(
            tuple[int, str], "SELECT number, record FROM photos WHERE path = ?", os.fsencode(path)
        )
        return self._record(number, text)

    def next_number(self) -> int:
        """Give the number that the next photo gets."""
        ((highest,),) = self._rows(tuple[int], "SELECT coalesce(max(number), 0) FROM photos")
        return highest + 1

    def overlays(self) -> Mapping[str, tuple[int, str]]:
        """List the overlays' files, each with the number and the path of its photo."""
        found = self._rows(
            tuple[str, int, bytes],
            "SELECT file, number, path FROM pictures JOIN photos ON number = photo "
            "WHERE file IS NOT NULL",
        )
        return {file: (number, os.fsdecode(path)) for file, number, path in found}

    def records(self) -> Iterator[tuple[int, Record]]:
        """Read the photos' numbers and records in the order in which they were done.

        Raises:
            StoreInvalidError: One isn't a record.
        """
        last = 0
        while rows := self._rows(
            tuple[int, str],
            "SELECT number, record FROM photos WHERE number > ? ORDER BY number LIMIT ?",
            last,
            _PAGE,
        ):
            for last, text in rows:
                yield last, self._record(last, text)

    def pictures(self, number: int) -> tuple[Picture, ...]:
        """Read a photo's pictures, the photo as taken first."""
        found = self._rows(
            tuple[str, str | None, bytes],
            "SELECT class, file, jpeg FROM pictures WHERE photo = ? ORDER BY class",
            number,
        )
        return tuple(Picture(*row) for row in found)

    def _record(self, number: int, text: str) -> Record:
        try:
            return from_json(text)
        except ValueError as error:
            raise StoreInvalidError(self._file, f"photo {number} {error}") from error

    def _rows(self, kind: type[Row], question: str, *values: object) -> list[Row]:
        """Ask for rows of a kind; a person may have put something else in their place."""
        try:
            found: list[Row] = convert(
                self._ask(question, *values),
                list[kind],  # type: ignore[valid-type]
                builtin_types=(bytes,),  # which it would take in base64 too
            )
        except ValidationError as error:
            cause = "a row isn't as it was written"
            raise StoreInvalidError(self._file, cause) from error
        return found

    def _ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask for all rows at once: an answer half read would keep the file from being closed."""
        with self._in_words():
            return self._open.execute(question, values).fetchall()

    @contextlib.contextmanager
    def _at_once(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        """Do all or nothing, and come back when the disk has it."""
        with self._in_words():
            self._open.execute("BEGIN IMMEDIATE")
            try:
                yield self._open.execute
                self._open.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # a full disk may have ended it already
                    self._open.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        """Turn SQLite's errors into those that the rest of the program knows."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise OutputExistsError(self._file.parent, _BUSY) from error
            cause = system_error(error, self._file)
            raise cause or StoreInvalidError(self._file, str(error)) from error
