"""Find the photographs in an inbox that are there to their end.

A sweep of the folder is what counts: whatever tells of changes only hastens it, since on shares and
while nobody listened such news get lost.
"""

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from edge_runtime.photo.beside import BESIDE, is_clutter
from edge_runtime.photo.find import PHOTO_SUFFIXES, PICTURES, RESULTS_JSONL, STORE, Stamp, stamp_of
from edge_runtime.station.camp_form import CAMP_PICTURES, FORM

#: Seconds for which a file must have been as it is before it is read.
SETTLED = 0.4

#: Seconds after which a file that still isn't whole is said to be broken. It is read again when it
#: changes.
GIVEN_UP = 30.0

_PARTIAL = (".part", ".partial", ".tmp", ".crdownload", ".filepart")

#: A folder with one of these files is a run's or a camp's: the pictures that it made aren't photos.
_MADE, _MADE_PICTURES = {STORE, RESULTS_JSONL, FORM.file}, {*PICTURES, CAMP_PICTURES}

_CHUNK = 1 << 20  # bytes


@dataclass(frozen=True)
class Arrived:
    """A file that has been as it is for a while: its path below the inbox, its stamp, its SHA-256.

    ``is_last_try`` says that it has been so for so long that what can't be read of it won't come.
    """

    path: Path
    stamp: Stamp
    sha256: str
    is_last_try: bool


@dataclass
class _Watched:
    """A file that isn't done: what it was when it was last looked at, since when, and its tries."""

    stamp: Stamp
    since: float
    tries: int = 0


@dataclass
class Arrivals:
    """What is known of an inbox: the files that are done, and those that are waited for.

    ``done`` are paths below the inbox with the stamps that their files had. ``clock`` gives
    seconds, whatever a person does to the computer's time.
    """

    inbox: Path
    done: dict[Path, Stamp] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    unread: tuple[Path, ...] = ()
    waiting: dict[Path, _Watched] = field(default_factory=dict)

    def sweep(self) -> Iterator[Arrived]:
        """Look through the inbox, and give the files that have settled, the first to come first.

        Who takes one says by ``finish`` that it is done; one that isn't is given once more when it
        changed, and at last after ``GIVEN_UP`` seconds.

        Raises:
            OSError: The inbox itself can't be looked through.
        """
        found, unread = {}, []
        for path, is_photo in _files(self.inbox):
            if not is_photo:
                unread.append(path)
            elif (stamp := stamp_of(self.inbox / path)) and self.done.get(path) != stamp:
                found[path] = stamp
        self.unread = tuple(unread)
        now = self.clock()
        waiting = {}
        for path, stamp in found.items():
            known = self.waiting.get(path)
            unchanged = known is not None and known.stamp == stamp
            waiting[path] = known if known and unchanged else _Watched(stamp, now)
        self.waiting = waiting  # at once: others look at it from their threads
        return self._settled(now)

    def _settled(self, now: float) -> Iterator[Arrived]:
        order = sorted(self.waiting.items(), key=lambda each: (each[1].since, each[1].stamp[1]))
        for path, watched in order:
            still, is_last = now - watched.since, now - watched.since >= GIVEN_UP
            due = watched.tries == 0 and still >= SETTLED
            if not (due or (is_last and watched.tries < 2)) or (
                watched.stamp.size_bytes == 0 and not is_last
            ):
                continue
            watched.tries += 1
            try:
                sha256 = _sha256(self.inbox / path, watched.stamp.size_bytes)
            except OSError:
                watched.tries -= 1  # locked, or gone: a later sweep finds out
                continue
            if stamp_of(self.inbox / path) == watched.stamp:
                yield Arrived(path, watched.stamp, sha256, is_last)

    def finish(self, arrived: Arrived) -> None:
        """Say that a file is done as it is."""
        self.done[arrived.path] = arrived.stamp
        self.waiting.pop(arrived.path, None)

    def again(self, arrived: Arrived) -> None:
        """Say that a file wasn't seen to, through no fault of its own: the next sweep gives it."""
        if arrived.path in self.waiting:
            self.waiting[arrived.path].tries = 0

    def still_coming(self) -> Collection[Path]:
        """Name the files that are waited for."""
        return tuple(self.waiting)


def _sha256(file: Path, size_bytes: int) -> str:
    """Hash a file; one that is empty isn't opened, as it may be a pipe that nobody writes to."""
    digest = hashlib.sha256()
    if size_bytes:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):  # it may be a film by a photograph's name
                digest.update(chunk)
    return digest.hexdigest()


def _files(inbox: Path) -> Iterator[tuple[Path, bool]]:
    """List the files below a folder, and whether each has a photograph's ending.

    What is hidden, put there by a system or still being fetched is passed over, and texts and
    tables are. Folders that aren't searched are listed as files without a photograph's ending:
    those that are closed, links, and what a run or a camp has made.
    """
    closed: list[Path] = []

    def fail(error: OSError) -> None:
        if Path(error.filename) == inbox:
            raise error
        if not isinstance(error, FileNotFoundError):
            closed.append(Path(error.filename).relative_to(inbox))

    for name, folders, files in os.walk(inbox, onerror=fail):
        below = Path(name).relative_to(inbox)
        folders[:] = sorted(each for each in folders if not is_clutter(each))
        if not _MADE.isdisjoint(files):
            if below.name:
                yield below, False
                folders.clear()
                continue
            folders[:] = (each for each in folders if each not in _MADE_PICTURES)
        for folder in folders:
            if Path(name, folder).is_symlink():
                yield below / folder, False
        for file in files:
            ending = Path(file).suffix.lower()
            if file in _MADE or is_clutter(file) or ending in BESIDE or ending in _PARTIAL:
                continue
            yield below / file, ending in PHOTO_SUFFIXES
    yield from ((each, False) for each in closed)
