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

from edge_runtime.errors import FundusError, OutputFailedError
from edge_runtime.system.locks import LOCKS
from edge_runtime.system.partial import claim, partial_of

_PRIVATE, _USUAL = 0o600, 0o666  # of the latter the system takes away what the user's umask says
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
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

    Threads and processes that write one file do so one after the other.

    Args:
        path: As for ``write_file``.
        private: Likewise.
        sync: Likewise.

    Raises:
        OSError: It couldn't be written; what stood there still does.
    """
    partial = partial_of(path)
    mode = _PRIVATE if private else _USUAL
    handle = claim(partial, lambda: os.open(partial, _NEW, mode), _remove, wait=True)
    with os.fdopen(
        handle, "wb"
    ) as file:  # while it is open no other process takes it for abandoned
        try:
            yield file
            file.flush()
            if sync:
                os.fsync(file.fileno())
            if not LOCKS:
                file.close()
            partial.replace(path)
        except BaseException:
            if not LOCKS:
                file.close()
            _remove(partial)
            raise
    if sync:
        sync_folder(path.parent)


@contextmanager
def replacing_text(
    path: Path, *, errors: str = "strict", private: bool = False, sync: bool = True
) -> Iterator[TextIO]:
    """Give a UTF-8 stream likewise; line feeds are written as they are.

    Args:
        path: As for ``write_file``.
        errors: What becomes of characters that are no UTF-8, as for ``open``.
        private: As for ``write_file``.
        sync: Likewise.

    Raises:
        OSError: It couldn't be written; what stood there still does.
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
    _remove(partial)
    try:
        yield partial
        sync_file(partial)
        partial.replace(path)
    except BaseException:
        _remove(partial)
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
        raise OutputFailedError(
            path, cause + (no_room if error.errno in _NO_ROOM else "")
        ) from error


def _remove(partial: Path) -> None:
    partial.unlink(missing_ok=True)
