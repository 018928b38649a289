"""On which day somebody was here, and whether they may be somebody else of an earlier day."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.results.people import is_date
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import AnotherCame, Event, PersonOpened
from edge_runtime.station.spelling import same_number


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


def numbered(camp: Camp, given: str) -> list[int]:
    """List the people who are called by a number, however it is written; nobody is by none."""
    return [*camp.numbered.get(same_number(given), ())]


def another_than(camp: Camp, person: int, back: Return, *, new: int) -> list[Event]:
    """Say what happens where who is here again is somebody else than the person of before.

    What of files' names leads to a person leads to the other one then, but for folders of a day.

    Args:
        camp: As it is.
        person: Who was here before.
        back: When, and what came since.
        new: The number that a new person would get.
    """
    given = camp.people[person].given_id
    dated = {key for key in camp.keys if any(map(is_date, Path(key[0]).parts))}
    keys = tuple(
        key for key, of in camp.keys.items() if camp.now_of(of) == person and key not in dated
    )
    others = [
        other
        for other in numbered(camp, given)
        if other != person and last_day(camp, other) == back.day and not return_of(camp, other)
    ]
    if len(others) == 1:  # they were told apart before, and this came late
        return [AnotherCame(person, others[0], back.photos, keys)]
    return [PersonOpened(new, given), AnotherCame(person, new, back.photos, keys)]


def _days(camp: Camp, person: int) -> list[str]:
    days = [each.photo.arrived[:10] for each in camp.of(person)]
    return [*days, camp.called_at[:10]] if camp.called == person else days
