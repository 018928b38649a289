"""Fold what was said of a person's referrals before an event, also as who is one with them now."""

from collections.abc import Iterable
from functools import reduce

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import LookedAfter, Person, completed, looked_after
from edge_runtime.station.events import PeopleMerged, PersonOpened
from edge_runtime.station.happened import Happened


def referral_past(camp: Camp, person: int, happened: Iterable[Happened], until: int) -> Person:
    """Give a person of whom what was said of their referrals is known, and nothing else.

    Args:
        camp: Where they are.
        person: Who.
        happened: What happened to them and to whoever became one with them, in its order.
        until: The number of the event before which it was said.
    """
    gone = camp.undone()
    known: dict[int, Person] = {}
    for each in happened:
        event, number = each.event, each.number
        if number >= until or number in gone:
            continue
        whom = getattr(event, "person", None)
        if whom is None or camp.now_of(whom) != person:
            continue
        match event:
            case PersonOpened():
                known[whom] = Person(whom, "")
            case PeopleMerged(_, into) if whom != into and {whom, into} <= known.keys():
                known[into] = completed(known[into], known.pop(whom))
            case event if isinstance(event, LookedAfter) and whom in known:
                known[whom] = looked_after(known[whom], event, number)
    return reduce(completed, known.values(), Person(person, ""))
