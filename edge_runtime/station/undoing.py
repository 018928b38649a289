"""Which events of a camp's history don't count any more, as they were undone."""

from collections.abc import Sequence

from edge_runtime.station.camp_facts import Happened
from edge_runtime.station.events import PersonOpened, PhotoAssigned, Undone


def undone_in(history: Sequence[Happened]) -> set[int]:
    """Name the events that don't count; ``Camp.undone`` says what stays though it was undone."""
    gone: set[int] = set()
    for each in reversed(history):
        match each.event:
            case Undone(event) if each.number not in gone and event < each.number:
                gone.add(event)
    first = first_given(history)
    needed = {
        each.event.person
        for each in history
        if isinstance(each.event, PhotoAssigned) and each.number in first
    }
    return (gone - first) - {
        each.number
        for each in history
        if isinstance(each.event, PersonOpened) and each.event.person in needed
    }


def first_given(history: Sequence[Happened]) -> set[int]:
    """Name the events by which photographs were first of somebody: those can't be undone."""
    first: dict[int, int] = {}
    for each in history:
        if isinstance(each.event, PhotoAssigned):
            first.setdefault(each.event.photo, each.number)
    return set(first.values())
