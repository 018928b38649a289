"""Which events of a camp's history don't count any more, as they were undone."""

from collections.abc import Collection, Sequence
from itertools import islice
from typing import NamedTuple

from edge_runtime.station.events import Event, PersonOpened, PhotoAssigned, Undone
from edge_runtime.station.happened import Happened


class Gone(NamedTuple):
    """The numbers of what doesn't count of a history of a ``length``.

    ``people`` are those of whom it was undone that they came up.
    """

    length: int = 0
    numbers: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()


def undone_in(history: Sequence[Happened], known: Gone) -> Gone:
    """Name the events that don't count; ``Camp.undone`` says what stays though it was undone.

    Args:
        history: All that happened.
        known: What it came to when less had happened.
    """
    added = (each.event for each in islice(history, known.length, None))
    if not any(_changes(each, known.people) for each in added):
        return known._replace(length=len(history))
    gone: set[int] = set()
    for each in reversed(history):
        match each.event:
            case Undone(event) if each.number not in gone and event < each.number:
                gone.add(event)
    undone = [each.event for each in history if each.number in gone]
    people = {each.person for each in undone if isinstance(each, PersonOpened)}
    photos = {
        each.event.photo
        for each in history
        if isinstance(each.event, PhotoAssigned)
        if each.number in gone or each.event.person in people
    }
    first = first_given(history, photos)
    people -= {
        each.event.person
        for each in history
        if each.number in first and isinstance(each.event, PhotoAssigned)
    }
    numbers = (
        each.number
        for each in history
        if each.number in gone and each.number not in first
        if not isinstance(each.event, PersonOpened) or each.event.person in people
    )
    return Gone(len(history), frozenset(numbers), frozenset(people))


def first_given(history: Sequence[Happened], photos: Collection[int] | None = None) -> set[int]:
    """Name the events by which photographs were first of somebody: those can't be undone.

    ``photos`` are the numbers of those that are asked about; None is all.
    """
    first: dict[int, int] = {}
    for each in history:
        if isinstance(each.event, PhotoAssigned) and (photos is None or each.event.photo in photos):
            first.setdefault(each.event.photo, each.number)
    return set(first.values())


def _changes(event: Event, people: Collection[int]) -> bool:
    """Tell whether by an event others count, or no more: a photograph may need whom it is of."""
    return isinstance(event, Undone) or (
        isinstance(event, PhotoAssigned) and event.person in people
    )
