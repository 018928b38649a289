"""Make of a form what happened, and say what is wrong with one that can't be taken."""

import datetime
import re
from collections.abc import Callable, Mapping

from edge_runtime.errors import printable
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import (
    AnotherCame,
    ConsentTold,
    Event,
    EyeTold,
    FollowedUp,
    HintAnswered,
    OperatorAtCamera,
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PersonReferred,
    PhotoAssigned,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
    Undone,
)
from edge_runtime.station.hints import Hints
from edge_runtime.station.only_called import is_unknown
from edge_runtime.station.spelling import same_number
from edge_runtime.station.visits import (
    another_than,
    last_day,
    numbered,
    of_last_day,
    return_of,
)

Form = Mapping[str, str]

_MOST_LETTERS = 200
_BACK = 500  # events: whoever came up before those has been looked after
_YEARS = range(1900, 2100)


class FormError(Exception):
    """A form that can't be taken; the key of the sentence that says why."""


def events_of(kind: str, form: Form, camp: Camp, *, person: int) -> list[Event]:
    """Say what a form makes happen.

    Args:
        kind: Which form, a key of ``KINDS``.
        form: What stands in it.
        camp: As it is.
        person: The number that a new person would get.

    Raises:
        FormError: Something of it is missing, or isn't there.
        KeyError: There is no such form.
    """
    return KINDS[kind](form, camp, person)


def _call(form: Form, camp: Camp, new: int) -> list[Event]:
    """Call the next person to the camera: one who was here, or a new one; or nobody."""
    given = _text(form, "given_id")
    if form.get("nobody"):
        return [PersonCalled(None)]
    known = of_last_day(camp, _numbered(given, camp))
    if len(known) > 1:
        raise FormError("error.ambiguous")
    if known:
        return [PersonCalled(known[0])]
    return [PersonOpened(new, _free(given)), PersonCalled(new)]


def _describe(form: Form, camp: Camp, _: int) -> list[Event]:
    year = _text(form, "birth_year")
    if year and not (year.isdecimal() and int(year) in _YEARS):
        raise FormError("error.year")
    person, given = _person(form, camp), _text(form, "given_id")
    is_new = same_number(given) != same_number(camp.people[person].given_id)
    day = last_day(camp, person)  # each day numbers from 1
    if is_new and any(last_day(camp, other) == day for other in _numbered(given, camp)):
        raise FormError("error.taken")
    told = _free(given) if is_new else given, _text(form, "name"), int(year) if year else None
    return [PersonDescribed(person, *told)]


def _eye(form: Form, camp: Camp, _: int) -> list[Event]:
    eye = form.get("eye", "")
    if eye not in ("left", "right", "unknown"):
        raise FormError("error.choice")
    return [EyeTold(_photo(form, camp), None if eye == "unknown" else eye)]  # type: ignore[arg-type]


def _retake(form: Form, camp: Camp, _: int) -> list[Event]:
    return [RetakeAsked(_photo(form, camp), _text(form, "reason"))]


def _accept(form: Form, camp: Camp, _: int) -> list[Event]:
    return [ResultAccepted(_photo(form, camp))]


def _override(form: Form, camp: Camp, _: int) -> list[Event]:
    decision, reason = form.get("decision", ""), _text(form, "reason")
    if decision not in ("refer", "no-referral"):
        raise FormError("error.choice")
    if not reason:
        raise FormError("error.reason")
    return [ResultOverridden(_photo(form, camp), decision, reason)]  # type: ignore[arg-type]


def _assign(form: Form, camp: Camp, new: int) -> list[Event]:
    """Give a photograph to another person, by what they are called; to a new one by "" ."""
    photo, given = _photo(form, camp), _text(form, "given_id")
    people = of_last_day(camp, _numbered(given, camp))
    if len(people) > 1:
        raise FormError("error.ambiguous")
    if people:
        return [PhotoAssigned(photo, people[0])]
    return [PersonOpened(new, _free(given)), PhotoAssigned(photo, new)]


def _merge(form: Form, camp: Camp, _: int) -> list[Event]:
    person, given, reason = _person(form, camp), _text(form, "given_id"), _text(form, "reason")
    others = [number for number in _numbered(given, camp) if number != person]
    if len(others) != 1:
        raise FormError("error.ambiguous" if others else "error.nobody")
    if not reason:
        raise FormError("error.reason")
    return [PeopleMerged(person, others[0], reason)]


