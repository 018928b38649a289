"""Write a log: entries are on the disk when ``append`` returns, and stay as they are.

An append is one write to the tail's file and one wait for the disk. Each 256 entries the tail
becomes a bundle with its tiles, and a checkpoint is signed, as it is when the log is closed.
"""

import datetime
import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from edge_runtime.errors import OutputExistsError
from edge_runtime.system.files import make_folder, write_file
from edge_runtime.system.partial import LOCKS, lock, remove
from edge_runtime.tlog.before import things_before
from edge_runtime.tlog.begin import README_TEXT, check_own, is_new, make_log
from edge_runtime.tlog.checkpoint import CHECKPOINT, Checkpoint, read_checkpoint
from edge_runtime.tlog.decoded import decoded
from edge_runtime.tlog.entry import OPEN, Entry, Thing, to_bytes
from edge_runtime.tlog.key import PUBLIC_KEY, read_key
from edge_runtime.tlog.stored import StoredLog, tail_file, tails
from edge_runtime.tlog.tiles import WIDTH, needed_tiles, tile_path, to_bundle

T = TypeVar("T")

_BUSY = "another program has this log open; let it end, or name another folder"
_APPEND = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)


class Log:
    """A log that is open for writing; one process has it, and its threads take turns."""

    def __init__(self, folder: Path) -> None:
        """Open a log, or make one where nothing is.

        Raises:
            OutputExistsError: Another process has it open, or the folder holds something else.
            LogInvalidError: It isn't as it was written, and isn't gone on with.
            OSError: It can't be made or opened.
        """
        self.folder, self._turn = folder, threading.RLock()
        make_folder(folder, mode=0o700)
        self._held = os.open(folder, os.O_RDONLY) if LOCKS else None
        try:
            if self._held is not None:
                lock(self._held, wait=False)
            self.key = make_log(folder) if is_new(folder) else read_key(folder)
            self._open()
        except BlockingIOError as error:
            self._let_go()
            raise OutputExistsError(folder, _BUSY, is_busy=True) from error
        except BaseException:
            self._let_go()
            raise

    @property
    def size(self) -> int:
        """How many entries it has."""
        return self._stored.size

    def append(self, *things: Thing, written: list[Entry] | None = None) -> list[Entry]:
        """Add entries, and come back when the disk has them.

        Args:
            things: What they are of.
            written: Gets each entry that the disk has, also where it doesn't take them all.

        Returns:
            The entries.

        Raises:
            OSError: The disk doesn't take them all; those before a whole bundle's end may be there.
        """
        with self._turn:
            at = _now()  # of all: what comes at one moment is taken back together
            entries = [self._entry(thing, at) for thing in things]
            self._append(entries, [] if written is None else written)
            return entries

    def take_back(self, entries: Iterable[Entry], *, written: list[Entry] | None = None) -> None:
        """Add entries that say of others, the last ones, that their records never came to be.

        Args:
            entries: Those, the last one first.
            written: As for ``append``.

        Raises:
            OSError: As for ``append``.
        """
        with self._turn:
            voids = [Entry("void", _now(), each.of, run=each.run) for each in entries]
            self._append(voids, [] if written is None else written)

    def entries(self) -> Iterator[Entry]:
        """Read all entries.

        Raises:
            LogInvalidError: They aren't as they were written.
        """
        return decoded(self._stored)

    def _append(self, entries: list[Entry], written: list[Entry]) -> None:
        while entries:
            if len(self._stored.tail) == WIDTH:  # the disk didn't take its bundle before
                self._seal()
            room = WIDTH - len(self._stored.tail)
            self._write([*map(to_bytes, entries[:room])])
            written += entries[:room]
            entries = entries[room:]
        if len(self._stored.tail) == WIDTH:
            with suppress(OSError):  # all is on the disk; it is tried again
                self._seal()

    def commit(self, content: bytes) -> str:
        """Give the hash that an entry has of a content, 64 hexadecimal digits."""
        return self.key.commit(content)[0].hex()

    def checkpoint(self) -> Checkpoint:
        """Sign what is there now, with the tiles that others need to check it.

        Raises:
            OSError: The disk doesn't take it.
        """
        with self._turn:
            if len(self._stored.tail) == WIDTH:  # the disk didn't take its bundle before
                return self._seal()
            stored, size = self._stored, self._stored.size
            for level, index, width in needed_tiles(size):
                data = b"".join(stored.row(level, index * WIDTH, width))
                self._put(tile_path(level, index, width), data)
            if stored.tail:
                path = tile_path("entries", stored.bundles, len(stored.tail))
                self._put(path, to_bundle(stored.tail))
            return self._sign()

    def look(self, ask: Callable[[StoredLog], T]) -> T:
        """Ask the log as it stands, while nobody adds to it."""
        with self._turn:
            return ask(self._stored)

    def close(self) -> None:
        """Sign a last checkpoint, where the disk takes one, and let others in."""
        with self._turn:
            try:
                with suppress(OSError):  # all entries are there without it
                    if read_checkpoint(self.folder).size != self.size:
                        self.checkpoint()
            finally:
                os.close(self._tail)
                self._let_go()

    def __enter__(self) -> "Log":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def _let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)

    def _open(self) -> None:
        """Take up what is there: check it against its own checkpoint, and mend what a kill left."""
        self._stored = stored = StoredLog(self.folder)
        check_own(self.folder, stored, self.key)
        for left in tails(self.folder)[:-1]:
            remove(tail_file(self.folder, left))  # the bundle of it is whole
        self._tail = os.open(tail_file(self.folder, stored.bundles), _APPEND)
        try:
            self._mend(stored)
        except BaseException:
            os.close(self._tail)
            raise

    def _mend(self, stored: StoredLog) -> None:
        if stored.torn:
            os.ftruncate(self._tail, len(to_bundle(stored.tail)))
        if len(stored.tail) == WIDTH:
            self._seal()
        if stored.torn:
            self.append(Thing("mended", stored.torn))
        if not self.size:
            first = Thing("log", hashlib.sha256(README_TEXT.encode()).digest())
            self.append(first, *things_before(self.folder))
        if not (self.folder / PUBLIC_KEY).exists() and (public := self.key.public()) is not None:
            write_file(self.folder / PUBLIC_KEY, f"{public.text}\n".encode())

    def _entry(self, thing: Thing, at: str) -> Entry:
        is_open = thing.kind in OPEN
        of = thing.content.hex() if is_open else self.commit(thing.content)
        replaces = "" if thing.replaces is None else self.commit(thing.replaces)
        return Entry(thing.kind, at, of, replaces, thing.run)

    def _write(self, coded: Sequence[bytes]) -> None:
        data, before = to_bundle(coded), len(to_bundle(self._stored.tail))
        try:
            written = 0
            while written < len(data):
                written += os.write(self._tail, data[written:])
            getattr(os, "fdatasync", os.fsync)(self._tail)  # some systems have the latter alone
        except OSError:
            os.ftruncate(self._tail, before)
            raise
        self._stored.learn([*coded])

    def _seal(self) -> Checkpoint:
        """Make a bundle of a whole tail; each step can be done again after a kill."""
        stored, bundle = self._stored, self._stored.bundles
        self._put(tile_path("entries", bundle), to_bundle(stored.tail))
        self._put(tile_path(0, bundle), b"".join(stored.row(0, bundle * WIDTH, WIDTH)))
        height, whole = 1, bundle + 1
        while whole % WIDTH == 0:
            whole //= WIDTH
            row = [stored.subtree(8 * height, (whole - 1) * WIDTH + i) for i in range(WIDTH)]
            self._put(tile_path(height, whole - 1), b"".join(row))
            height += 1
        write_file(tail_file(self.folder, bundle + 1), b"", private=True)
        following, before = StoredLog(self.folder, stored), self._tail
        self._tail = os.open(tail_file(self.folder, bundle + 1), _APPEND)
        self._stored = following
        os.close(before)
        remove(tail_file(self.folder, bundle))
        for level in ("entries", 0):
            remove((self.folder / tile_path(level, bundle, 1)).parent)
        return self.checkpoint()

    def _sign(self) -> Checkpoint:
        note = self.key.sign_tree(self._stored.size, self._stored.subtree)
        write_file(self.folder / CHECKPOINT, note.to_bytes(), private=True)
        return read_checkpoint(self.folder)

    def _put(self, path: str, data: bytes) -> None:
        file = self.folder / path
        make_folder(file.parent, mode=0o700)
        write_file(file, data, private=True)


def _now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")
