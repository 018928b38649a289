"""What the pages show of a hint: what may be wrong, and a button for each answer."""

from collections.abc import Callable, Mapping
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.results.texts import Texts
from edge_runtime.station.advice import EYES
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import date_of, day_in_words
from edge_runtime.station.hints import Hint, HintKind
from edge_runtime.station.ordered import question_of
from edge_runtime.station.same_call import same_call_of
from edge_runtime.station.visits import (
    by_camera_before,
    is_apart,
    last_day,
    may_be_another,
    return_of,
    visit_of,
)
from edge_runtime.station.web.clock import clock
from edge_runtime.station.web.hint_form import Answer, HintCard
from edge_runtime.station.web.list_cards import order_card
from edge_runtime.station.web.shown_hint import ShownHint, in_one, name_of
from edge_runtime.station.whose import whose

_SHORT = 100  # letters of a file's name in a reason, which has a limit
_SAME_NUMBER = "the same number"  # why two are merged: kept so, and said in the reader's language


def hint_card(hint: Hint, person: int, camp: Camp, texts: Texts) -> HintCard:
    """Show a hint about a person.

    Args:
        hint: What is to be looked at.
        person: Whom it is about.
        camp: The camp.
        texts: The words.
    """
    return _CARDS[hint.kind](ShownHint(hint, person, camp, texts))


def _again(shown: ShownHint) -> HintCard:
    nothing, (camp, person) = shown.nothing(), (shown.camp, shown.person)
    answers, back = [nothing], return_of(camp, person, shown.hint.key)
    assert back is not None  # noqa: S101 - the hint is of it
    is_taken_then = by_camera_before(camp, person, back)
    if is_apart(camp, person, back):
        goes_on = Answer("goes_on", shown.say("hint.again.goes_on"), nothing.fields)
        answers.insert(0 if is_taken_then else 1, goes_on)
    if may_be_another(camp, person, back):
        answers.append(Answer("another", shown.say("hint.again.other"), nothing.fields))
    key = "hint.again"
    if back.day != last_day(camp, person):
        key = "hint.again.then"
    elif is_taken_then:
        key = "hint.again.taken"
    elif date_of(back.day) == date_of(back.before):
        key = "hint.again.clock"
    day, then = day_in_words(back.before), day_in_words(back.day)
    return HintCard(shown.say(key, who=shown.title(person), day=day, then=then), None, answers)


def _number(shown: ShownHint) -> HintCard:
    person, other = shown.person, shown.hint.other
    first, last = sorted((person, other or 0))
    number = printable(shown.camp.people[person].given_id)
    who = f"{shown.title(other)} (#{other})"
    fields: dict[str, str | int] = {"person": last, "given_id": f"#{first}", "reason": _SAME_NUMBER}
    merge = Answer("merge", shown.say("hint.number.yes"), fields)
    said = shown.say("hint.number", number=number, who=who)
    return HintCard(said, other, [merge, shown.nothing()])


def _named(shown: ShownHint) -> HintCard:
    file = Path(shown.hint.file)
    theirs, own = whose(file)[1], shown.title(shown.person)
    moved = shown.of_photo("assign", shown.say("hint.named.is", who=theirs), given_id=theirs)
    first = printable(Path(shown.told.photo.path))
    said = shown.say("hint.named", file=printable(file), name=first)
    return HintCard(said, None, [moved, shown.nothing(shown.say("hint.named.is", who=own))])


def _named_as(shown: ShownHint) -> HintCard:
    other, own = shown.hint.other, shown.title(shown.person)
    theirs = shown.title(other)
    label = shown.say("hint.named.is", who=theirs)
    moved = shown.of_photo("assign", label, given_id=f"#{other}")
    said = shown.say("hint.named_as", name=shown.name, who=f"{theirs} (#{other})", own=own)
    return HintCard(said, other, [moved, shown.nothing(shown.say("hint.named.is", who=own))])


