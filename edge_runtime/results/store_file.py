"""The SQLite file behind a store: opened by one process alone, and asked in its own words."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from msgspec import ValidationError, convert

from edge_runtime.errors import OutputExistsError, StoreInvalidError
from edge_runtime.photo.find import STORE
from edge_runtime.results.store_form import FORM, VERSION, check_form
from edge_runtime.system.partial import LOCKS, lock
from edge_runtime.system.sqlite_errors import system_error

_BUSY = "another run is writing there; wait for it"

Row = TypeVar("Row", bound=tuple[Any, ...])


class StoreFile:
    """An open file of a store. Only one process can have it open.

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
        self.file = path / STORE
        with contextlib.ExitStack() as held:
            self._lock(held)
            is_new, log = not self.file.exists(), self.file.with_name(f"{STORE}-wal")
            is_fixed = not (is_new or log.exists() or os.access(path, os.W_OK))
            name = f"{self.file.absolute().as_uri()}?immutable=1" if is_fixed else self.file
            if not is_fixed:
                # SQLite would give it the usual rights; those of its log are those of the file.
                # It stays open, as closing it would end SQLite's locks.
                handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
                held.callback(os.close, handle)
            try:
                with self._in_words():
                    self._open = sqlite3.connect(name, 0, isolation_level=None, uri=is_fixed)
            except BaseException:
                if is_new:
                    self.file.unlink()
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
        folder = os.open(self.file.parent, os.O_RDONLY)
        held.callback(os.close, folder)
        try:
            lock(folder, wait=False)
        except BlockingIOError as error:
            raise OutputExistsError(self.file.parent, _BUSY) from error

    def _begin(self, handle: int | None) -> None:
        self._ask("PRAGMA locking_mode = EXCLUSIVE")  # and no shared memory, as not every disk has
        is_empty = check_form(self.file, self._ask)
        if handle is None:
            return
        if is_empty:  # until it has something, a loss of power takes nothing
            self._ask("PRAGMA synchronous = OFF")
        self._ask("PRAGMA journal_mode = WAL")
        self._ask("PRAGMA foreign_keys = ON")
        with self.at_once() as change:  # also where there is nothing to change: it takes the lock
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

    def rows(self, kind: type[Row], question: str, *values: object) -> list[Row]:
        """Ask for rows of a kind; a person may have put something else in their place."""
        try:
            found: list[Row] = convert(
                self._ask(question, *values),
                list[kind],  # type: ignore[valid-type]
                builtin_types=(bytes,),  # which it would take in base64 too
            )
        except ValidationError as error:
            cause = "a row isn't as it was written"
            raise StoreInvalidError(self.file, cause) from error
        return found

    def _ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask for all rows at once: an answer half read would keep the file from being closed."""
        with self._in_words():
            return self._open.execute(question, values).fetchall()

    @contextlib.contextmanager
    def at_once(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
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
                raise OutputExistsError(self.file.parent, _BUSY) from error
            cause = system_error(error, self.file)
            raise cause or StoreInvalidError(self.file, str(error)) from error
