"""What the pages show of an eye and of a person, in words of one of the languages."""

from dataclasses import dataclass, replace
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.explain.landmarks import Eye
from edge_runtime.results.texts import Texts
from edge_runtime.station.advice import EYES, Advice, EyeAdvice, PersonAdvice, says_refer
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import day_in_words
from edge_runtime.station.camp_facts import Person, Told
from edge_runtime.station.visits import visit_of
from edge_runtime.station.web.clock import clock
from edge_runtime.station.web.marks import Mark, due_mark, mark, needless_mark
from edge_runtime.station.web.photo_rows import (
    is_referred_as_healthy,
    photo_rows,
    row_of_set_aside,
    said_refer,
)
from edge_runtime.station.web.why import why_of

#: What is to be done at the camera, before anybody goes.
_AT_CAMERA: tuple[Advice, ...] = ("retake", "incomplete")


@dataclass(frozen=True)
class PhotoCard:
    """A photograph: ``rows`` are labels, texts, and whether each is a warning.

    ``result`` is what it came to, ``evidence`` what its overlay shows, "" without a class: the
    diseases together may refer what is likelier healthy. ``confidence`` is 0..1, None without a
    class. ``has_heat`` says whether there is any colour over the overlay. ``refers`` says whether
    it is set aside with a reason alone. ``decided`` is the number of the event by which the
    operator decided of it, None where nobody has.
    """

    number: int
    result: str
    evidence: str
    confidence: float | None
    has_overlay: bool
    has_heat: bool
    has_picture: bool
    name: str
    time: str
    rows: list[tuple[str, str, bool]]
    eye: Eye | None
    can_stand: bool
    is_set_aside: bool
    refers: bool
    decided: int | None


@dataclass(frozen=True)
class EyeCard:
    """An eye: what it comes to, why, the photograph that decides or came last, and the others.

    ``decides`` says whether the person's advice is the eye's, ``is_guess`` whether a photograph
    counts there by its optic disc alone, which the title says too.
    """

    eye: Eye | None
    title: str
    mark: Mark
    why: str
    shown: PhotoCard | None
    others: list[PhotoCard]
    decides: bool
    is_guess: bool


@dataclass(frozen=True)
class PersonCard:
    """A person as the lists and pages show them.

    ``since`` is when they came up, ``days`` are those of the visit that is shown in words, the last
    one's date ``day``, and ``visit`` its key. ``todo`` says what to do about an eye that is to be
    photographed again, "" where none is. ``due`` tells how a referral of an earlier visit is,
    a ``Due``, which ``why`` says; "" where none is.
    """

    number: int
    title: str
    given_id: str
    name: str
    birth_year: int | None
    since: str
    day: str
    days: str
    visit: str
    mark: Mark
    why: str
    eyes: list[EyeCard]
    todo: str = ""
    due: str = ""


def title_of(person: Person, texts: Texts) -> str:
    """Call a person by what is known of them."""
    told = " · ".join(each for each in (person.given_id, person.name) if each)
    return printable(told) if told else texts.say("person.numbered", number=person.number)


def person_card(
    camp: Camp,
    number: int,
    found: PersonAdvice,
    texts: Texts,
    *,
    day: str | None = None,
    is_dated: bool = False,
) -> PersonCard:
    """Show a person of a camp, of whom ``found`` says what to do, and the visit of a ``day``.

    It is the last one where that is None, as in ``advise``. Times of photographs stand there as
    ``clock`` writes them.
    """
    person = camp.people[number]
    visit = visit_of(camp, number, day)
    photos = visit.photos
    eyes = [
        _eye_card(
            eye, found.eyes[eye], photos, camp, texts,
            decides=found.eyes[eye].advice == found.advice, is_dated=is_dated,
        )
        for eye in EYES
    ]  # fmt: skip
    if any(each.eye is None for each in photos):
        unknown, counts = replace(found.of_unknown, why="unknown"), None in found.counting
        card = _eye_card(
            None, unknown, photos, camp, texts,
            decides=counts and unknown.advice == found.advice, is_dated=is_dated,
        )  # fmt: skip
        eyes.append(card if counts else replace(card, mark=needless_mark(texts)))
    return PersonCard(
        number,
        title_of(person, texts),
        person.given_id,
        person.name,
        person.birth_year,
        clock(person.since),
        visit.day,
        ", ".join(map(day_in_words, visit.turns)),
        visit.key,
        mark(found.advice, texts),
        why_of(camp, found, texts),
        eyes,
        _todo(found, camp, texts),
    )


