"""The SQLite file behind a store: opened by one process alone, and asked in its own words."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from msgspec import ValidationError, convert

from edge_runtime.errors import FundusError, OutputExistsError, StoreInvalidError, printable
from edge_runtime.results.sqlite_form import Form
from edge_runtime.system.files import replacing_by_name
from edge_runtime.system.partial import LOCKS, lock
from edge_runtime.system.sqlite_errors import system_error

Row = TypeVar("Row", bound=tuple[Any, ...])

_ODD_ROW = "a row isn't as it was written"


class StoreGoneError(FundusError, FileNotFoundError):
    """A store whose file isn't where it was opened: its disk was pulled out, or it was removed."""

    def __init__(self, file: Path) -> None:
        self.file = file
        super().__init__(
            f"{printable(file)}: it is gone, so nothing more can be kept; bring its folder back to "
            "that place, or end this and start anew"
        )


class StoreFile:
    """An open file of a store. Only one process can have it open; its threads take turns.

    On a disk that can only be read it can be read too; ``is_fixed`` says that it stays as it is.
    """

    def __init__(self, path: Path, form: Form) -> None:
        """Open a store, or make an empty one. One of an older version becomes one of this.

        Args:
            path: The folder that it stands in.
            form: What it consists of.

        Raises:
            OutputExistsError: Another process has it open.
            StoreInvalidError: It is damaged, or of another kind or version.
            OSError: It can't be made or opened.
        """
        self.file, self._form, self._turn = path / form.file, form, threading.RLock()
        with contextlib.ExitStack() as held:
            self._lock(held)
            is_new = not self.file.exists()
            is_fixed = self.is_fixed = not (is_new or os.access(path, os.W_OK))
            if is_fixed:
                self._check_settled()
            if is_new or not (is_fixed or self.file.stat().st_size):
                self._make()
            name = f"{self.file.absolute().as_uri()}?immutable=1" if is_fixed else self.file
            if not is_fixed:
                # SQLite would give it the usual rights; those of its log are those of the file.
                # It stays open, as closing it would end SQLite's locks.
                handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
                held.callback(os.close, handle)
            with self._in_words():
                self._open = sqlite3.connect(
                    name, 0, isolation_level=None, uri=is_fixed, check_same_thread=False
                )
            held.callback(self._open.close)
            self._opened = self._identity()
            self._begin(is_fixed)
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
            raise OutputExistsError(self.file.parent, self._form.busy, is_busy=True) from error

    def _check_settled(self) -> None:
        """Refuse to read a file whose log can't be taken into it: what came last would lack."""
        log = self.file.with_name(f"{self._form.file}-wal")
        if log.exists() and log.stat().st_size:
            cause = f"what came last is in {log.name}, and the disk can only be read"
            remedy = "copy the whole folder to a disk that can be written, and name that copy"
            raise StoreInvalidError(self.file, cause, remedy)

    def _make(self) -> None:
        """Make the file whole or not at all: one that a loss of power has torn opens nowhere."""
        with self._in_words(), replacing_by_name(self.file) as partial:
            partial.touch(0o600)
            with contextlib.closing(sqlite3.connect(partial, isolation_level=None)) as made:
                made.execute("PRAGMA journal_mode = OFF")
                made.execute("PRAGMA synchronous = OFF")  # it is brought to the disk at the end
                for statement in self._form.statements:
                    made.execute(statement)

    def _begin(self, is_fixed: bool) -> None:
        self._ask("PRAGMA locking_mode = EXCLUSIVE")  # and no shared memory, as not every disk has
        version = self._check_form()
        if is_fixed:
            return
        self._ask("PRAGMA journal_mode = WAL")
        self._ask("PRAGMA foreign_keys = ON")
        self._ask("PRAGMA cache_size = -500")  # KiB: no page is asked for often
        with self.at_once() as change:  # also where there is nothing to change: it takes the lock
            form = self._form
            for statement in form.statements if version is None else form.upgrades_from(version):
                change(statement)
        self._ask("PRAGMA synchronous = FULL")
        self._ask("PRAGMA fullfsync = ON")  # without it macOS doesn't wait for the disk

    def invalid(self, cause: str) -> StoreInvalidError:
        """Make the error of a store that can't be used; ``cause`` is a clause."""
        return StoreInvalidError(self.file, cause, self._form.remedy)

    def check_in_place(self) -> None:
        """Find out whether the file still is where it was opened: what is unlinked takes all in.

        Raises:
            StoreGoneError: It isn't, or another one stands in its place.
        """
        try:
            is_there = self._identity() == self._opened
        except (FileNotFoundError, NotADirectoryError):
            is_there = False
        if not is_there:
            raise StoreGoneError(self.file)

    def _identity(self) -> tuple[int, int]:
        found = self.file.stat()
        return found.st_dev, found.st_ino

    def check_writable(self) -> None:
        """Find out whether anything can be added; an ``OSError`` where the disk is read-only."""
        self._ask(f"PRAGMA user_version = {self._form.version}")

    def _check_form(self) -> int | None:
        """Give the version of the file, None where it is still empty.

        Raises:
            StoreInvalidError: It is a database of another kind or version.
        """
        ((application,),) = self._ask("PRAGMA application_id")
        ((version,),) = self._ask("PRAGMA user_version")
        is_empty, form = not self._ask("SELECT name FROM sqlite_master"), self._form
        if application != form.application and not (application == 0 and is_empty):
            raise self.invalid(f"it is no {form.kind}")
        if application and version != form.version and version not in form.upgrades:
            raise self.invalid(f"it is of form {version}, not {form.version}")
        return None if is_empty else version

    def copy_to(self, file: Path) -> None:
        """Copy the store as it is at this moment into a new file; others wait meanwhile.

        Raises:
            OSError: There is no room, or the disk failed; what there is of the file is no store.
        """
        with self._turn, contextlib.closing(sqlite3.connect(file, isolation_level=None)) as copy:
            try:
                copy.execute("PRAGMA journal_mode = OFF")
                copy.execute("PRAGMA synchronous = OFF")
                self._open.backup(copy)
            except sqlite3.DatabaseError as error:
                raise system_error(error, file) or self.invalid(str(error)) from error

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
            raise self.invalid(_ODD_ROW) from error
        return found

    def _ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask for all rows at once: an answer half read would keep the file from being closed."""
        with self._turn, self._in_words():
            return self._open.execute(question, values).fetchall()

    @contextlib.contextmanager
    def at_once(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        """Do all or nothing, and come back when the disk has it.

        Raises:
            OSError: The disk doesn't take it; ``StoreGoneError`` where the file isn't there now.
        """
        self.check_in_place()
        with self._turn, self._in_words():
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
                raise OutputExistsError(self.file.parent, self._form.busy, is_busy=True) from error
            # SQLite quotes the whole text that is no UTF-8, which may be about a patient.
            said = _ODD_ROW if "decode" in str(error) else str(error)
            raise system_error(error, self.file) or self.invalid(said) from error
