"""A person's visits: on which days they were here, and whether they may be somebody else now.

A visit is a day by the station's clock, or several of which somebody said that it goes on.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.results.people import is_date
from edge_runtime.station.by_dicom import is_of_dicom
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Told
from edge_runtime.station.events import AnotherCame, Event, PersonOpened
from edge_runtime.station.orders import is_of_order
from edge_runtime.station.spelling import same_number


@dataclass(frozen=True, slots=True)
class Visit:
    """The days of a visit, YYYY-MM-DD, the last one last, and its photographs as they came."""

    days: tuple[str, ...]
    photos: tuple[Told, ...]

    @property
    def day(self) -> str:
        """The last of its days."""
        return self.days[-1]


@dataclass(frozen=True)
class Return:
    """Somebody who is here on ``day`` and was ``before``, both YYYY-MM-DD.

    ``photos`` are the numbers of those that came on that day: none where they were only called.
    """

    day: str
    before: str
    photos: tuple[int, ...]


def visit_of(camp: Camp, person: int, day: str | None = None) -> Visit:
    """Give the visit of which a day is; None is the last one: where they are now, or were last.

    On a day on which they neither were photographed nor are at the camera it has no photographs.
    """
    photos = camp.of(person)
    if day is None:
        day = last_day(camp, person)
    if not camp.people[person].goes_on:
        own = tuple(each for each in photos if each.photo.arrived[:10] == day)
        return Visit((day,), own)
    return next((each for each in visits_of(camp, person) if day in each.days), Visit((day,), ()))


def visits_of(camp: Camp, person: int) -> list[Visit]:
    """List a person's visits in their order; of who was only called once there is that one."""
    last = reversed(_days(camp, person) or [camp.people[person].since[:10]])
    days = [*dict.fromkeys(last)][::-1]
    one = {day: {day} for day in days}
    for pair in camp.people[person].goes_on:
        both = one.get(pair[0], {pair[0]}) | one.get(pair[1], {pair[1]})
        one |= dict.fromkeys(both, both)
    visits: dict[frozenset[str], list[str]] = {}
    for day in reversed(days):
        visits.setdefault(frozenset(one[day]), []).append(day)
    photos = camp.of(person)
    return [
        Visit(
            tuple(reversed(found)),
            tuple(each for each in photos if each.photo.arrived[:10] in found),
        )
        for found in reversed(visits.values())
    ]


def known_day(camp: Camp, person: int, asked: str | None) -> str | None:
    """Give the day that is asked for where the person was there then, else None: the last."""
    days = {day for visit in visits_of(camp, person) for day in visit.days}
    return asked if asked in days else None


def return_of(camp: Camp, person: int) -> Return | None:
    """Say whether a person is here again, by their photographs and by being at the camera now.

    Camps number from 1 each day, so it may be somebody else.
    """
    photos, days = camp.of(person), _days(camp, person)
    if not days:
        return None
    day, since = days[-1], camp.people[person].since[:10]  # by their order, not by the clock
    before = [each for each in days if each != day] or ([since] if since < day else [])
    own = tuple(each.photo.number for each in photos if each.photo.arrived[:10] == day)
    return Return(day, before[-1], own) if before else None


def going_on(camp: Camp, person: int) -> Return | None:
    """Say who returned to a visit that may go on: there is something of it, and it isn't this one.

    Who was only called on the day before has nothing of it.
    """
    back = return_of(camp, person)
    if back is None or back.before in visit_of(camp, person).days:
        return None
    return back if known_day(camp, person, back.before) else None


def may_be_another(camp: Camp, person: int) -> Return | None:
    """Say who returned and may be somebody else than before: not who a list of that day has."""
    back = return_of(camp, person)
    orders = camp.people[person].orders
    is_listed = back is not None and any(each.time[:10] == back.day for each in orders)
    return None if is_listed else back


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

    What of files' names leads to a person leads to the other one then, but for folders of a day;
    so does what DICOM files tell of who is no patient of a worklist. A patient stays who they are.

    Args:
        camp: As it is.
        person: Who was here before.
        back: When, and what came since.
        new: The number that a new person would get.
    """
    given = camp.people[person].given_id
    is_patient = bool(camp.people[person].patient_id)

    def moves(key: tuple[str, ...]) -> bool:
        is_of_day = any(map(is_date, Path(key[0]).parts))
        is_of_list = is_of_order(key) or (is_patient and is_of_dicom(key))
        return not (is_of_day or is_of_list)

    keys = tuple(key for key, of in camp.keys.items() if camp.now_of(of) == person and moves(key))
    others = [
        other
        for other in numbered(camp, given)
        if other != person and last_day(camp, other) == back.day and not return_of(camp, other)
    ]
    if len(others) == 1:  # they were told apart before, and this came late
        return [AnotherCame(person, others[0], back.photos, keys)]
    return [PersonOpened(new, given), AnotherCame(person, new, back.photos, keys)]


def _days(camp: Camp, person: int) -> list[str]:
    """Give the days of their photographs and of being called now, in the order in which it was."""
    photos = camp.people[person].photos
    days = [camp.photos[each].arrived[:10] for each in photos]
    if camp.called == person:
        days.insert(bisect_right(photos, camp.called_after), camp.called_at[:10])
    return days
