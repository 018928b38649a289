"""What the pages show of a hint: what may be wrong, and a button for each answer."""

from dataclasses import dataclass, field
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.results.texts import Texts
from edge_runtime.station.camp import Camp
from edge_runtime.station.hints import Hint
from edge_runtime.station.web.cards import clock, title_of

_SHORT = 100  # letters of a file's name in a reason, which has a limit


@dataclass(frozen=True)
class Answer:
    """A button: the form that it sends, what stands on it, and the form's hidden fields."""

    kind: str
    label: str
    fields: dict[str, str | int]


@dataclass(frozen=True)
class HintCard:
    """A hint in a sentence; ``other`` is the person that it leads to, None where it does not."""

    sentence: str
    other: int | None = None
    answers: list[Answer] = field(default_factory=list)


def hint_card(hint: Hint, person: int, camp: Camp, texts: Texts) -> HintCard:
    """Show a hint about a person.

    Args:
        hint: What is to be looked at.
        person: Whom it is about.
        camp: The camp.
        texts: The words.
    """
    say = texts.say
    nothing = Answer("hint", say(f"hint.{hint.kind}.no"), {"person": person, "key": hint.key})
    if hint.kind == "again":
        other = Answer("another", say("hint.again.other"), nothing.fields)
        said = say("hint.again", who=title_of(camp.people[person], texts), day=hint.before)
        return HintCard(said, None, [nothing, other])
    if hint.kind == "number":
        first, last = sorted((person, hint.other or 0))
        said = say("hint.number", number=_number(camp, person), who=_who(camp, hint.other, texts))
        why = say("hint.number.reason")
        merge = Answer(
            "merge", say("hint.number.yes"),
            {"person": last, "given_id": f"#{first}", "reason": why},
        )  # fmt: skip
        return HintCard(said, hint.other, [merge, nothing])
    told = camp.told[hint.photo or 0]
    photo: dict[str, str | int] = {"photo": told.photo.number}
    name, time = printable(Path(told.photo.path).name), clock(told.photo.arrived)
    if hint.kind == "side":
        own = told.eye if told.eye_is_told else told.photo.eye_in_name
        eye, seen = say(f"eye.{own}"), say(f"eye.{hint.seen}")
        is_seen = Answer("eye", say("hint.side.is", eye=seen), {**photo, "eye": hint.seen or ""})
        is_own = Answer("eye", say("hint.side.is", eye=eye), {**photo, "eye": own or ""})
        answers = [is_seen, nothing if told.eye_is_told else is_own]
        return HintCard(say("hint.side", name=name, eye=eye, seen=seen), None, answers)
    if hint.kind == "copy":
        first_name = printable(Path(camp.photos[hint.first or 0].path).name)
        is_same = hint.other == person
        who = say("hint.copy.own") if is_same else _who(camp, hint.other, texts)
        aside = {**photo, "reason": say("hint.copy.reason", name=first_name[:_SHORT])}
        return HintCard(
            say("hint.copy", name=name, first=first_name, who=who),
            None if is_same else hint.other,
            [Answer("retake", say("hint.copy.yes"), aside), nothing],
        )
    moved = Answer("assign", say("hint.further.yes"), {**photo, "given_id": ""})
    return HintCard(say("hint.further", name=name, time=time), None, [moved, nothing])


def _who(camp: Camp, person: int | None, texts: Texts) -> str:
    return f"{title_of(camp.people[person or 0], texts)} (#{person})"


def _number(camp: Camp, person: int) -> str:
    return printable(camp.people[person].given_id)
