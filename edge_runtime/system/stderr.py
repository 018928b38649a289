"""Hear what a C library prints, where it has no other way to say it."""

import os
import re
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import IO, TypeVar

T = TypeVar("T")

_STDERR = 2
_MOST = 1 << 16  # bytes that are read back
_lock = threading.Lock()


def listen(work: Callable[[], T]) -> tuple[T, str]:
    """Do some work, and hear what it prints on file descriptor 2.

    The descriptor is the whole process's. So what other threads print meanwhile is heard too: give
    what isn't meant to ``repeat``. A program that another thread starts in these milliseconds
    would go on to print where nobody reads.

    Args:
        work: What to do; briefly.

    Returns:
        What it returned, and what was printed; nothing where it can't be heard. After an error
        what was printed is printed after all.
    """
    if sys.platform == "win32":  # libraries have file descriptors of their own
        return work(), ""
    with _lock, _nameless() as sink:
        try:
            before = os.dup(_STDERR)
        except OSError:  # it is closed
            before = -1
        done = False
        try:
            os.dup2(sink.fileno(), _STDERR)
            result = work()
            done = True
        finally:
            if before < 0:
                os.close(_STDERR)
            else:
                os.dup2(before, _STDERR)
                os.close(before)
            if not done:
                repeat(_heard(sink))
        return result, _heard(sink)


def quietly(work: Callable[[], T], chatter: re.Pattern[str]) -> T:
    """Do some work, and print what it says on stderr without what ``chatter`` matches.

    After an error all of it is printed.
    """
    result, said = listen(work)
    repeat(chatter.sub("", said))
    return result


def repeat(text: str) -> None:
    """Print what was heard after all."""
    if text:
        os.write(_STDERR, text.encode("utf-8", errors="replace"))


def _heard(sink: IO[bytes]) -> str:
    return os.pread(sink.fileno(), _MOST, 0).decode("utf-8", errors="replace")


def _nameless() -> IO[bytes]:
    """Open a file without a name, in memory where the system can."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("stderr"), "w+b")
    return tempfile.TemporaryFile()
