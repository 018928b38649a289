"""Find the photographs in an inbox that are there to their end.

A sweep of the folder is what counts: whatever tells of changes only hastens it, since on shares and
while nobody listened such news get lost.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern

from edge_runtime.photo.decode import most_bytes, why_unread
from edge_runtime.photo.find import Stamp, stamp_of
from edge_runtime.station.arrived import Arrived
from edge_runtime.station.dicom_files import DicomFiles
from edge_runtime.station.first_seen import FirstSeen, Sighting, sighting_of
from edge_runtime.station.inbox_files import files_in

#: Seconds for which a file must have been as it is before it is read.
SETTLED = 0.4

#: Seconds after which a file that still isn't whole is said to be broken. It is read again when it
#: changes.
GIVEN_UP = 30.0

_CHUNK = 1 << 20  # bytes


@dataclass
class _Watched:
    """A file that isn't done: what it was when it was last looked at, since when, and its tries.

    ``refused`` says why it couldn't be opened, as ``why_unread`` does; "" where it could.
    """

    stamp: Stamp
    since: float
    tries: int = 0
    refused: str = ""


@dataclass
class Arrivals:
    """What is known of an inbox: the files that are done, and those that are waited for.

    ``done`` are paths below the inbox, as text, which takes a third of the memory, with the packed
    stamps that their files had. ``clock`` gives seconds, whatever a person does to the computer's
    time. ``unread`` are the files that are no photographs, ``newest_unread`` the one that came last
    since the first look, and when, ``closed`` the folders into which nobody may look. ``dicom``
    knows which files are DICOM, ``first`` the call that was in force when each file was first seen,
    ``looked`` is when the inbox was last looked at, by ``clock``, and ``took`` how many seconds
    that took.

    One thread takes the files by ``sweep``; others may look meanwhile, so that what comes while it
    is at work is seen at once.
    """

    inbox: Path
    done: dict[str, int] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    first: FirstSeen = field(default_factory=FirstSeen)
    dicom: DicomFiles = field(default_factory=DicomFiles)
    unread: tuple[Path, ...] = ()
    closed: tuple[Path, ...] = ()
    newest_unread: tuple[Path, float] | None = None
    waiting: dict[Path, _Watched] = field(default_factory=dict)
    looked: float | None = None
    took: float = 0.0
    _looking: threading.Lock = field(default_factory=threading.Lock)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> None:
        """Look through the inbox, at names and stamps alone.

        Raises:
            OSError: The inbox itself can't be looked through.
        """
        with self._looking:
            look, unread, begun = self.first.begin(), list[Path](), time.monotonic()
            closed: list[Path] = []
            photos: dict[Path, Sighting] = {}
            passing: dict[Path, Sighting] = {}
            for path, kind in self.dicom.among(self.inbox, files_in(self.inbox)):
                if kind in ("other", "closed"):
                    (unread if kind == "other" else closed).append(path)
                elif (seen := sighting_of(self.inbox / path)) and not self._is_done(path, seen):
                    (photos if kind == "photo" else passing)[path] = seen
            look.end(self.first.calls(), self.first.clock())
            fresh, now = {*unread} - {*self.unread}, self.clock()
            if self.looked is not None and fresh:
                self.newest_unread = max(fresh), now
            self.unread, self.closed = tuple(unread), tuple(closed)
            with self._turn:
                found = {p: seen for p, seen in photos.items() if not self._is_done(p, seen)}
                waiting = {}
                for path, seen in found.items():
                    known = self.waiting.get(path)
                    unchanged = known is not None and known.stamp == seen.stamp
                    waiting[path] = known if known and unchanged else _Watched(seen.stamp, now)
                self.waiting = waiting  # at once: others look at it from their threads
                self.first.note(look, found, passing)
            self.looked, self.took = now, time.monotonic() - begun

    def _is_done(self, path: Path, seen: Sighting) -> bool:
        return self.done.get(str(path)) == seen.stamp.packed

    def sweep(self) -> Iterator[Arrived]:
        """Look through the inbox, and give the files that have settled, the first to come first.

        Who takes one says by ``finish`` that it is done; one that isn't is given once more when it
        changed, and at last after ``GIVEN_UP`` seconds.

        Raises:
            OSError: The inbox itself can't be looked through.
        """
        self.look()
        return self._settled(self.clock())

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
                sha256 = _sha256_of_photo(self.inbox / path, watched.stamp)
            except OSError as error:
                watched.tries -= 1  # locked, or gone: a later sweep finds out
                watched.refused = why_unread(error)
                continue
            watched.refused = ""
            with self._turn:
                is_watched, call = path in self.waiting, self.first.of(path)
            if is_watched and stamp_of(self.inbox / path) == watched.stamp:
                yield Arrived(path, watched.stamp, sha256, is_last, call)

    def finish(self, arrived: Arrived) -> None:
        """Say that a file is done as it is, or a photograph of it: then it is given once more."""
        with self._turn:
            self.done[intern(str(arrived.photo))] = arrived.stamp.packed  # as photographs have it
            if arrived.frame is not None:
                if arrived.path in self.waiting:
                    self.waiting[arrived.path].tries = 0
                return
            watched = self.waiting.get(arrived.path)
            if watched is not None and watched.stamp == arrived.stamp:
                del self.waiting[arrived.path]
            self.first.finish(arrived.path, arrived.stamp)

    def is_done(self, arrived: Arrived) -> bool:
        """Tell whether a file, or a photograph of it, is done as it is."""
        return self.done.get(str(arrived.photo)) == arrived.stamp.packed

    def forget(self, path: Path) -> None:
        """Say that what was done isn't there any more: whatever comes by its name is another."""
        with self._turn:
            self.done.pop(str(path), None)

    def again(self, arrived: Arrived) -> None:
        """Say that a file wasn't seen to, through no fault of its own: the next sweep gives it."""
        with self._turn:
            if arrived.path in self.waiting:
                self.waiting[arrived.path].tries = 0

    def still_coming(self) -> Collection[Path]:
        """Name the files that are waited for."""
        return tuple(self.waiting)

    def refused(self) -> dict[Path, str]:
        """Name those that couldn't be opened for ``GIVEN_UP`` seconds, and closed folders; say why.

        They are waited for however long that takes.
        """
        now = self.clock()
        return dict.fromkeys(self.closed, why_unread(PermissionError())) | {
            path: each.refused
            for path, each in self.waiting.copy().items()
            if each.refused and now - each.since >= GIVEN_UP
        }


def _sha256_of_photo(file: Path, stamp: Stamp) -> str:
    """Hash what may be a photograph; gigabytes would hold up all that come after them."""
    if stamp.size_bytes > most_bytes():
        return f"too large: {file}"
    return sha256_of(file, stamp.size_bytes)


def sha256_of(file: Path, size_bytes: int) -> str:
    """Hash a file; one that is empty isn't opened, as it may be a pipe that nobody writes to."""
    digest = hashlib.sha256()
    if size_bytes:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):  # it may be a film by a photograph's name
                digest.update(chunk)
    return digest.hexdigest()
