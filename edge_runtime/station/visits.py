"""A person's visits: on which days they were here, and whether they may be somebody else now.

A visit is a day by the station's clock, or several of which somebody said that it goes on. Days
are as ``CampDays`` tells them apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import date_of, key_of_day, named_day
from edge_runtime.station.camp_facts import Told
from edge_runtime.station.events import again_key
from edge_runtime.station.returns import Return, days_here, returns
from edge_runtime.station.spelling import same_number


@dataclass(frozen=True, slots=True)
class Visit:
    """The days of a visit as ``CampDays`` has them, the last one last, and its photographs.

    ``key`` leads to it, as ``visit_of`` takes it.
    """

    turns: tuple[str, ...]
    photos: tuple[Told, ...]
    key: str

    @property
    def days(self) -> tuple[str, ...]:
        """Their dates, YYYY-MM-DD."""
        return tuple(dict.fromkeys(map(date_of, self.turns)))

    @property
    def day(self) -> str:
        """The date of the last one."""
        return date_of(self.turns[-1])


def visit_of(camp: Camp, person: int, day: str | None = None) -> Visit:
    """Give the visit of which a day is; None is the last one: where they are now, or were last.

    A date leads to the last visit that has it, and a visit's key to that one. On a day on which
    they neither were photographed nor are at the camera it has no photographs.
    """
    days = _days(camp, person)
    found = last_day(camp, person) if day is None else named_day(day, days)
    if found is None:
        return Visit((day or "",), (), day or "")
    if not camp.people[person].goes_on:
        return Visit((found,), _of_days(camp, person, (found,)), key_of_day(found, days))
    empty = Visit((found,), (), found)
    return next((each for each in visits_of(camp, person) if found in each.turns), empty)


def visits_of(camp: Camp, person: int) -> list[Visit]:
    """List a person's visits in their order; of who was only called once there is that one."""
    days = _days(camp, person) or [camp.days.people[person]]
    one = {day: {day} for day in days}
    for pair in camp.people[person].goes_on:
        both = one.get(pair[0], {pair[0]}) | one.get(pair[1], {pair[1]})
        one |= dict.fromkeys(both, both)
    visits: dict[frozenset[str], list[str]] = {}
    for day in reversed(days):
        visits.setdefault(frozenset(one[day]), []).append(day)
    return [
        Visit((*reversed(own),), _of_days(camp, person, own), key_of_day(own[0], days))
        for own in reversed(visits.values())
    ]


def visits_on(camp: Camp, person: int, day: str) -> list[Visit]:
    """List the visits of which a day is, in their order.

    A date leads to all that have it, where it came again, and a visit's key to that one. Where they
    weren't here then it is a visit without photographs, as ``visit_of`` gives it.
    """
    found = [each for each in visits_of(camp, person) if day == date_of(day) in each.days]
    here = _days(camp, person) or [camp.days.people[person]]
    is_there = any(each in here for visit in found for each in visit.turns)
    return found if is_there else [visit_of(camp, person, day)]


def known_day(camp: Camp, person: int, asked: str | None) -> str | None:
    """Give the day that is asked for where the person was there then, else None: the last."""
    days = _days(camp, person) or [camp.days.people[person]]
    return asked if asked is not None and named_day(asked, days) else None


def returns_of(camp: Camp, person: int) -> list[Return]:
    """List when a person was here again, by their photographs and by being at the camera now.

    Camps number from 1 each day, so each time it may be somebody else.
    """
    return returns(camp.people[person], camp.days, camp.call_of(person))


def return_of(camp: Camp, person: int, key: str | None = None) -> Return | None:
    """Give the return that a hint's key names; None is that of their last day."""
    found = returns_of(camp, person)[::-1]
    if key is None:
        last = last_day(camp, person)
        return next((each for each in found if each.day == last), None)
    return next((each for each in found if again_key(person, each.day) == key), None)


def is_apart(camp: Camp, person: int, back: Return) -> bool:
    """Tell whether the visit of before may go on: there is something of it, and it isn't this one.

    Who was only called on the day before has nothing of it.
    """
    both = {back.before, back.day}
    is_one = any(both <= {*each.turns} for each in visits_of(camp, person))
    return not is_one and back.before in _days(camp, person)


def going_on(camp: Camp, person: int) -> Return | None:
    """Say who returned on their last day to a visit that may go on, as ``is_apart`` has it."""
    back = return_of(camp, person)
    return back if back is not None and is_apart(camp, person, back) else None


def may_be_another(camp: Camp, person: int, back: Return) -> bool:
    """Tell whether who returned may be somebody else than before: not who a list of that day has.

    Where the date came again the list may be of the first time.
    """
    return all(each.time[:10] != back.day for each in camp.people[person].orders)


def by_camera_before(camp: Camp, person: int, back: Return) -> bool:
    """Tell whether the camera dates all that came now to the day before, as a card that came late.

    It counts where the camera's clock had that date on the day itself too: one that stands still or
    is a day behind tells nothing.
    """
    before = [each for each in camp.people[person].photos if camp.days.photos[each] == back.before]
    taken = {(camp.photos[each].taken or "")[:10] for each in (*before, *back.photos)}
    return bool(before and back.photos) and taken == {date_of(back.before)}


def last_day(camp: Camp, person: int) -> str:
    """Name the last day on which a person was here, as ``CampDays`` has it."""
    return (_days(camp, person) or [camp.days.people[person]])[-1]


def of_last_day(camp: Camp, people: Iterable[int]) -> list[int]:
    """Leave out of several people who was here on an earlier day than another one of them."""
    days = {person: last_day(camp, person) for person in people}
    last = max(days.values(), key=lambda day: (camp.days.places.get(day, -1), day), default="")
    return [person for person, day in days.items() if day == last]


def numbered(camp: Camp, given: str) -> list[int]:
    """List the people who are called by a number, however it is written; nobody is by none."""
    return [*camp.numbered.get(same_number(given), ())]


def _days(camp: Camp, person: int) -> list[str]:
    """Give the days of their photographs and of being called now, in the order in which it was."""
    return days_here(camp.people[person], camp.days, camp.call_of(person))


def _of_days(camp: Camp, person: int, days: Sequence[str]) -> tuple[Told, ...]:
    own = camp.days.photos
    return tuple(told for told in camp.of(person) if own[told.photo.number] in days)
