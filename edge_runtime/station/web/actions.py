"""Make of a form what happened, and say what is wrong with one that can't be taken."""

from collections.abc import Callable, Mapping

from edge_runtime.station.advice import says_refer
from edge_runtime.station.another import another_than
from edge_runtime.station.by_number import event_of
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import (
    Event,
    EyeTold,
    HintAnswered,
    OperatorAtCamera,
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PhotoAssigned,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
    VisitGoesOn,
)
from edge_runtime.station.hints import Hints
from edge_runtime.station.moment import now
from edge_runtime.station.ordered import question_of
from edge_runtime.station.spelling import same_number
from edge_runtime.station.undo_click import undoing
from edge_runtime.station.visits import (
    is_apart,
    known_day,
    last_day,
    may_be_another,
    of_last_day,
    return_of,
    visit_of,
)  # fmt: skip
from edge_runtime.station.web.form_error import FormError
from edge_runtime.station.web.form_fields import (
    Form,
    free_number,
    is_open,
    number_in,
    people_called,
    person_in,
    photo_in,
    text_in,
)
from edge_runtime.station.web.referral_forms import consent, follow, refer

_FIRST_YEAR = 1900


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
    given = text_in(form, "given_id")
    if form.get("nobody"):
        return [PersonCalled(None)]
    known = of_last_day(camp, people_called(given, camp))
    if is_open(given, known, camp):
        raise FormError("error.ambiguous", known)
    if known:
        return [PersonCalled(known[0])]
    return [PersonOpened(new, free_number(given)), PersonCalled(new)]


def _describe(form: Form, camp: Camp, _: int) -> list[Event]:
    year = text_in(form, "birth_year")
    if year and not (year.isdecimal() and _FIRST_YEAR <= int(year) <= _this_year(camp)):
        raise FormError("error.year")
    person, given = person_in(form, camp), text_in(form, "given_id")
    is_new = same_number(given) != same_number(camp.people[person].given_id)
    day = last_day(camp, person)  # each day numbers from 1
    others = [other for other in people_called(given, camp) if last_day(camp, other) == day]
    if is_new and others:
        raise FormError("error.taken", others)
    told = (
        free_number(given) if is_new else given,
        text_in(form, "name"),
        int(year) if year else None,
    )
    return [PersonDescribed(person, *told)]


def _this_year(camp: Camp) -> int:
    """Give the year by this computer's clock, or by the history where the clock is behind."""
    return max(now().year, int(camp.latest[:4] or 0))


def _eye(form: Form, camp: Camp, _: int) -> list[Event]:
    eye = form.get("eye", "")
    if eye not in ("left", "right", "unknown"):
        raise FormError("error.choice")
    return [EyeTold(photo_in(form, camp), None if eye == "unknown" else eye)]  # type: ignore[arg-type]


def _retake(form: Form, camp: Camp, _: int) -> list[Event]:
    """Set a photograph aside; one that refers with a reason alone."""
    photo, reason = photo_in(form, camp), text_in(form, "reason")
    if says_refer(camp.told[photo]) and not reason:
        raise FormError("error.reason")
    return [RetakeAsked(photo, reason)]


def _accept(form: Form, camp: Camp, _: int) -> list[Event]:
    return [ResultAccepted(photo_in(form, camp))]


def _override(form: Form, camp: Camp, _: int) -> list[Event]:
    decision, reason = form.get("decision", ""), text_in(form, "reason")
    if decision not in ("refer", "no-referral"):
        raise FormError("error.choice")
    if not reason:
        raise FormError("error.reason")
    return [ResultOverridden(photo_in(form, camp), decision, reason)]  # type: ignore[arg-type]


def _assign(form: Form, camp: Camp, new: int) -> list[Event]:
    """Give a photograph to another person, by what they are called; to a new one by "" ."""
    photo, given = photo_in(form, camp), text_in(form, "given_id")
    people = of_last_day(camp, people_called(given, camp))
    if is_open(given, people, camp):
        raise FormError("error.ambiguous", people)
    if people:
        return [PhotoAssigned(photo, people[0])]
    return [PersonOpened(new, free_number(given)), PhotoAssigned(photo, new)]


def _merge(form: Form, camp: Camp, _: int) -> list[Event]:
    person, given = person_in(form, camp), text_in(form, "given_id")
    reason = text_in(form, "reason")
    called = people_called(given, camp)
    others = [number for number in called if number != person]
    if len(others) != 1 or is_open(given, others, camp):
        one = "error.own" if called else "error.nobody"
        raise FormError("error.ambiguous" if others else one, others)
    if not reason:
        raise FormError("error.reason")
    return [PeopleMerged(person, others[0], reason)]


def _operator(form: Form, _: Camp, __: int) -> list[Event]:
    return [OperatorAtCamera(text_in(form, "name"))]


def _hint(form: Form, camp: Camp, _: int) -> list[Event]:
    person, key = person_in(form, camp), form.get("key", "")
    if key not in {each.key for each in Hints(camp).of(person)}:
        raise FormError("error.choice")
    return [HintAnswered(person, key)]


def _another(form: Form, camp: Camp, new: int) -> list[Event]:
    """Take whoever came with the number of somebody of an earlier day for another person."""
    person, key = person_in(form, camp), form.get("key", "")
    back = return_of(camp, person, key)
    if back is None or key in camp.answered or not may_be_another(camp, person, back):
        raise FormError("error.choice")
    return another_than(camp, person, back, new=new)


def _goes_on(form: Form, camp: Camp, _: int) -> list[Event]:
    """Take what a person was here for on a day for the visit of the day before; also later on."""
    person = person_in(form, camp)
    back = return_of(camp, person, form.get("key", ""))
    if back is None or not is_apart(camp, person, back):
        raise FormError("error.choice")
    return [VisitGoesOn(person, back.before, back.day)]


def _orders(form: Form, camp: Camp, _: int) -> list[Event]:
    """Say for which of a hospital's orders the photographs of a visit are, also otherwise later."""
    person, day = person_in(form, camp), known_day(camp, person_in(form, camp), form.get("day", ""))
    question = question_of(camp, person, visit_of(camp, person, day)) if day else None
    chosen = question.chosen(form.get("choice", "")) if question else None
    if chosen is None:
        raise FormError("error.orders")
    return [chosen]


def _undo(form: Form, camp: Camp, new: int) -> list[Event]:
    number = number_in(form, "event")
    if event_of(camp.history, number) is None or number in camp.undone():
        raise FormError("error.undone")
    return undoing(number, camp, new=new)


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
    "goes_on": _goes_on,
    "orders": _orders,
    "operator": _operator,
    "refer": refer,
    "consent": consent,
    "follow": follow,
    "hint": _hint,
    "undo": _undo,
}
