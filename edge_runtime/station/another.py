"""Take who came with the number of a person of an earlier day for somebody else."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from edge_runtime.results.people import is_date
from edge_runtime.station.by_dicom import is_of_dicom
from edge_runtime.station.by_number import place_of
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import (
    AnotherCame,
    ConsentTold,
    Event,
    FollowedUp,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PersonReferred,
    PhotoAssigned,
    Undone,
)
from edge_runtime.station.happened import Happened
from edge_runtime.station.orders import is_of_order
from edge_runtime.station.returns import Return
from edge_runtime.station.visits import last_day, numbered, return_of, returns_of

#: What is said of who sits there: who they are, where they are to go, how they can be reached.
_SAID = PersonDescribed | PersonReferred | ConsentTold | FollowedUp


def another_than(camp: Camp, person: int, back: Return, *, new: int) -> list[Event]:
    """Say what happens where who is here again is somebody else than the person of before.

    What of files' names leads to a person leads to the other one then, but for folders of a day;
    so does what DICOM files tell of who is no patient of a worklist. A patient stays who they are.
    What was said of them since the return was said of the other one, and so was, earlier on that
    day, who they are and how they can be reached (``_said_since``). Where they were here on a later
    day too, that one is asked about for itself: it keeps the names of files and who is called.

    Args:
        camp: As it is.
        person: Who was here before.
        back: When, and what came since.
        new: The number that a new person would get.

    Returns:
        Last what happens to the photographs: undoing it undoes all (``moved_with``).
    """
    given = camp.people[person].given_id
    is_patient = bool(camp.people[person].patient_id)

    def moves(key: tuple[str, ...]) -> bool:
        is_of_day = any(map(is_date, Path(key[0]).parts))
        is_of_list = is_of_order(key) or (is_patient and is_of_dicom(key))
        return not (is_of_day or is_of_list)

    later = next((e for e in returns_of(camp, person) if e.before == back.day), None)
    led = () if later else (key for key, of in camp.keys.items() if camp.now_of(of) == person)
    keys = tuple(filter(moves, led))
    others = [
        other
        for other in numbered(camp, given)
        if other != person and last_day(camp, other) == back.day and not return_of(camp, other)
    ]
    is_known = len(others) == 1  # they were told apart before, and this came late
    into = others[0] if is_known else new
    opened = [] if is_known else [PersonOpened(into, given)]
    said = _said_since(camp, person, back, later)
    first = camp.history[-1].number + 1 + len(opened)
    told = _said_of(into, _newer(said, camp, into) if is_known else said, first)
    undone = [Undone(each.number) for each in said]
    return [*opened, *told, *undone, AnotherCame(person, into, back.photos, keys)]


def moved_with(number: int, camp: Camp) -> list[int]:
    """Name what else happened as somebody was taken for another one: what was said went along."""
    place = place_of(camp.history, number)
    last = camp.history[place]
    event, found = last.event, list[int]()
    if not isinstance(event, AnotherCame):
        return found
    by_number = {each.number: each.event for each in camp.history[: place + 1]}
    for each in reversed(camp.history[:place]):
        said, whom = each.event, event.into
        if isinstance(said, Undone):
            said, whom = by_number.get(said.event, said), event.person
        if each.at != last.at or not isinstance(said, _SAID) or said.person != whom:
            break
        found.append(each.number)
    return found


def _said_of(into: int, said: list[Happened], first: int) -> Iterator[Event]:
    """Say it of another person; whether they went, only of a referral that was theirs.

    Args:
        into: The other one.
        said: What goes along.
        first: The number of the first event that is said.
    """
    keys, number = dict[int, int](), first  # of referrals, by what they were
    for each in said:
        event = each.event
        match event:
            case PersonReferred(corrects=key):
                new = keys.setdefault(key or each.number, number)
                first_said = event.moved or each.number
                event = replace(event, corrects=0 if new == number else new, moved=first_said)
            case FollowedUp(referral=key):
                if key is None:  # a store of before
                    key = next(reversed(keys), 0)
                if key not in keys:
                    continue
                event = replace(event, referral=keys[key], moved=event.moved or each.number)
        if isinstance(event, _SAID):
            yield replace(event, person=into)
            number += 1


def _newer(said: list[Happened], camp: Camp, into: int) -> list[Happened]:
    """Leave out what was said of the other one themselves since: that is newer, and stays."""
    gone, known = camp.undone(), camp.people[into]
    described = (
        each.number
        for each in reversed(camp.history)
        if isinstance(each.event, PersonDescribed) and each.event.person == into
        if each.number not in gone
    )
    last = {PersonDescribed: next(described, 0), ConsentTold: known.asked}
    return [each for each in said if each.number > last.get(type(each.event), known.referral.last)]


def _said_since(camp: Camp, person: int, back: Return, later: Return | None) -> list[Happened]:
    """List what was said of a person since they were here again, until a later return, and counts.

    Name and telephone may be written down before anybody is called: whoever stands at the desk
    then is almost surely who sits at the camera next, so what was said on the day of the return
    before it was of them too. So a correction of the older name that was made that day goes along,
    and has to be said again. What was said by telephone was of the person of before: whether they
    went, where they are to go, and what was said until then.
    """
    gone, begun = camp.undone(), camp.days.places
    first = min(back.photos, default=None)
    before = (n for n in camp.people[person].photos if first is None or n < first)
    came = max((camp.told[n].given for n in before if n not in back.photos), default=0)
    until = camp.history[-1].number + 1
    if later:
        came_later = min((camp.told[n].given for n in later.photos), default=until)
        until = begun.get(later.day, came_later)
    since = [each for each in camp.history if came < each.number < until]
    since = [each for each in since if each.number not in gone]
    at = next((each.number for each in since if _is_return(each, camp, person, back)), None)
    if at is None:
        return []
    own = [each for each in since if isinstance(each.event, _SAID) and each.event.person == person]
    early = [each for each in own if begun.get(back.day, at) <= each.number < at]
    by_phone = [
        each.number for each in early if isinstance(each.event, PersonReferred | FollowedUp)
    ]
    early = [each for each in early if each.number > max(by_phone, default=0)]
    return [*early, *(each for each in own if each.number > at)]


def _is_return(happened: Happened, camp: Camp, person: int, back: Return) -> bool:
    """Tell whether by this they were called on the day of their return, or a photograph came.

    A call of before midnight counts where the first photograph came by it.
    """
    match happened.event:
        case PersonCalled(int(called)):
            days, first = camp.days, min(back.photos, default=0)
            is_of_photo = happened.number == days.under.get(first)
            is_of_day = days.calls.get(happened.number) == back.day
            return camp.now_of(called) == person and (is_of_day or is_of_photo)
        case PhotoAssigned(photo, of):
            return photo in back.photos and camp.now_of(of) == person
        case AnotherCame(_, into, photos) if camp.now_of(into) == person:
            is_of_day = not photos and camp.days.day_of(happened.number) == back.day
            return is_of_day or not {*photos}.isdisjoint(back.photos)
        case _:
            return False
