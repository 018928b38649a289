"""Find an event of a camp's history by its number."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from edge_runtime.station.happened import Happened


def place_of(history: Sequence[Happened], number: int) -> int:
    """Give the place of the event of a number, or of the first one after it."""
    return bisect_left(history, number, key=attrgetter("number"))


def said_first(history: Sequence[Happened], number: int) -> Happened | None:
    """Give the event that said what the event of a number says, of somebody else perhaps."""
    found = event_of(history, number)
    moved = 0 if found is None else getattr(found.event, "moved", 0)
    return event_of(history, moved) if moved else found


def event_of(history: Sequence[Happened], number: int) -> Happened | None:
    """Give the event of a number; None where there is none."""
    place = place_of(history, number)
    found = history[place] if place < len(history) else None
    return found if found is not None and found.number == number else None
