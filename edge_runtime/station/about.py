"""All that happened to a person of a camp, and to the photographs that were ever theirs."""

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Happened
from edge_runtime.station.events import AnotherCame, PeopleMerged, PhotoAssigned


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
