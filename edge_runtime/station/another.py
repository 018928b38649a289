"""Take who came with the number of a person of an earlier day for somebody else."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from edge_runtime.results.people import is_date
from edge_runtime.station.by_dicom import is_of_dicom
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import date_of
from edge_runtime.station.camp_facts import Happened
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
from edge_runtime.station.orders import is_of_order
from edge_runtime.station.visits import Return, last_day, numbered, return_of

#: What is said of who sits there: who they are, where they are to go, how they can be reached.
_SAID = PersonDescribed | PersonReferred | ConsentTold | FollowedUp


def another_than(camp: Camp, person: int, back: Return, *, new: int) -> list[Event]:
    """Say what happens where who is here again is somebody else than the person of before.

    What of files' names leads to a person leads to the other one then, but for folders of a day;
    so does what DICOM files tell of who is no patient of a worklist. A patient stays who they are.
    What was said of them since the return was said of the other one.

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

    keys = tuple(key for key, of in camp.keys.items() if camp.now_of(of) == person and moves(key))
    others = [
        other
        for other in numbered(camp, given)
        if other != person and last_day(camp, other) == back.day and not return_of(camp, other)
    ]
    is_known = len(others) == 1  # they were told apart before, and this came late
    into = others[0] if is_known else new
    opened = [] if is_known else [PersonOpened(into, given)]
    said = _said_since(camp, person, back)
    undone = [Undone(each.number) for each in said]
    return [*opened, *_said_of(into, said), *undone, AnotherCame(person, into, back.photos, keys)]


def moved_with(number: int, camp: Camp) -> list[int]:
    """Name what else happened as somebody was taken for another one: what was said went along."""
    place = next(at for at, each in enumerate(camp.history) if each.number == number)
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


def _said_of(into: int, said: list[Happened]) -> Iterator[Event]:
    """Say it of another person; whether they went, only of a referral that was theirs."""
    is_referred = False
    for each in said:
        event = each.event
        is_referred = is_referred or isinstance(event, PersonReferred)
        if isinstance(event, _SAID) and (is_referred or not isinstance(event, FollowedUp)):
            yield replace(event, person=into)


def _said_since(camp: Camp, person: int, back: Return) -> list[Happened]:
    """List what was said of a person since they are here again, and counts."""
    gone, found, waits = camp.undone(), list[Happened](), list[Happened]()
    first = min(back.photos, default=None)
    before = (n for n in camp.people[person].photos if first is None or n < first)
    came = max((camp.told[n].given for n in before if n not in back.photos), default=0)
    for each in reversed(camp.history):  # until the last photograph of before
        if each.number <= came:
            break
        if each.number in gone:
            continue
        if isinstance(each.event, _SAID) and each.event.person == person:
            waits.append(each)
        if _is_return(each, camp, person, back):
            found, waits = [*found, *waits], []
    return found[::-1]


def _is_return(happened: Happened, camp: Camp, person: int, back: Return) -> bool:
    """Tell whether by this they were called on the day of their return, or a photograph came."""
    match happened.event:
        case PersonCalled(int(called)):
            day = camp.days.calls.get(happened.number)
            return camp.now_of(called) == person and day == back.day
        case PhotoAssigned(photo, of):
            return photo in back.photos and camp.now_of(of) == person
        case AnotherCame(_, into, photos) if camp.now_of(into) == person:
            is_of_day = not photos and happened.at[:10] == date_of(back.day)
            return is_of_day or not {*photos}.isdisjoint(back.photos)
        case _:
            return False
