"""Ask a hospital's worklist in the background who is expected today, and keep its last answer."""

import datetime
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from edge_runtime.hospital.worklist import MOST, Scheduled
from edge_runtime.hospital.worklist_apart import Answer
from edge_runtime.station.moment import in_words, now
from edge_runtime.station.next_day import elapsed
from edge_runtime.station.patients import Patient, patients_of
from edge_runtime.system.codec import from_line, to_line
from edge_runtime.system.files import write_file

#: The last list's file in the data folder.
LIST = "station.expected"

#: Seconds from one asking to the next, and after one that failed: networks come back.
EVERY, AGAIN = 300.0, 60.0

_TICK = 5.0  # seconds between two looks at the clock
_LARGEST = 32 << 20  # bytes of the file


class DayList(Struct, frozen=True, dict=True):
    """Who is expected on a day, YYYY-MM-DD, as ``source`` said it at a moment, ISO 8601.

    ``is_cut_off`` says that there are more. Its ``dict`` keeps what was worked out of it.
    """

    day: str
    at: str
    source: str
    scheduled: tuple[Scheduled, ...]
    is_cut_off: bool = False

    @cached_property
    def patients(self) -> tuple[Patient, ...]:
        """Those who are expected, the first to come first."""
        return patients_of(self.scheduled)


@dataclass(frozen=True)
class Heard:
    """What is known at a moment: the day's list, None where there is none, and the last asking.

    ``trouble`` is a clause that says why that failed, "" where it didn't, and ``tried`` when it
    was. ``number`` tells one from another.
    """

    list: DayList | None = None
    trouble: str = ""
    tried: str = ""
    is_asking: bool = False
    number: int = 0

    @property
    def day(self) -> str:
        """Of which day the list is, "" where there is none."""
        return self.list.day if self.list else ""

    @property
    def patients(self) -> tuple[Patient, ...]:
        """Those who are expected, the first to come first."""
        return self.list.patients if self.list else ()


class Asked(Protocol):
    """Who asks: gives an answer within a bounded time, and can be ended."""

    def ask(self, day: datetime.date) -> Answer:
        """Ask for a day."""

    def end(self) -> None:
        """End it at once."""


class Asker:
    """Asks now and then, and when somebody wants it; ``heard`` is what came of it."""

    def __init__(
        self,
        folder: Path,
        asked: Asked,
        *,
        source: str,
        changed: Callable[[], None],
        clock: Callable[[], datetime.datetime] = now,
    ) -> None:
        """Begin with the list that was kept, if it is of today.

        Args:
            folder: The data folder.
            asked: Who is asked.
            source: What people call it.
            changed: Called in the asker's thread when there is something new.
            clock: Gives the moment.
        """
        self._file, self._asked, self._source = folder / LIST, asked, source
        self._changed, self._clock = changed, clock
        self._wake, self._is_ended = threading.Event(), False
        self._due = elapsed()
        self.heard = Heard(self._kept())

    def run(self) -> None:
        """Ask until ``end``."""
        while not self._is_ended:
            self.forget_yesterday()
            if self._wake.is_set() or elapsed() >= self._due:
                self._wake.clear()
                self.ask()
            self._wake.wait(max(0.0, min(_TICK, self._due - elapsed())))

    def ask_again(self) -> None:
        """Ask now."""
        self._wake.set()

    def end(self) -> None:
        """End ``run``, whatever the hospital does."""
        self._is_ended = True
        self._asked.end()
        self._wake.set()

    def ask(self) -> None:
        """Ask once, and keep what is answered."""
        self._tell(is_asking=True)
        moment = self._clock()
        answer = self._asked.ask(moment.date())
        if self._is_ended:
            return
        self._due = elapsed() + (AGAIN if answer.trouble else EVERY)
        tried = in_words(moment)
        if answer.trouble:
            self._tell(is_asking=False, trouble=answer.trouble, tried=tried)
            return
        day = moment.date().isoformat()
        own = tuple(each for each in answer.scheduled if each.time[:10] in ("", day))[:MOST]
        new = DayList(day, tried, self._source, own, answer.is_cut_off)
        with suppress(OSError):  # the disk is full, which who takes photographs in says
            write_file(self._file, to_line(new).encode("ascii"), private=True)
        self._tell(list=new, is_asking=False, trouble="", tried=tried)

    def forget_yesterday(self) -> None:
        """Throw a list away whose day is over."""
        known = self.heard.list
        if known is not None and known.day != self._clock().date().isoformat():
            forget(self._file.parent)
            self._due = elapsed()
            self._tell(list=None, trouble="", tried="")

    def _tell(self, **values: object) -> None:
        self.heard = replace(self.heard, number=self.heard.number + 1, **values)  # type: ignore[arg-type]
        self._changed()

    def _kept(self) -> DayList | None:
        """Read the list that was kept; one of another day, or that is damaged, is thrown away."""
        with suppress(OSError, ValueError):
            if self._file.stat().st_size <= _LARGEST:
                read = from_line(self._file.read_bytes(), DayList, named="a list")
                kept: DayList = read
                datetime.datetime.fromisoformat(kept.at)
                is_it = kept.source == self._source and len(kept.scheduled) <= MOST
                if is_it and kept.day == self._clock().date().isoformat():
                    return kept
        forget(self._file.parent)
        return None


def forget(folder: Path) -> None:
    """Throw away what is kept of a list, as where no worklist is asked any more."""
    with suppress(OSError):
        (folder / LIST).unlink(missing_ok=True)
