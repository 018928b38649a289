"""Move a photograph's file out of the inbox once the photograph is kept, and lose none on the way.

Whoever is killed in between finds at the next start a file in the inbox, in the archive, or the
same one in both; the last is taken out of the inbox then.
"""

import errno
import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from edge_runtime.errors import printable
from edge_runtime.photo.find import Stamp, stamp_of
from edge_runtime.station.arrivals import sha256_of
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.originals import content_of
from edge_runtime.station.trouble import Trouble, cause_of
from edge_runtime.system.files import make_folder, replacing, sync_folder

#: What became of a file: it is in the archive, it wasn't there, or it isn't the photograph.
Moved = Literal["moved", "gone", "other"]

REST = 10.0  # seconds for which a file must have been kept, lest somebody still writes into it

_AGAIN = 30.0  # seconds after which what couldn't be moved is tried again
_AT_ONCE = 0.5  # seconds of moving in one go: photographs that come meanwhile wait for it


class _NotRemovedError(OSError):
    """A file that is in the archive to its end, and can't be taken out of the inbox."""


@dataclass
class Archive:
    """A folder to which the files of photographs go, by their paths below the inbox.

    ``clock`` gives seconds, whatever a person does to the computer's time.
    """

    inbox: Path
    folder: Path
    store: CampStore
    clock: Callable[[], float] = time.monotonic
    _kept: dict[Path, tuple[Stamp, int, float]] = field(default_factory=dict)
    _failed: dict[Path, Trouble] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Go on with what was kept before the start."""
        for each in reversed(self.store.seen()):
            if each.photo is not None:
                self._kept[each.path] = each.stamp, each.photo, self.clock() - REST

    def keep(self, path: Path, stamp: Stamp, photo: int) -> None:
        """Say that a file is a photograph that is kept, or a copy of one."""
        self._kept[path] = stamp, photo, self.clock()

    def work(self) -> list[Path]:
        """Move some of what is due.

        Returns:
            The files of which nothing is known any more, whatever comes by their names: those that
            were moved, and those that are other ones by now.
        """
        begun = time.monotonic()
        forgotten: list[Path] = []
        if not self.inbox.is_dir():  # a card that is back soon
            return forgotten
        for path, (stamp, photo, since) in [*self._kept.items()]:
            if time.monotonic() - begun > _AT_ONCE:
                break
            if self.clock() - since < REST:
                continue
            try:
                became = move(
                    self.inbox, self.folder, path, stamp=stamp, sha256=content_of(self.store, photo)
                )
            except OSError as error:
                self._kept[path] = stamp, photo, self.clock() + _AGAIN - REST
                named = printable(path), *cause_of(error), printable(self.folder)
                is_kept = isinstance(error, _NotRemovedError)
                self._failed[path] = Trouble("kept" if is_kept else "stays", *named)
                continue
            del self._kept[path]
            self._failed.pop(path, None)
            if became != "gone":
                forgotten.append(path)
        return forgotten

    @property
    def trouble(self) -> Trouble | None:
        """Say why a file can't be moved, None where each can."""
        return next(iter([*self._failed.values()]), None)


def move(inbox: Path, folder: Path, path: Path, *, stamp: Stamp, sha256: str) -> Moved:
    """Move a file to a folder, by its path below the inbox, over no other file.

    Within one disk it is renamed; else it is copied, brought to the disk and read again before it
    is removed. One of the same content that is there already counts as it; one of another content
    stays, and this one gets a number behind its name. A link stays where it is.

    Args:
        inbox: The folder that it is in.
        folder: Where it goes.
        path: Below both.
        stamp: What it had when it was taken in; with another one it isn't moved.
        sha256: Its content's.

    Raises:
        OSError: It couldn't be moved; it is in the inbox still, and it may be in the folder too.
    """
    source = inbox / path
    if source.is_symlink() or not source.exists():
        return "gone"
    if stamp_of(source) != stamp or sha256_of(source, stamp.size_bytes) != sha256:
        return "other"
    target = folder / path
    make_folder(target.parent, mode=0o700)
    for place in _places(target):
        if _is_taken(place):
            if sha256_of(place, place.stat().st_size) != sha256:
                continue
            return _remove(source, stamp)
        try:
            return _rename(source, place, stamp)
        except OSError as error:
            if error.errno != errno.EXDEV:
                _give_back(place)
                raise
        return _copy(source, place, stamp, sha256)
    raise AssertionError  # there is always a further name


def _places(target: Path) -> Iterator[Path]:
    yield target
    for count in itertools.count(2):
        yield target.with_name(f"{target.stem} ({count}){target.suffix}")


def _is_taken(place: Path) -> bool:
    """Take a name that nobody has; an empty file of it holds nothing that could be lost."""
    try:
        os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        status = place.lstat()
        return bool(status.st_size) or not place.is_file() or place.is_symlink()
    return False


def _give_back(place: Path) -> None:
    if place.is_file() and not place.stat().st_size:
        place.unlink()


def _rename(source: Path, place: Path, stamp: Stamp) -> Moved:
    source.rename(place)
    if stamp_of(place) != stamp:  # rewritten in the last moment: it is to be taken in first
        if not source.exists():
            place.rename(source)
        return "other"
    sync_folder(place.parent)
    sync_folder(source.parent)
    return "moved"


def _copy(source: Path, place: Path, stamp: Stamp, sha256: str) -> Moved:
    try:
        with source.open("rb") as read, replacing(place, private=True) as written:
            shutil.copyfileobj(read, written)
        os.utime(place, ns=(stamp.modified_ns, stamp.modified_ns))
        if sha256_of(place, stamp.size_bytes) != sha256:
            raise OSError(errno.EIO, "the copy isn't what was copied", str(place))
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return _remove(source, stamp)


def _remove(source: Path, stamp: Stamp) -> Moved:
    """Remove what is in the archive by now, unless it was rewritten meanwhile."""
    if stamp_of(source) != stamp:
        return "other"
    try:
        source.unlink()
    except OSError as error:
        raise _NotRemovedError(error.errno, error.strerror, str(source)) from error
    sync_folder(source.parent)
    return "moved"
