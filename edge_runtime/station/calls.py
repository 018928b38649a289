"""Who sat before the camera at which moment, and who that person is now."""

import datetime
from dataclasses import dataclass

from edge_runtime.station.camp import Camp
from edge_runtime.station.events import AnotherCame, PeopleMerged, PersonCalled, Undone

_LAST = 200  # events that are looked back over: none is asked about that is older


@dataclass(frozen=True)
class Calls:
    """Who is called ``now``, None for nobody, and the last calls.

    ``log`` has the moment of each, in seconds since 1970 by this computer's clock, the last first.
    """

    now: int | None = None
    log: tuple[tuple[float, int | None], ...] = ()

    def at(self, moment: float) -> int | None:
        """Say who was called at a moment of late."""
        return next((person for since, person in self.log if since <= moment), self.now)


def calls_of(camp: Camp) -> Calls:
    """Read out of a camp's history who was called of late; whoever calls holds its lock."""
    log: list[tuple[float, int | None]] = []
    others: dict[int | None, tuple[float, int]] = {}
    gone: set[int] = set()
    for each in reversed(camp.history[-_LAST:]):
        if each.number in gone:
            continue
        match each.event:
            case Undone(event):
                gone.add(event)
            case AnotherCame(person, into):
                others[person] = _seconds(each.at), into
            case PersonCalled(called):
                if called in others:  # who sat there turned out to be another one
                    log.append(others[called])
                others.clear()
                log.append((_seconds(each.at), called))
    return Calls(camp.called, tuple(log))


def is_now(camp: Camp, person: int) -> int | None:
    """Say who a person is by now: themselves, or the one with whom they became one.

    Who was called by the number of somebody of an earlier day may have turned out to be another.

    Returns:
        None where that they came up was undone.
    """
    if person in camp.people:
        return _other_than(camp, person)
    gone = camp.undone()
    into = {
        each.event.person: each.event.into
        for each in camp.history
        if isinstance(each.event, PeopleMerged) and each.number not in gone
    }
    passed: set[int] = set()
    while person not in camp.people:
        if person in passed or person not in into:
            return None
        passed.add(person)
        person = into[person]
    return person


def _other_than(camp: Camp, person: int) -> int:
    """Name the other one whom a call of this person was about, else this person."""
    gone = camp.undone()
    for each in reversed(camp.history[-_LAST:]):
        match each.event:
            case AnotherCame(of, into) if of == person and into in camp.people:
                if each.number not in gone:
                    return into
            case PersonCalled(called) if called == person:
                break
    return person


def _seconds(at: str) -> float:
    return datetime.datetime.fromisoformat(at).timestamp()
