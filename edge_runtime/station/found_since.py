"""What was found of a person once somebody had said that they went where they were referred to."""

from collections.abc import Sequence

from edge_runtime.station.advice import referring
from edge_runtime.station.another import moved_with
from edge_runtime.station.by_number import place_of
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Person, Told
from edge_runtime.station.events import (
    AnotherCame,
    ConsentTold,
    Event,
    FollowedUp,
    PeopleMerged,
    PersonDescribed,
    PersonReferred,
    Undone,
)
from edge_runtime.station.happened import Happened
from edge_runtime.station.visits import Visit

_MOVED = PersonDescribed | PersonReferred | ConsentTold | FollowedUp | Undone


def found_since(camp: Camp, known: Person, visit: Visit) -> bool:
    """Tell whether a visit refers for an eye for which it didn't when it was said that they went.

    So it does by a photograph that came afterwards or became theirs, and by a word that was said
    of one or was undone. What was known already isn't found anew by being told of another eye, or
    by a merging.

    Args:
        camp: Where they are.
        known: What is known of the person, or was.
        visit: One of theirs.

    Returns:
        False where nobody said that they went.
    """
    if known.followed is None or not known.followed.came or not visit.photos:
        return False
    number, person = _answer(camp, known.referral.answered, known.followed.person)
    if not _may_be_new(camp, known, visit.photos, number):
        return False
    told = (person, *(each.referred.person for each in known.referrals if each.referred))
    before = _before(camp, visit.photos, number, told)
    eyes = referring(before)
    findings = {each.photo.number for each in before if each.eye in eyes and referring([each])}
    refers = [each for each in visit.photos if referring([each])]
    found = {each.eye for each in refers if each.photo.number in findings}
    return not referring(visit.photos) <= eyes | found


def _may_be_new(camp: Camp, known: Person, photos: Sequence[Told], number: int) -> bool:
    """Tell quickly of most people that nothing happened to their photographs since an event."""
    if any(max(each.placed, each.given, each.by or 0) > number for each in photos):
        return True
    theirs = {each.photo.number for each in photos}
    for each in camp.history[place_of(camp.history, number) :]:
        if not isinstance(each.event, Undone):
            continue
        event: Event = each.event
        while isinstance(event, Undone):
            event = _event(camp, event.event).event
        about = {getattr(event, "photo", None), *getattr(event, "photos", ())}
        whose = {event.person, event.into} if isinstance(event, PeopleMerged) else ()
        if known.number in whose or not theirs.isdisjoint(about):
            return True
    return False


def _before(camp: Camp, photos: Sequence[Told], number: int, people: Sequence[int]) -> list[Told]:
    """Give those of several photographs that were of people before an event, as they were then.

    Of who was told where to go as one of two and said to have gone as the other, it is of both.
    """
    then = Camp()
    then.take(camp.photos.values(), camp.history[: place_of(camp.history, number)])
    known = (then.told.get(each.photo.number) for each in photos)
    own = {then.now_of(each) for each in people}
    return [each for each in known if each is not None and each.person in own]


def _answer(camp: Camp, number: int, person: int) -> tuple[int, int]:
    """Number the event by which it was first said that somebody went, and of whom it was said.

    Where they were taken for another person first, and what was said went along, it is that of the
    other one.
    """
    history = camp.history
    for each in history[place_of(camp.history, number) + 1 :]:
        if isinstance(each.event, AnotherCame) and number in (
            moved := moved_with(each.number, camp)
        ):
            gone = [_event(camp, one) for one in sorted(moved)]
            undone = [
                _event(camp, one.event.event) for one in gone if isinstance(one.event, Undone)
            ]
            said = [one for one in undone if isinstance(one.event, FollowedUp)]
            return _answer(camp, said[-1].number, each.event.person) if said else (number, person)
        if not isinstance(each.event, _MOVED):
            break
    return number, person


def _event(camp: Camp, number: int) -> Happened:
    return camp.history[place_of(camp.history, number)]
