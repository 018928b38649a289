"""On which day somebody was here, and whether they may be somebody else of an earlier day."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.results.people import is_date
from edge_runtime.station.camp import Camp


@dataclass(frozen=True)
class Return:
    """Somebody who is here on ``day`` and was ``before``, both YYYY-MM-DD.

    ``photos`` are the numbers of those that came on that day: none where they were only called.
    """

    day: str
    before: str
    photos: tuple[int, ...]


def return_of(camp: Camp, person: int) -> Return | None:
    """Say whether a person is here again, by their photographs and by being at the camera now.

    Camps number from 1 each day, so it may be somebody else.
    """
    photos, days = camp.of(person), _days(camp, person)
    if not days:
        return None
    day, since = days[-1], camp.people[person].since[:10]
    before = [each for each in days if each != day] or ([since] if since < day else [])
    own = tuple(each.photo.number for each in photos if each.photo.arrived[:10] == day)
    return Return(day, before[-1], own) if before else None


def last_day(camp: Camp, person: int) -> str:
    """Name the last day on which a person was here, YYYY-MM-DD."""
    return (_days(camp, person) or [camp.people[person].since[:10]])[-1]


def of_last_day(camp: Camp, people: Iterable[int]) -> list[int]:
    """Leave out of several people who was here on an earlier day than another one of them."""
    days = {person: last_day(camp, person) for person in people}
    return [person for person, day in days.items() if day == max(days.values())]


def keys_of(camp: Camp, person: int) -> tuple[tuple[str, ...], ...]:
    """List what of files' names leads to a person on whichever day: in no folder of a day."""
    return tuple(
        key
        for key, of in camp.keys.items()
        if of == person and not any(map(is_date, Path(key[0]).parts))
    )


def _days(camp: Camp, person: int) -> list[str]:
    days = [each.photo.arrived[:10] for each in camp.of(person)]
    return [*days, camp.called_at[:10]] if camp.called == person else days
