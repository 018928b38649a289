"""Bound what a peer can make this computer read, keep in memory and write, whatever it sends."""

import logging
import math
import os
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from edge_runtime.hospital.drain import Drained

#: The largest part of a message that is read; what is asked for is ``PART``, see PS3.8, annex D.1.
MOST_PART, PART = 1 << 20, 1 << 17

_MEMORY = 1 << 20  # bytes of a message that isn't written to the disk: commands, lists of UIDs
_WAITING = 8  # messages that were sent without waiting for the answer to the first
_SLOW = 60.0  # seconds in which a part must have come to its end
_PIECE = 1 << 16

#: Bytes that stay free on the disk.
SPARE = 256 << 20

for _name in ("pynetdicom", "pydicom"):  # they quote what peers send, names of persons included
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False


#: Where objects stand while they come, hidden, in the folder that they go to.
COMING = ".receiving"

_at_work = threading.local()  # the guard whose association's thread it is


class TooMuchError(OSError):
    """A peer sent more than is taken."""


class Guard:
    """Watches one association.

    The library reads a part of any length into memory, and what its readers raise of a peer's
    nonsense ends its thread with the connection left open. Both are stopped here, before and behind
    it, and the connection is closed.
    """

    def __init__(
        self,
        association: Any,
        *,
        most: int,
        folder: Path | None = None,
        waiting: int = _WAITING,
        in_all: float = math.inf,
    ) -> None:
        """Begin to watch; before the association's threads start.

        Args:
            association: The library's.
            most: Bytes that an object may have.
            folder: Where objects are written; none are where it is None.
            waiting: Messages that may have come and not be looked at yet.
            in_all: Bytes that the peer may send in all.
        """
        self._waiting, self._in_all = waiting, in_all
        self._files: dict[Path, Any] = {}
        self._association, self._most, self._folder = association, most, folder
        self._socket = association.dul.socket
        self._message: object = None
        self._receive = association.dimse.receive_primitive
        association.dimse.receive_primitive = self._guarded
        self._socket.recv = self._recv

    def make_file(self, **options: Any) -> Any:
        """Make the file that an object of the association comes into, or what stands for one.

        Where the disk has no room the object is heard to its end, so that its sender can be told.

        Raises:
            TooMuchError: It is the second of one message, or objects aren't taken.
        """
        message = self._association.dimse.message
        if self._folder is None or message is self._message:
            raise TooMuchError
        self._message = message
        if free_bytes(self._folder) < SPARE:
            return Drained(str(self._folder / COMING / "none"))
        file = NamedTemporaryFile(dir=self._folder / COMING, **options)  # noqa: SIM115 - see end
        self._files = {path: each for path, each in self._files.items() if path.exists()}
        self._files[Path(file.name)] = file
        return file

    def end(self) -> None:
        """Remove what the association left of objects that it didn't send to their end."""
        for path, file in self._files.items():
            with suppress(OSError):
                file.close()
                path.unlink(missing_ok=True)

    def _recv(self, size: int) -> bytearray:
        """Read so many bytes, fewer where the connection ends.

        Raises:
            OSError: They are too many, or come too slowly.
        """
        data = bytearray()
        try:
            self._in_all -= size
            if size > MOST_PART or self._in_all < 0:
                raise TooMuchError
            end = time.monotonic() + _SLOW
            while len(data) < size:
                piece = self._socket.socket.recv(min(size - len(data), _PIECE))
                if not piece:
                    break
                data += piece
                if time.monotonic() > end:
                    raise TooMuchError
        finally:
            if len(data) < size:
                self._wake()
        return data

    def _wake(self) -> None:
        """End the waiting for a call where the connection ended before it, as port scanners do."""
        dul = self._association.dul
        is_idle = dul.state_machine.current_state in ("Sta1", "Sta2")  # PS3.8, 9.2
        if is_idle and self._association.requestor.primitive is None:
            dul.to_user_queue.put(None)

    def _guarded(self, primitive: Any) -> None:
        _at_work.guard = self
        try:
            self._receive(primitive)
            self._check()
        except Exception:  # whatever the library raises of nonsense, and a disk that is full
            self._association.dul.event_queue.put("Evt19")  # what breaks the rules: PS3.8, 9.2

    def _check(self) -> None:
        dimse = self._association.dimse
        if dimse.msg_queue.qsize() > self._waiting:
            raise TooMuchError
        message = dimse.message
        if message is None:
            return
        if message.encoded_command_set.tell() + message.data_set.tell() > _MEMORY:
            raise TooMuchError
        file = message._data_set_file
        if file is not None and file.tell() > self._most:
            raise TooMuchError
        is_written = file is not None and not isinstance(file, Drained)
        if is_written and self._folder is not None and free_bytes(self._folder) < SPARE:
            message._data_set_file = Drained(file.name, file.tell())
            file.close()
            Path(file.name).unlink(missing_ok=True)


def make_file(**options: Any) -> Any:
    """Make a temporary file as the library does, by the guard of the association that is at work.

    The library knows one way for all of a process; associations without a guard have the usual one.
    """
    guard = getattr(_at_work, "guard", None)
    return NamedTemporaryFile(**options) if guard is None else guard.make_file(**options)


@contextmanager
def in_silence() -> Iterator[None]:
    """Have the library say nothing of what peers send that breaks the rules.

    Its thread ends then, and the connection is closed by whoever waits for the thread.
    """
    from pynetdicom.dul import DULServiceProvider  # noqa: PLC0415 - its extra may not be there

    before = threading.excepthook

    def said(args: threading.ExceptHookArgs) -> None:
        if not isinstance(args.thread, DULServiceProvider):
            before(args)

    threading.excepthook = said
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        threading.excepthook = before


def free_bytes(folder: Path) -> int:
    """Say how many bytes are free on a folder's disk."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