def _copy(shown: ShownHint) -> HintCard:
    told, other = shown.camp.told[shown.hint.first or 0], shown.hint.other
    first, is_same = name_of(told), other == shown.person
    who = f"{shown.title(other)} (#{other})"
    if is_same:
        who = shown.say("hint.copy.earlier" if told.eye == shown.told.eye else "hint.copy.own")
    why = shown.say("hint.copy.reason", name=first[:_SHORT])
    aside = shown.of_photo("retake", shown.say("hint.copy.yes"), reason=why)
    said = shown.say("hint.copy", name=shown.name, first=first, who=who)
    return HintCard(said, None if is_same else other, [aside, shown.nothing()])


def _swapped(shown: ShownHint) -> HintCard:
    first = shown.camp.told[shown.hint.first or 0]
    eye = shown.say(f"eye.{first.eye}")
    said = shown.say("hint.swapped", first=name_of(first), eye=eye, name=shown.name)
    eyes = shown.hint.seen, shown.told.photo.eye_said
    return HintCard(said, None, [shown.of_eye(each) for each in eyes])


def _side(shown: ShownHint) -> HintCard:
    told, seen = shown.told, shown.hint.seen
    own = told.eye if told.eye_is_told else told.photo.eye_said
    words = {"eye": shown.say(f"eye.{own}"), "seen": shown.say(f"eye.{seen}")}
    right = shown.nothing() if told.eye_is_told else shown.of_eye(own)
    said = shown.say("hint.side", name=shown.name, **words)
    return HintCard(said, None, [shown.of_eye(seen), right])


def _further(shown: ShownHint) -> HintCard:
    answers = [shown.of_photo("assign", shown.say("hint.further.yes"), given_id="")]
    if (other := same_call_of(shown.camp, shown.told)) is not None:
        label = shown.say("hint.further.same", who=f"{shown.title(other)} (#{other})")
        answers.insert(0, shown.of_photo("assign", label, given_id=f"#{other}"))
    first = shown.camp.told.get(shown.hint.first or 0)
    said = (
        shown.say("hint.further", name=shown.name, time=clock(shown.told.photo.arrived))
        if first is None
        else shown.say("hint.further.pause", name=shown.name, first=name_of(first))
    )
    return HintCard(said, None, [*answers, shown.nothing()])


def _untold(shown: ShownHint) -> HintCard:
    dicom = shown.told.photo.dicom
    why = shown.say(f"caution.dicom_{dicom.doubt}") if dicom else ""
    said = shown.say("hint.untold", name=shown.name, why=why)
    return HintCard(said, None, [shown.of_eye(eye) for eye in EYES])


def _other_name(shown: ShownHint) -> HintCard:
    file, own = shown.told.photo.dicom, shown.title(shown.person)
    who = in_one(file.name, file.birth_year) if file else ""
    if not shown.camp.people[shown.person].name:  # another file has one
        files = (each.photo.dicom for each in shown.camp.of(shown.person))
        own += ", " + printable(next(each.name for each in files if each and each.name))
    moved = shown.of_photo("assign", shown.say("hint.other_name.yes"), given_id="")
    said = shown.say("hint.other_name", name=shown.name, who=who, own=own)
    return HintCard(said, None, [moved, shown.nothing()])


def _orders(shown: ShownHint) -> HintCard:
    visit = visit_of(shown.camp, shown.person, shown.hint.before)
    question = question_of(shown.camp, shown.person, visit)
    assert question is not None  # noqa: S101 - the hint is of it
    return order_card(question, shown.texts)


_CARDS: Mapping[HintKind, Callable[[ShownHint], HintCard]] = {
    "again": _again,
    "number": _number,
    "named": _named,
    "named_as": _named_as,
    "copy": _copy,
    "swapped": _swapped,
    "side": _side,
    "further": _further,
    "untold": _untold,
    "orders": _orders,
    "other_name": _other_name,
}
