"""Make a folder whole or not at all, and tell before the work whether it can be made."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edge_runtime.errors import OutputExistsError, OutputFailedError, printable
from edge_runtime.system.files import one_sentence, sync_file, sync_folder
from edge_runtime.system.partial import claimed, clear_abandoned, partial_of, remove

_PRIVATE, _USUAL = 0o700, 0o777  # of the latter the system takes away what the user's umask says
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


def check_absent(path: Path, *, outside: Path | None = None) -> None:
    """Refuse a place where something stands, before any work is done.

    Args:
        path: The place.
        outside: A dataset that must not have the place in it, as what is written there would be
            taken for its photos.

    Raises:
        OutputExistsError: There is something at ``path``.
        OutputFailedError: It stands in the dataset.
    """
    if os.path.lexists(path):
        raise OutputExistsError(path, "choose another folder")
    if outside is not None and path.resolve().is_relative_to(outside.resolve()):
        raise OutputFailedError(path, "it is inside of the dataset; choose another place")


def check_writable(path: Path) -> None:
    """Try to make a sibling of a folder, as its writer will; nothing is left of it.

    Parents that are missing are no obstacle: the writer makes them, in the first one that is there.

    Args:
        path: The folder that shall be made or replaced.

    Raises:
        OutputExistsError: A link that leads nowhere stands there.
        OutputFailedError: It can't be written, and why.
    """
    with one_sentence(path):
        if path.is_symlink() and not path.exists():
            raise OutputExistsError(path, "it is a link that leads nowhere, so choose another")
        place = path.absolute().parent
        while not place.exists():
            if place.is_symlink():
                raise OutputFailedError(path, f"{printable(place)} is a link that leads nowhere")
            place = place.parent
        sibling = place / partial_of(path).name
        try:
            sibling.mkdir()
        except NotADirectoryError as error:
            raise OutputFailedError(path, f"{printable(place)} is not a folder") from error
        except FileExistsError:  # its writer is at work, or was killed: it could make one
            return
        with suppress(FileNotFoundError):  # a writer took it for a killed one's
            sibling.rmdir()


@contextmanager
def new_folder(
    path: Path,
    *,
    replace: bool = False,
    private: bool = False,
    sync: bool = True,
    no_room: str = "",
) -> Iterator[Path]:
    """Give a temporary sibling to fill, which takes its place at the end of the block.

    A folder that is replaced stands there until the new one does: on Linux they change places in
    one step. Elsewhere, and on file systems that can't, a process that is killed between two
    renames leaves the old one beside it, as ``.<name>.old``.

    Args:
        path: Where it shall stand; parents that are missing are made.
        replace: Replace what stands there.
        private: Whether only its owner may enter it.
        sync: Whether to wait until all of it would outlive a loss of power.
        no_room: What to say behind the cause where the disk is full.

    Raises:
        OutputExistsError: There is something at ``path``, and it isn't to be replaced.
        OutputFailedError: It can't be written there, or another process is doing so; what stood
            there still does.
    """
    if not replace:
        check_absent(path)
    with one_sentence(path, no_room=no_room):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial, mode = partial_of(path), _PRIVATE if private else _USUAL
        with claimed(partial, lambda: partial.mkdir(mode), wait=False):
            yield partial
            if sync:
                _sync_tree(partial)
            if not replace:
                check_absent(path)  # still
            _put(partial, path)
        if sync:
            sync_folder(path.parent)
        clear_abandoned(partial)  # what was replaced


def _put(partial: Path, path: Path) -> None:
    """Rename the sibling; an old folder has its name afterwards."""
    if not os.path.lexists(path):
        partial.rename(path)
    elif not _exchange(partial, path):
        retired = path.with_name(f".{path.name}.old")
        remove(retired)
        path.rename(retired)
        try:
            partial.rename(path)
        except BaseException:
            retired.rename(path)
            raise
        remove(retired)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; tell whether that could be done."""
    import ctypes  # noqa: PLC0415 - few folders are replaced

    with suppress(AttributeError, OSError, TypeError):  # Linux alone has this function
        names = os.fsencode(one), os.fsencode(other)
        rename = ctypes.CDLL(None).renameat2
        return bool(rename(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0)
    return False


def _sync_disk(folder: Path) -> bool:
    """Bring all of a folder's file system to the disk; tell whether that could be done.

    To wait for each of thousands of files takes minutes on a memory card.
    """
    import ctypes  # noqa: PLC0415 - few folders are made

    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(AttributeError, OSError, TypeError):  # Linux alone has this function
            return bool(ctypes.CDLL(None).syncfs(handle) == 0)
    finally:
        os.close(handle)
    return False


def _sync_tree(folder: Path) -> None:
    """Bring every file to the disk, and then each folder: at once where the system can."""
    if _sync_disk(folder):
        return
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            if not Path(place, name).is_symlink():
                sync_file(Path(place, name))
        sync_folder(Path(place))
