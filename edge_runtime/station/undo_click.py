"""Say what goes with what is undone: what happened by the same click, and what came by it alone."""

from edge_runtime.station.another import moved_with
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import (
    AnotherCame,
    Event,
    PersonCalled,
    PersonDescribed,
    PersonExpected,
    PersonOpened,
    PhotoAssigned,
    Undone,
)
from edge_runtime.station.only_called import is_unknown
from edge_runtime.station.undoing import first_given

_BACK = 500  # events: whoever came up before those has been looked after


def undoing(number: int, camp: Camp, *, new: int) -> list[Event]:
    """Say what happens where an event is undone.

    Args:
        number: The event's.
        camp: As it is.
        new: The number that a new person would get.
    """
    undone = [*map(Undone, _with_it(number, camp)), Undone(number)]
    return [*undone, *_left_behind(number, camp, new)]


def _with_it(number: int, camp: Camp) -> list[int]:
    """Name what happened by the same click and goes with it.

    It is that somebody came up who is there by it alone, what was said of them and went along, or
    what a worklist said of who was called or is the same as one of it.
    """
    by_number = {each.number: each.event for each in camp.history[-_BACK:]}
    moved = moved_with(number, camp)
    before, photos = number - 1 - len(moved), tuple[int, ...]()
    last, at = by_number.get(before), {each.number: each.at for each in camp.history[-_BACK:]}
    is_same_click = at.get(before) == at.get(number)  # else the list said it of who came by a file
    expected = last if isinstance(last, PersonExpected) and is_same_click else None
    is_expected = expected is not None
    match by_number.get(before - is_expected), by_number.get(number):
        case PersonOpened(person), PersonCalled(called) if person == called:
            pass
        case PersonOpened(person), PhotoAssigned(photo, assigned) if person == assigned:
            photos = (photo,)
        case PersonOpened(person), AnotherCame(_, into, photos) if person == into:
            pass
        case _, PersonCalled(person) | PersonDescribed(person) if expected is not None:
            return [before] if expected.person == person else []
        case _:
            return moved
    if person in camp.people and is_unknown(camp, person, but=photos, said=moved):
        return [*moved, before - is_expected]
    return [before] if is_expected else moved


def _left_behind(number: int, camp: Camp, new: int) -> list[Event]:
    """Take a photograph that came by a call alone from whom it was about.

    Who came up by the call and isn't described keeps it, without the number: a hospital's patient
    would be found by it. From who was there before it goes to a person of its own.
    """
    by_number = {each.number: each.event for each in camp.history[-_BACK:]}
    call = by_number.get(number)
    if not isinstance(call, PersonCalled) or call.person not in camp.people:
        return []
    person, before = call.person, by_number.get(number - 1)
    is_expected = isinstance(before, PersonExpected)
    first = by_number.get(number - 1 - is_expected)
    if isinstance(first, PersonOpened) and first.person == person:
        is_told = any(
            isinstance(each, PersonDescribed) and each.person == person
            for each in by_number.values()
        )
        is_left = is_expected and camp.people[person].photos and not is_told
        return [PersonDescribed(person)] if is_left else []
    photos = [
        each for each in _by_call(number, camp, by_number) if camp.told[each].person == person
    ]
    moved = [PhotoAssigned(photo, new) for photo in photos]
    return [PersonOpened(new), *moved] if moved else []


def _by_call(number: int, camp: Camp, by_number: dict[int, Event]) -> list[int]:
    """Number the photographs that came until the next call and of which no file says whose."""
    found, first = list[int](), first_given(camp.history)
    for each in sorted(n for n in by_number if n > number):
        match by_number[each]:
            case PersonCalled():
                break
            case PhotoAssigned(photo) if each in first and photo in camp.told:
                if not camp.photos[photo].whose[0]:
                    found.append(photo)
    return found
