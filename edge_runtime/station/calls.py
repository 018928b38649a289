"""Which call was in force at which moment, and whom it was about."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge_runtime.station.camp import Camp
from edge_runtime.station.events import AnotherCame, Event, PersonCalled, Undone
from edge_runtime.station.happened import Happened

_LAST = 200  # events that are looked back over: none is asked about that is older


@dataclass(frozen=True)
class Calls:
    """The call that is in force ``now``, None where nobody was called yet, and those of late.

    Calls are told from each other by the numbers of their events: one person may be called twice,
    and a call be undone. ``log`` has the moment from which each was in force, in seconds since 1970
    by this computer's clock, the last first; those that were undone later are in it too, as who
    sat there then was none of the others.
    """

    now: int | None = None
    log: tuple[tuple[float, int | None], ...] = ()

    def at(self, moment: float, before: int | None) -> int | None:
        """Say which call was in force at a moment of late; ``before`` is the one before all."""
        return next((call for since, call in self.log if since <= moment), before)

    def is_newer(self, than: "Calls") -> bool:
        """Tell whether anybody was called since, or a call undone."""
        return (self.now, self.log[:1]) != (than.now, than.log[:1])


def calls_of(camp: Camp) -> Calls:
    """Read the calls of late out of a camp's history; whoever calls holds its lock."""
    late = camp.history[-_LAST:]
    events = {each.number: each.event for each in late}
    log = [
        (datetime.datetime.fromisoformat(each.at).timestamp(), _in_force(late[: index + 1]))
        for index, each in enumerate(late)
        if _is_about_a_call(each.number, events)
    ]
    return Calls(camp.call, tuple(reversed(log)))


def called_by(camp: Camp, call: int | None) -> int | None:
    """Say whom a call was about, by the number that they had then, though they were merged since.

    Who was called by the number of somebody of an earlier day may have turned out to be another.

    Returns:
        None where it was undone, or about nobody: what came then is of none who was called before.
    """
    if call is None or call in camp.undone():
        return None
    gone, others = camp.undone(), dict[int, int]()
    for each in reversed(camp.history):
        match each.event:
            case AnotherCame(person, into) if each.number not in gone:
                others[person] = into
            case PersonCalled(int(person)) if each.number == call:
                person = others.get(person, person)
                return person if camp.now_of(person) is not None else None
            case PersonCalled(int(person)):
                others.pop(person, None)  # it was about a later call of theirs
    return None


def _is_about_a_call(number: int, events: Mapping[int, Event]) -> bool:
    match events.get(number):
        case PersonCalled():
            return True
        case Undone(event) if event < number:
            return _is_about_a_call(event, events)
    return False


def _in_force(late: Sequence[Happened]) -> int | None:
    """Say which call was in force after events, as nobody knew then what was undone later."""
    gone: set[int] = set()
    for each in reversed(late):
        match each.event:
            case Undone(event) if each.number not in gone:
                gone.add(event)
            case PersonCalled() if each.number not in gone:
                return each.number
    return None
