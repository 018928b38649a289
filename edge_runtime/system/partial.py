"""The temporary sibling that a file or a folder is written as, and its one writer.

Its name is always the same, so what a killed process left is found and cleared by whoever writes
that file or folder next. A lock, which the system drops when its holder dies, tells that from the
work of a process that lives, in another container too. Windows has no such lock: there, two writers
of one file aren't kept apart.
"""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from edge_runtime.system.locks import LOCKS, lock

_MOST_TRIES = 1000  # a file system may tell no two files apart
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def partial_of(path: Path) -> Path:
    """Name the sibling that something is written as, hidden from those who list the folder."""
    return path.with_name(f".{path.name}.partial")


def claim(
    partial: Path, make: Callable[[], int], remove: Callable[[Path], object], *, wait: bool
) -> int:
    """Make a sibling anew and become its one writer.

    Args:
        partial: The sibling.
        make: Makes it, and opens it; raises ``FileExistsError`` where it is there already.
        remove: Deletes it: what a killed process left.
        wait: Whether to wait for a writer that is at work.

    Returns:
        The handle that ``make`` opened. Closing it ends the claim.

    Raises:
        BlockingIOError: Another process is at work on it, and ``wait`` isn't asked for.
        OSError: It can't be made.
    """
    for _ in range(_MOST_TRIES):
        try:
            handle = make()
        except FileExistsError:
            clear(partial, remove, wait=wait)
            continue
        if _is_held(handle, partial, wait=True):
            return handle
        os.close(handle)  # another process took it for a killed one's
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(partial))


def clear(partial: Path, remove: Callable[[Path], object], *, wait: bool = False) -> None:
    """Remove what a killed process left.

    Raises:
        BlockingIOError: A process that lives is at work on it.
        OSError: It can't be removed.
    """
    if partial.is_symlink() or not LOCKS:
        remove(partial)
        return
    with suppress(FileNotFoundError):  # renamed or removed meanwhile
        handle = os.open(partial, os.O_RDONLY | _NO_LINK)
        try:
            if _is_held(handle, partial, wait=wait):
                remove(partial)
        finally:
            os.close(handle)


def _is_held(handle: int, partial: Path, *, wait: bool) -> bool:
    """Lock it, and tell whether the name still leads to it once it is locked."""
    if not LOCKS:
        return True
    lock(handle, wait=wait)
    try:
        return os.path.samestat(os.fstat(handle), partial.lstat())
    except FileNotFoundError:
        return False