def _operator(form: Form, _: Camp, __: int) -> list[Event]:
    return [OperatorAtCamera(_text(form, "name"))]


def _refer(form: Form, camp: Camp, _: int) -> list[Event]:
    person, place, day = _person(form, camp), _text(form, "place"), _text(form, "day")
    try:
        day = datetime.date.fromisoformat(day).isoformat() if day else ""
    except ValueError as error:
        raise FormError("error.day") from error
    return [PersonReferred(person, place, day)]


def _consent(form: Form, camp: Camp, _: int) -> list[Event]:
    said = form.get("may_call", "")
    if said not in ("yes", "no"):
        raise FormError("error.choice")
    return [ConsentTold(_person(form, camp), said == "yes", _text(form, "contact"))]


def _follow(form: Form, camp: Camp, _: int) -> list[Event]:
    said = form.get("came", "")
    if said not in ("yes", "no"):
        raise FormError("error.choice")
    return [FollowedUp(_person(form, camp), said == "yes", _text(form, "note"))]


def _hint(form: Form, camp: Camp, _: int) -> list[Event]:
    person, key = _person(form, camp), form.get("key", "")
    if key not in {each.key for each in Hints(camp).of(person)}:
        raise FormError("error.choice")
    return [HintAnswered(person, key)]


def _another(form: Form, camp: Camp, new: int) -> list[Event]:
    """Take whoever came with the number of somebody of an earlier day for another person."""
    person, back = _person(form, camp), return_of(camp, _person(form, camp))
    if back is None or form.get("key") not in {each.key for each in Hints(camp).of(person)}:
        raise FormError("error.choice")
    return another_than(camp, person, back, new=new)


def _undo(form: Form, camp: Camp, _: int) -> list[Event]:
    number = _number(form, "event")
    if number not in {each.number for each in camp.history} or number in camp.undone():
        raise FormError("error.undone")
    opened = _opened_by(number, camp)
    return [Undone(number)] if opened is None else [Undone(opened), Undone(number)]


def _opened_by(number: int, camp: Camp) -> int | None:
    """Name the event by which somebody came up who is there by this one alone, and goes with it."""
    by_number = {each.number: each.event for each in camp.history[-_BACK:]}
    match by_number.get(number - 1), by_number.get(number):
        case PersonOpened(person), PersonCalled(called) if person == called:
            photos: tuple[int, ...] = ()
        case PersonOpened(person), PhotoAssigned(photo, assigned) if person == assigned:
            photos = (photo,)
        case PersonOpened(person), AnotherCame(_, into, photos) if person == into:
            pass
        case _:
            return None
    is_there = person in camp.people and is_unknown(camp, person, but=photos)
    return number - 1 if is_there else None


KINDS: Mapping[str, Callable[[Form, Camp, int], list[Event]]] = {
    "call": _call,
    "describe": _describe,
    "eye": _eye,
    "retake": _retake,
    "accept": _accept,
    "override": _override,
    "assign": _assign,
    "merge": _merge,
    "another": _another,
    "operator": _operator,
    "refer": _refer,
    "consent": _consent,
    "follow": _follow,
    "hint": _hint,
    "undo": _undo,
}


def _free(given: str) -> str:
    """Give what a person shall be called by; # and a number are the page of somebody."""
    if given.startswith("#"):
        raise FormError("error.hash")
    return given


def _numbered(given: str, camp: Camp) -> list[int]:
    """List the people who are called by a number, however it is written; nobody is by none.

    ``#12`` is the one whose page is number 12, whatever they are called by.
    """
    if page := re.fullmatch(r"#(\d{1,9})", given):
        return [number for number in (int(page[1]),) if number in camp.people]
    return numbered(camp, given)


def _text(form: Form, name: str) -> str:
    """Read a line, without what nobody sees, such as what turns letters about."""
    words = form.get(name, "").split()
    seen = ("".join(each for each in word if each == printable(each)) for word in words)
    text = " ".join(filter(None, seen))
    if len(text) > _MOST_LETTERS:
        raise FormError("error.long")
    return text


def _number(form: Form, name: str) -> int:
    value = form.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else -1


def _photo(form: Form, camp: Camp) -> int:
    number = _number(form, "photo")
    if number not in camp.told:
        raise FormError("error.photo")
    return number


def _person(form: Form, camp: Camp) -> int:
    number = _number(form, "person")
    if number not in camp.people:
        raise FormError("error.nobody")
    return number
