"""The temporary sibling that a file or a folder is written as, and its one writer.

Its name is always the same, so what a killed process left is found and cleared by whoever writes
that file or folder next. A lock, which the system drops when its holder dies, tells that from the
work of a process that lives, in another container too. Windows has no such lock: there, two writers
of one file aren't kept apart.
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

#: Whether an open file or folder can be locked, renamed and deleted: everywhere but on Windows.
LOCKS = fcntl is not None

_MOST_TRIES = 1000  # a file system may tell no two files apart


def partial_of(path: Path) -> Path:
    """Name the sibling that something is written as, hidden from those who list the folder."""
    return path.with_name(f".{path.name}.partial")


def lock(handle: int, *, wait: bool) -> None:
    """Lock an open file or folder until its handle is closed or its process dies.

    Nothing is locked on Windows, and on a file system without locks.

    Raises:
        BlockingIOError: Another handle has it locked, and ``wait`` isn't asked for.
    """
    if not LOCKS:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError as error:
        raise BlockingIOError(error.errno, "another process is writing there") from error
    except OSError:
        pass  # a file system without locks


@contextmanager
def claimed(partial: Path, make: Callable[[], object], *, wait: bool) -> Iterator[None]:
    """Make a sibling anew and be its one writer to the end of the block; an error removes it.

    Args:
        partial: The sibling.
        make: Makes it; raises ``FileExistsError`` where it is there already.
        wait: Whether to wait for a writer that is at work, or be refused.

    Raises:
        BlockingIOError: Another process is at work on it.
        OSError: It can't be made.
    """
    for _ in range(_MOST_TRIES):
        try:
            make()
        except FileExistsError:
            _clear(partial, wait=wait)
            continue
        handle = _hold(partial, wait=True)
        if handle is not None or not LOCKS:
            break  # else another process took it for a killed one's
    else:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(partial))
    try:
        yield
    except BaseException:
        with suppress(OSError):
            remove(partial)
        raise
    finally:
        if handle is not None:
            os.close(handle)


def clear_abandoned(partial: Path) -> None:
    """Remove what a killed process left, unless its writer lives; what can't be removed stays."""
    with suppress(OSError):
        _clear(partial, wait=False)


def remove(place: Path) -> None:
    """Delete a file, a folder, a link to one, or what is left of it."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _clear(partial: Path, *, wait: bool) -> None:
    if partial.is_symlink() or not LOCKS:
        remove(partial)
    elif (handle := _hold(partial, wait=wait)) is not None:
        try:
            remove(partial)
        finally:
            os.close(handle)


def _hold(partial: Path, *, wait: bool) -> int | None:
    """Open and lock what the name leads to; None if it led elsewhere by then, and on Windows."""
    if not LOCKS:
        return None
    with suppress(FileNotFoundError), ExitStack() as opened:
        handle = os.open(partial, os.O_RDONLY | os.O_NOFOLLOW)
        opened.callback(os.close, handle)
        lock(handle, wait=wait)
        if os.path.samestat(os.fstat(handle), partial.lstat()):
            opened.pop_all()
            return handle
    return None
