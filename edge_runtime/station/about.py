"""All that happened to a person of a camp, and to the photographs that were ever theirs."""

import datetime
from collections.abc import Sequence

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Happened
from edge_runtime.station.events import (
    AnotherCame,
    ConsentTold,
    FollowedUp,
    HintAnswered,
    PeopleMerged,
    PersonCalled,
    PhotoAssigned,
    Undone,
)

#: What changes nothing that is said of a person on slips and in reports.
_UNSAID = PersonCalled | ConsentTold | FollowedUp | HintAnswered


def about(camp: Camp, person: int) -> list[Happened]:
    """List what happened to a person and to their photographs, in its order.

    What was given to them and then to another one is of both, and so is what came by a merging.
    """
    merged = [each.event for each in camp.history if isinstance(each.event, PeopleMerged)]
    own: set[int] = {person}
    for event in reversed(merged):  # who became one with them, and who had with those
        if event.into in own:
            own.add(event.person)
    photos = {*camp.people[person].photos}
    for each in camp.history:
        match each.event:
            case PhotoAssigned(photo, of) if of in own:
                photos.add(photo)
            case AnotherCame(_, into, moved) if into in own:
                photos.update(moved)
    return [
        each
        for each in camp.history
        if getattr(each.event, "photo", None) in photos
        or person in (getattr(each.event, "person", None), getattr(each.event, "into", None))
    ]


def said_last(camp: Camp, person: int, happened: Sequence[Happened]) -> str:
    """Say when something was last said of a person that stands on slips and in reports.

    It may have been undone since, and then the undoing counts: of two reports that contradict one
    another the later one holds. ``happened`` is what ``about`` gives.

    Returns:
        ISO 8601 with the offset from UTC; when they came up, where nothing was said since.
    """
    found = [each for each in happened if not isinstance(each.event, _UNSAID)]
    numbers = {each.number for each in found}
    for each in camp.history:
        if isinstance(each.event, Undone) and each.event.event in numbers:
            numbers.add(each.number)  # it may be undone itself
            found.append(each)
    times = [camp.people[person].since, *(each.at for each in found)]
    return max(times, key=datetime.datetime.fromisoformat)
