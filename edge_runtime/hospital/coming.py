"""The hidden folder into which objects come, and in which those are known that were taken."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from edge_runtime.errors import OutputExistsError
from edge_runtime.hospital.guard import COMING
from edge_runtime.hospital.known import FILE, Known
from edge_runtime.system.files import make_folder
from edge_runtime.system.partial import lock

_BUSY = "another receiver is at work there; choose another folder, or end that one"


@contextmanager
def coming(folder: Path) -> Iterator[Known]:
    """Have objects come into a hidden folder of the one that they go to, as its only receiver.

    What a killed one left there is removed. What was taken before is known there.

    Raises:
        OutputExistsError: Another one is at work there.
        KnownInvalidError: The file of that can't be used.
    """
    hidden = folder / COMING
    make_folder(hidden, mode=0o700)
    handle = os.open(hidden, os.O_RDONLY)
    try:
        try:
            lock(handle, wait=False)
        except BlockingIOError as error:
            raise OutputExistsError(folder, _BUSY, is_busy=True) from error
        for left in hidden.iterdir():
            if not left.name.startswith(FILE):
                with suppress(OSError):
                    left.unlink()
        with closing(Known(hidden)) as known:
            yield known
    finally:
        os.close(handle)
