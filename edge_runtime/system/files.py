"""Write a file whole or not at all, so that neither a kill nor a loss of power leaves half of it.

It is written as a temporary sibling, brought to the disk and renamed, and its folder is brought to
the disk too: until then a loss of power may bring the old file back.
"""

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from edge_runtime.errors import FundusError, OutputFailedError, printable
from edge_runtime.system.partial import LOCKS, claimed, partial_of, remove

_PRIVATE, _USUAL = 0o600, 0o666  # of the latter the system takes away what the user's umask says
_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}  # Windows has no quota


def write_file(path: Path, data: bytes, *, private: bool = False, sync: bool = True) -> None:
    """Write a file; what stands there is replaced.

    Args:
        path: Where it shall stand.
        data: Its content.
        private: Whether only its owner may read it, as is right for what is about patients.
        sync: Whether to wait until it would outlive a loss of power.

    Raises:
        OSError: It couldn't be written; what stood there still does.
    """
    with replacing(path, private=private, sync=sync) as file:
        file.write(data)


@contextmanager
def replacing(path: Path, *, private: bool = False, sync: bool = True) -> Iterator[BinaryIO]:
    """Give a binary stream to write; what it holds takes its place at the end of the block.

    Options are those of ``write_file``. Threads and processes that write one file do so one after
    the other.

    Raises:
        OSError: It couldn't be written; what stood there still does.
    """
    partial = partial_of(path)
    mode = _PRIVATE if private else _USUAL
    with claimed(partial, lambda: partial.touch(mode, exist_ok=False), wait=True):
        with partial.open("wb") as file:
            yield file
            file.flush()
            if sync:
                os.fsync(file.fileno())
        partial.replace(path)
    if sync:
        sync_folder(path.parent)


@contextmanager
def replacing_text(
    path: Path, *, errors: str = "strict", private: bool = False, sync: bool = True
) -> Iterator[TextIO]:
    """Give a UTF-8 stream likewise; line feeds are written as they are.

    Args:
        path: As for ``replacing``, and so the other options and what is raised.
        errors: What becomes of characters that are no UTF-8, as for ``open``.
        private: Likewise.
        sync: Likewise.
    """
    with replacing(path, private=private, sync=sync) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors=errors, newline="")
        yield text
        text.flush()
        text.detach()


@contextmanager
def replacing_by_name(path: Path) -> Iterator[Path]:
    """Give the name of a file for a library to write; it takes its place at the end of the block.

    For libraries that open their files themselves, and go by the ending. The name is the same each
    time, and nothing keeps two writers apart.

    Raises:
        OSError: It couldn't be written; what stood there still does.
    """
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    remove(partial)
    try:
        yield partial
        sync_file(partial)
        partial.replace(path)
    except BaseException:
        remove(partial)
        raise
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Bring a file's content to the disk."""
    with path.open("rb" if LOCKS else "rb+") as file:  # Windows syncs none that is only read
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Bring to the disk which files a folder has, where the system can: Windows can't.

    Raises:
        OSError: The disk failed.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows; or a folder that may be written and not read
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # network file systems that can't
            raise
    finally:
        os.close(handle)


def make_folder(path: Path, *, mode: int = 0o777) -> None:
    """Make a folder, and those above it that aren't there, so that they outlive a loss of power.

    Args:
        path: The folder; it may be there.
        mode: The rights of each that is made, less what the user's umask takes away.

    Raises:
        OSError: It can't be made.
    """
    made = [each for each in (path, *path.parents) if not each.exists()]
    for each in reversed(made):
        each.mkdir(mode, exist_ok=True)
    path.mkdir(mode, exist_ok=True)  # says so where it is no folder
    for each in made:
        sync_folder(each.parent)


@contextmanager
def one_sentence(path: Path, *, no_room: str = "") -> Iterator[None]:
    """Turn what the system refuses while something is written into one sentence about it.

    Args:
        path: What is written, as the user named it.
        no_room: What to say behind the cause where the disk is full.

    Raises:
        OutputFailedError: The system refused something.
    """
    try:
        yield
    except FundusError:  # some of them are OSErrors too
        raise
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        if other := _other_than(path, error.filename):
            cause = f"{printable(other)}: {cause}"
        raise OutputFailedError(
            path, cause + (no_room if error.errno in _NO_ROOM else "")
        ) from error


def _other_than(path: Path, refused: object) -> str | None:
    """Name what the system refused, where that isn't what is written, a part or a parent of it."""
    if not isinstance(refused, str):  # a handle, or nothing
        return None
    try:
        target, other = path.absolute(), Path(refused).absolute()
    except OSError:  # the current folder is gone
        return None
    if target.is_relative_to(other):
        return None
    if other.is_relative_to(target.parent):
        name = other.relative_to(target.parent).parts[0]
        if name == target.name or name.startswith(
            f".{target.stem}"
        ):  # as what is partial is called
            return None
    return refused
