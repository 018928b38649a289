"""What happened to a person of a camp, for programs."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from edge_runtime.errors import printable
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import AnotherCame, Event, PersonOpened
from edge_runtime.station.happened import Happened
from edge_runtime.station.referral import answers_undone


class HappenedAtCamp(Struct, frozen=True):
    """What happened, when and by whom, and whether it was undone since.

    Whether somebody went is undone with that they were told where to.
    """

    number: int
    at: str
    by: str
    undone: bool
    event: Event


def history_report(camp: Camp, happened: Iterable[Happened]) -> tuple[HappenedAtCamp, ...]:
    """Tell of a part of a camp's history, in its order."""
    told = [*happened]
    gone = camp.undone() | without_referral(camp, told)
    return tuple(
        HappenedAtCamp(each.number, each.at, each.by, each.number in gone, _plain(each.event))
        for each in told
    )


def without_referral(camp: Camp, happened: Iterable[Happened]) -> frozenset[int]:
    """Number what says whether somebody went where nothing tells them to any more."""
    whose = ((each, camp.now_of(getattr(each.event, "person", None) or 0)) for each in happened)
    return frozenset(
        each.number
        for each, person in whose
        if person is not None and answers_undone(camp.people[person].known_referrals, each.event)
    )


def _plain(event: Event) -> Event:
    """Write what files' names told so that it is UTF-8."""
    if isinstance(event, PersonOpened):
        return replace(event, key=tuple(map(printable, event.key)))
    if isinstance(event, AnotherCame):
        keys = tuple(tuple(map(printable, key)) for key in event.keys)
        return replace(event, keys=keys)
    return event
