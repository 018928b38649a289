"""The days of a camp in their order; a date that comes again is another day.

So it is where the clock was set back, and where it stood still while the computer was off.
"""

import datetime
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from sys import intern

from edge_runtime.station.camp_photo import CampPhoto
from edge_runtime.station.events import (
    ComputerStarted,
    OperatorAtCamera,
    PersonCalled,
    PersonExpected,
    PersonOpened,
    PhotoAssigned,
    Undone,
)
from edge_runtime.station.happened import Happened

#: By so much a clock may be set without a word.
BY_LITTLE = datetime.timedelta(minutes=5)

#: What happens by itself, or may.
_BY_ITSELF = PersonOpened | PersonExpected | PhotoAssigned | ComputerStarted


@dataclass
class CampDays:
    """What the order of a history tells of its days.

    A day is its date, YYYY-MM-DD, and where that came again that and how often: 2024-05-17.2.
    ``photos``, ``people`` and ``calls`` tell on which day each photograph first was somebody's,
    each person came up, and somebody was called by the event of a number; ``called`` whom that was
    about, and ``under`` in force of which call each photograph came: None where nobody was called,
    or the call was undone. ``places`` are the days in their order, each with the number of its
    first event. ``started`` is when the computer was started, as long as nobody has done anything
    since, else "". What is undone stays here: its day was one all the same.
    """

    photos: dict[int, str] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)
    calls: dict[int, str] = field(default_factory=dict)
    called: dict[int, int] = field(default_factory=dict)
    under: dict[int, int | None] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    started: str = ""
    _turns: dict[str, int] = field(default_factory=dict)  # how often each date came
    _last: str = ""  # when something happened last
    _call: int | None = None  # the one in force

    def learn(self, happened: Happened, photos: dict[int, CampPhoto]) -> None:
        """Learn what happened next, and on which day it was."""
        event, date = happened.event, happened.at[:10]
        if isinstance(event, ComputerStarted) or self._is_another(happened.at):
            self._turns[date] = self._turns.get(date, 0) + 1
            self.places[self._day(date)] = happened.number
        self._last = happened.at
        match event:
            case PersonOpened(person):
                self.people.setdefault(person, self._day(date))
            case PhotoAssigned(photo) if photo in photos:
                self.photos.setdefault(photo, self._day(photos[photo].arrived[:10]))
                self.under.setdefault(photo, self._call)
            case PersonCalled(person):
                self._call = None if person is None else happened.number
                if person is not None:
                    self.calls[happened.number] = self._day(date)
                    self.called[happened.number] = person
            case Undone(number) if number == self._call:
                self._call = None
        if isinstance(event, ComputerStarted):
            self.started = happened.at
        elif not isinstance(event, _BY_ITSELF) and event not in _NOBODY:
            self.started = ""

    def of(self, photos: Iterable[int], call: int | None) -> set[str]:
        """Name the days of photographs and of a call, if there is one."""
        called = set() if call is None else {self.calls[call]}
        return called | {self.photos[each] for each in photos}

    def is_later(self, call: int, photos: Iterable[int]) -> bool:
        """Tell whether somebody was called after photographs came, and on none of their days."""
        known = [each for each in photos if each in self.photos]
        return bool(known) and all(
            (self.under[each] or 0) < call and self.photos[each] != self.calls[call]
            for each in known
        )

    def day_of(self, number: int) -> str:
        """Name the day on which an event was, by its number."""
        begun = [*self.places.values()]
        return [*self.places][max(0, bisect_right(begun, number) - 1)]

    def came_again(self, date: str) -> bool:
        """Tell whether a date, YYYY-MM-DD, came more than once."""
        return f"{date}.2" in self.places

    def is_before(self, one: str, other: str) -> bool:
        """Tell whether a day was before another one."""
        if one in self.places and other in self.places:
            return self.places[one] < self.places[other]
        return one < other

    def __copy__(self) -> "CampDays":
        """Copy it, so that what it learns from now on isn't in the copy."""
        return CampDays(*(copy(getattr(self, each.name)) for each in fields(self)))

    def _is_another(self, at: str) -> bool:
        read = datetime.datetime.fromisoformat
        return at[:10] != self._last[:10] or read(at) < read(self._last) - BY_LITTLE

    def _day(self, date: str) -> str:
        """Name the day that a date is now; thousands of photographs share the string."""
        turn = self._turns.get(date, 1)
        return intern(date if turn == 1 else f"{date}.{turn}")


_NOBODY = PersonCalled(None), OperatorAtCamera("")


def date_of(day: str) -> str:
    """Give the date of a day."""
    return day[:10]


def day_in_words(day: str) -> str:
    """Write a day as people read it: its date, and which time it was if it came again."""
    date, _, turn = day.partition(".")
    return f"{date} ({turn})" if turn else date


def turn_of(day: str) -> int:
    """Say which time it was that the date of a day came, from 1."""
    return int(day.partition(".")[2] or 1)


def key_of_day(day: str, others: Sequence[str]) -> str:
    """Give what leads to a day among others, as ``named_day`` finds it."""
    is_first = day == date_of(day) and any(date_of(each) == day != each for each in others)
    return f"{day}.1" if is_first else day


def named_day(key: str, days: Sequence[str]) -> str | None:
    """Find the day of several that a key leads to: a date leads to the last day that has it."""
    if key == date_of(key):
        return next((each for each in reversed(days) if date_of(each) == key), None)
    day = key.removesuffix(".1")
    return day if day in days else None
