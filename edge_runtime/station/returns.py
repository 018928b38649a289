"""On which days a person is here again, and whether somebody was asked who that is.

Camps number from 1 each day, so it may be somebody else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from edge_runtime.station.camp_days import CampDays
from edge_runtime.station.camp_facts import Person
from edge_runtime.station.events import again_key


@dataclass(frozen=True)
class Return:
    """Somebody who is here on ``day`` and was ``before``, both as ``CampDays`` has days.

    ``photos`` are the numbers of those that came on that day: none where they were only called.
    """

    day: str
    before: str
    photos: tuple[int, ...]


def days_here(person: Person, days: CampDays, call: int | None) -> list[str]:
    """List the days on which a person was here, each once, in the order in which it was.

    Once a photograph came by a call its day counts, and not that of the call before midnight.

    Args:
        person: Who.
        days: The camp's.
        call: By which they are at the camera now; None for who isn't.
    """
    found = [days.photos[each] for each in person.photos]
    if call is not None and not any((days.under[each] or 0) >= call for each in person.photos):
        found.append(days.calls[call])
    return [*dict.fromkeys(reversed(found))][::-1]


def returns(person: Person, days: CampDays, call: int | None) -> list[Return]:
    """List when a person was here again, day by day; arguments as of ``days_here``.

    Who came up on an earlier day and was only called then is here again, but for whom a photograph
    came by the very call of then: whoever was called before midnight never went away.
    """
    here, since = days_here(person, days, call), days.people[person.number]
    if here and days.is_before(since, here[0]) and not _stayed(person, days):
        here.insert(0, since)
    return [
        Return(day, before, tuple(each for each in person.photos if days.photos[each] == day))
        for before, day in pairwise(here)
    ]


def told_by_merger(
    two: Sequence[tuple[Person, int | None]], days: CampDays, answered: Collection[str]
) -> set[str]:
    """Name the days of two persons of whom somebody said that they are one.

    That says who was there on each of them, but for the days on which one of the two was here again
    and nobody has answered yet whether that was the same person: it is still to be asked.

    Args:
        two: As they were, each with the call by which they are at the camera now.
        days: The camp's.
        answered: The hints that somebody answered.
    """
    is_open = {
        back.day
        for person, call in two
        for back in returns(person, days, call)
        if again_key(person.number, back.day) not in answered
    }
    return {days.photos[photo] for person, _ in two for photo in person.photos} - is_open


def _stayed(person: Person, days: CampDays) -> bool:
    """Tell whether the first photograph came by a call of the day on which the person came up."""
    call = days.under[person.photos[0]] if person.photos else None
    is_own = call is not None and days.called[call] == person.number
    return is_own and days.calls[call or 0] == days.people[person.number]
