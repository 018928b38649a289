"""Who sat before the camera when a file of the inbox was first seen, told by the call."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edge_runtime.photo.find import Stamp
from edge_runtime.station.calls import Calls

_TICK = 0.02  # seconds by which a file system's clock may be behind the computer's
_SOON = 2.0  # seconds between two looks, within which whoever sat there before the call counts


@dataclass(frozen=True)
class Sighting:
    """A file as it was seen: its stamp, what tells it from others whatever it is called, its time.

    ``identity`` are the numbers of its disk and on it, ``changed`` is when it last changed in any
    way, renamed included, in seconds since 1970.
    """

    stamp: Stamp
    identity: tuple[int, int]
    changed: float


def sighting_of(path: Path) -> Sighting | None:
    """Look at a file; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Sighting(
        Stamp(status.st_size, status.st_mtime_ns),
        (status.st_dev, status.st_ino),
        status.st_ctime,
    )


@dataclass
class FirstSeen:
    """The call that was in force when each file that isn't done was first seen.

    A file that grows was seen when it began, and one that is renamed, as what is copied often is at
    its end, by its name of before. One that is rewritten once it was done is seen anew. Where
    somebody was called between two looks at the inbox, the time at which a file that came between
    them changed tells who sat there, and it tells nothing else: cameras' clocks and copies lie.

    ``calls`` gives the calls, see there, ``clock`` seconds since 1970.
    """

    calls: Callable[[], Calls] = Calls
    clock: Callable[[], float] = time.time
    _marks: dict[Path, "_Known"] = field(default_factory=dict)
    _files: dict[tuple[int, int], int | None] = field(default_factory=dict)
    _before: tuple[Calls, float] | None = None

    def begin(self) -> "Look":
        """Begin a look at the inbox."""
        return Look(self._before, (self.calls(), self.clock()))

    def note(
        self, look: "Look", found: Mapping[Path, Sighting], passing: Mapping[Path, Sighting]
    ) -> None:
        """Keep what a look has found.

        Args:
            look: The look, ended.
            found: The photographs that aren't done, by their paths.
            passing: What is there by a hidden name, or one of files that are still being fetched.
        """
        marks: dict[Path, _Known] = {}
        files: dict[tuple[int, int], int | None] = {}
        for path, seen in found.items():
            known = self._marks.get(path)
            is_other = known is not None and known.identity != seen.identity
            if known is None or (is_other and seen.identity in self._files):  # perhaps renamed
                known = _Known({seen.stamp: self._files.get(seen.identity, look.who(seen))})
            elif seen.stamp.size_bytes < known.newest.size_bytes:  # it was begun anew
                known = _Known({seen.stamp: look.who(seen)})
            elif seen.stamp not in known.who:
                known.who[seen.stamp] = look.who(seen)
            known.identity = seen.identity
            marks[path], files[seen.identity] = known, known.first
        for seen in passing.values():
            files[seen.identity] = self._files.get(seen.identity, look.who(seen))
        self._marks, self._files, self._before = marks, files, look.begun

    def of(self, path: Path) -> int | None:
        """Say which call was in force when a file was first seen as what it is."""
        known = self._marks.get(path)
        return known.first if known else self.calls().now

    def finish(self, path: Path, stamp: Stamp) -> None:
        """Say that a file is done as it had this stamp; what it became meanwhile is another one."""
        known = self._marks.pop(path, None)
        if known and stamp in known.who:
            stamps = list(known.who)
            known.who = {each: known.who[each] for each in stamps[stamps.index(stamp) + 1 :]}
            if known.who:
                self._marks[path] = known


@dataclass
class _Known:
    """What a file was when it was looked at, and the call when it was first so, in order."""

    who: dict[Stamp, int | None]
    identity: tuple[int, int] = (0, 0)

    @property
    def first(self) -> int | None:
        return next(iter(self.who.values()))

    @property
    def newest(self) -> Stamp:
        return next(reversed(self.who))


@dataclass
class Look:
    """A look at an inbox: the calls when the one before it and this one began, and the moments.

    ``after`` are the calls when it ended.
    """

    before: tuple[Calls, float] | None
    begun: tuple[Calls, float]
    after: Calls = field(default_factory=Calls)
    ended: float = 0.0

    def end(self, calls: Calls, moment: float) -> None:
        """Say which calls there were when all was looked at."""
        self.after, self.ended = calls, moment

    def who(self, seen: Sighting) -> int | None:
        """Say which call was in force when a file came that was seen for the first time."""
        if self.before is None or not self.after.is_newer(self.before[0]):
            return self.after.now
        calls, since = self.before
        if since <= seen.changed + _TICK and seen.changed <= self.ended + _TICK:
            return self.after.at(seen.changed + _TICK, calls.now)
        return calls.now if self.ended - since < _SOON else self.after.now