def with_due(card: PersonCard, kind: str, day: str, texts: Texts) -> PersonCard:
    """Say of who isn't to be referred that a referral of an earlier visit is due."""
    visit = texts.say("why.due.visit", day=day) if day else texts.say("why.due.earlier")
    said, own = texts.say(f"why.due.{kind}", visit=visit), card.mark
    if own.key in _AT_CAMERA:
        return replace(card, why=f"{said}. {card.why}", due=kind)
    now = texts.say("why.due.visit_of_now", advice=own.word)
    rest = f"{now}; {card.why}" if card.why else now
    return replace(card, mark=due_mark(own.key, texts), why=f"{said}; {rest}", due=kind)


def _todo(found: PersonAdvice, camp: Camp, texts: Texts) -> str:
    """Say what to do about the first eye that is to be photographed again."""
    for each in found.counting.values():
        if each.advice == "retake" and each.photo is not None:
            reason = camp.told[each.photo].photo.reason or ""
            hint = texts.of_clause("hint", reason)
            if hint:
                return f"{texts.reason(reason).partition(';')[0]}. {hint}"
    return ""


def _eye_card(
    eye: Eye | None,
    found: EyeAdvice,
    photos: tuple[Told, ...],
    camp: Camp,
    texts: Texts,
    *,
    decides: bool,
    is_dated: bool,
) -> EyeCard:
    own = [photo_card(each, camp, texts, is_dated=is_dated) for each in photos if each.eye == eye]
    shown = next((each for each in own if each.number == found.photo), own[-1] if own else None)
    if shown is not None:
        others = [each for each in photos if each.eye == eye and each.photo.number != shown.number]
        aside = [row_of_set_aside(each, camp, texts) for each in others if said_refer(each)]
        shown = replace(shown, rows=[*shown.rows, *aside])
    is_guess = any(each.is_guess for each in photos if each.eye == eye)
    title = texts.say(f"eye.{eye or 'unknown'}.title")
    return EyeCard(
        eye,
        texts.say("eye.guess", eye=title) if is_guess else title,
        mark(found.advice, texts),
        texts.say(f"eye.why.{found.why}"),
        shown,
        [each for each in reversed(own) if shown is None or each.number != shown.number],
        decides,
        is_guess,
    )


def photo_card(told: Told, camp: Camp, texts: Texts, *, is_dated: bool = False) -> PhotoCard:
    """Show a photograph."""
    photo = told.photo
    graded = photo.class_name is not None
    named = texts.class_name(photo.class_name) if photo.class_name else ""
    shows = "where.none" if photo.no_evidence else "picture.overlay"
    if is_referred_as_healthy(photo):
        result, confidence = texts.say("result.not_normal"), None
    else:
        result, confidence = named or texts.say("no_class"), photo.confidence
    return PhotoCard(
        photo.number,
        result,
        texts.say(shows, name=named) if named else "",
        confidence,
        graded,
        graded and not photo.no_evidence,
        photo.group != "unreadable",
        printable(Path(photo.path).name),
        clock(photo.arrived, is_dated=is_dated),
        photo_rows(told, camp, texts, is_dated=is_dated),
        told.eye,
        not graded and told.decision is None,
        told.decision == "retake",
        says_refer(told),
        told.by,
    )
