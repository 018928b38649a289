"""Tell what happened at a camp, event by event, in sentences of one of the languages."""

from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.results.texts import Texts
from edge_runtime.station.by_number import place_of
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import day_in_words
from edge_runtime.station.events import (
    AnotherCame,
    ComputerStarted,
    ConsentTold,
    Event,
    EyeTold,
    FollowedUp,
    HintAnswered,
    OperatorAtCamera,
    OrdersChosen,
    PeopleMerged,
    PersonCalled,
    PersonDescribed,
    PersonExpected,
    PersonOpened,
    PersonReferred,
    PhotoAssigned,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
    Undone,
    VisitGoesOn,
)
from edge_runtime.station.web.cards import title_of
from edge_runtime.station.web.order_words import all_order_words


def told_of(event: Event, camp: Camp, texts: Texts) -> str:
    """Tell one thing that happened.

    Args:
        event: What happened.
        camp: The camp, which knows what the event is about.
        texts: What is said in which words.
    """
    tell = _of_photo if hasattr(event, "photo") else _of_person
    key, values = tell(event, camp, texts)
    return texts.say(
        f"happened.{key}", **{name: printable(value) for name, value in values.items()}
    )


def _of_photo(event: Event, camp: Camp, texts: Texts) -> tuple[str, dict[str, str]]:
    """Give the key of the sentence about a photograph, and what is put into it."""
    key, values = "", {}
    match event:
        case PhotoAssigned(_, person):
            key, values = "assigned", {"person": str(person)}
        case EyeTold(_, eye):
            key, values = "eye", {"eye": texts.say(f"eye.{eye or 'unknown'}.title")}
        case RetakeAsked(_, reason):
            key, values = "retake", {"why": _behind(reason)}
        case ResultAccepted():
            key = "accepted"
        case ResultOverridden(_, decision, reason):
            advice = texts.say(f"advice.{decision}")
            key, values = "overridden", {"advice": advice, "why": _behind(reason)}
    photo = camp.photos[event.photo]  # type: ignore[union-attr]
    return key, {"name": Path(photo.path).name, **values}


def _of_person(event: Event, camp: Camp, texts: Texts) -> tuple[str, dict[str, str]]:
    """Give the key of the sentence about a person, the operator or an undoing likewise."""
    nothing, key, values = texts.say("nothing"), "", {}
    match event:
        case PersonOpened(person, given):
            key, values = "opened", {"person": str(person), "why": _behind(given)}
        case PersonDescribed(_, given, name, year):
            key, values = "described", {"what": _list(given, name, year) or nothing}
        case PersonExpected(_, given, _, name, year, orders):
            wanted = [each.what or each.accession for each in orders]
            key, values = "expected", {"what": _list(given, name, year, *wanted) or nothing}
        case PersonCalled(person):
            known = camp.people.get(person or 0)
            key = "called" if known else "nobody"
            values = {"who": title_of(known, texts)} if known else {}
        case OperatorAtCamera(name):
            key, values = "operator", {"name": name or texts.say("nobody")}
        case PeopleMerged(person, into, reason):
            why = texts.of_clause("merger", reason) or reason
            key, values = "merged", {"person": str(person), "into": str(into), "why": _behind(why)}
        case AnotherCame(person, into):
            key, values = "another", {"person": str(person), "into": str(into)}
        case PersonReferred(_, place, day):
            key, values = "referred", {"where": _list(place, day) or nothing}
        case ConsentTold(_, may_call, contact):
            key, values = "consent" if may_call else "no_consent", {"why": _behind(contact)}
        case FollowedUp(_, came, note):
            key, values = "came" if came else "missed", {"why": _behind(note)}
        case HintAnswered() | VisitGoesOn() | OrdersChosen() | ComputerStarted():
            key, values = _of_visits(event, texts)
        case Undone(number):
            undone = camp.history[place_of(camp.history, number)].event
            key, values = "undone", {"what": told_of(undone, camp, texts)}
    return key, values


def _of_visits(
    event: HintAnswered | VisitGoesOn | OrdersChosen | ComputerStarted, texts: Texts
) -> tuple[str, dict[str, str]]:
    if isinstance(event, ComputerStarted):
        return "started", {}
    if isinstance(event, OrdersChosen):
        key = "orders" if event.orders else "no_orders"
        return key, {"day": day_in_words(event.day), "what": all_order_words(event.orders)}
    if isinstance(event, VisitGoesOn):
        return "goes_on", {"before": day_in_words(event.before), "day": day_in_words(event.day)}
    if event.key.startswith("again:"):
        return "new_visit", {}
    return "hint", {"what": texts.say(f"hint.about.{event.key.partition(':')[0]}")}


def _list(*told: object) -> str:
    return ", ".join(str(each) for each in told if each)


def _behind(text: str) -> str:
    """Put what was said behind a colon, or nothing where nothing was."""
    return f": {text}" if text else ""
