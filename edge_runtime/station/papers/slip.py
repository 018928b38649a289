"""What stands on a person's slip, on the page and on paper alike."""

from collections import Counter
from dataclasses import dataclass

from edge_runtime.errors import printable
from edge_runtime.papers.code import code_line
from edge_runtime.predict.record import Record
from edge_runtime.results.texts import Texts
from edge_runtime.station.about import Past
from edge_runtime.station.advice import EYES
from edge_runtime.station.camp import Camp
from edge_runtime.station.follow_up import known_at, plan_at
from edge_runtime.station.happened import Happened
from edge_runtime.station.hints import Hints
from edge_runtime.station.logged import HISTORY, event_content
from edge_runtime.station.visit_report import visits_told
from edge_runtime.station.visits import Visit, numbered, visit_of, visits_of
from edge_runtime.station.web.cards import EyeCard, PersonCard
from edge_runtime.station.web.frame import Station, disclaimer_of, model_rows
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.told import told
from edge_runtime.version import VERSION

_LETTERS, _LINES = 30, 11  # of an eye's texts: so many a line, and so many lines leave room
_NAMED = 40  # letters of what a photograph came to, with its name and time, that take one line
_SHORT = 50  # letters of a name or a place that takes one line


@dataclass(frozen=True)
class Slip:
    """A slip in words.

    ``day`` names all of the visit that it shows, ISO 8601, ``made`` when something was
    last said of the person, ISO 8601 with the offset from UTC, so that the same slip is the same
    file. ``notice`` says what all of it is for, ``eyes`` are those that it shows, ``blanks`` are
    labels and what stands beside each, "" where it is written by hand, none where nobody is to go
    anywhere, ``model`` are rows as those of a photograph, ``code`` is what its QR code says, and
    ``log`` the checkpoint of the camp's log once it had all of that, in one line; "" without a log.
    ``unanswered`` says what nobody answered yet of whose the photographs are, "" where all is.
    ``is_shared`` tells that somebody else who was here on one of the days has the same number.
    """

    card: PersonCard
    texts: Texts
    day: str
    made: str
    notice: str
    eyes: list[EyeCard]
    blanks: list[tuple[str, str]]
    model: list[tuple[str, str, bool]]
    code: str
    log: str = ""
    unanswered: str = ""
    is_shared: bool = False

    @property
    def title(self) -> str:
        """What the person is called by on paper, with their page's number where that isn't all."""
        return f"{self.card.title} (#{self.card.number})" if self.is_shared else self.card.title

    @property
    def born(self) -> str:
        """When the person was born, "" where nobody said."""
        year = self.card.birth_year
        return self.texts.say("slip.born", year=year) if year else ""

    @property
    def codes(self) -> list[tuple[str, str, bool]]:
        """Rows, as those of a model, of what the code says and of the log's checkpoint."""
        said = {"slip.code": self.code, "slip.log": self.log}
        return [(self.texts.say(key), text, False) for key, text in said.items() if text]

    @property
    def is_short(self) -> bool:
        """Tell whether a browser, which can't measure before it prints, has room to write large."""
        shown = [each.shown for each in self.eyes if each.shown]
        lines = [_lines(each) for each in self.eyes]
        named = [
            f"{self.title} {self.born}", *(each.name for each in shown),
            *dict(self.blanks).values(),
        ]  # fmt: skip
        is_named_shortly = all(_width(each) <= _SHORT for each in named)
        is_full = max(lines, default=0) > _LINES or bool(self.unanswered)
        return len(self.eyes) == len(EYES) and is_named_shortly and not is_full


def _lines(eye: EyeCard) -> int:
    """Count the lines that an eye's texts take, with what its heading takes more than others do."""
    photo = eye.shown
    if photo is None:
        return 0
    rows = sum(-(-_width(said) // _LETTERS) for _, said, _ in photo.rows)
    named = _width(f"{photo.result} {photo.name} {photo.time}") > _NAMED
    return rows + named + 2 * eye.is_guess


def _width(text: str) -> int:
    """Count letters, the wide ones twice: m and w, capitals, all of other scripts than Latin."""
    return sum(2 if each in "mw" or each.isupper() or each > "\u024f" else 1 for each in text)


def slip_of(
    station: Station, number: int, *, day: str | None = None, past: Past | None = None
) -> Slip:
    """Write a person's slip of the visit of a day; who asks holds the store's lock.

    None is the last visit. A referral that was over before it stands on it no more, nor what was
    said once they had come again. The model is the one that gave the results, whichever runs now.
    ``past`` is the camp's, if at hand.

    Raises:
        StoreInvalidError: A record can't be read.
    """
    camp, words = station.store.camp, station.texts
    past = past or Past(camp, number)
    known = known_at(camp, number, day, past)
    card = station.card(number, day=day, is_dated=True, known=known)
    eyes = [each for each in card.eyes if each.eye or each.decides]
    shown = [each.shown.number for each in eyes if each.shown]
    records = [station.store.record_of(each) for each in shown]
    identities = list(dict.fromkeys(each.bundle.identity for each in records))
    plan = plan_at(camp, number, known, day)
    visit, days = visits_told(camp, number, day)[-1], visit_of(camp, number, day).days
    is_shared = _is_shared(camp, number, days)
    said = {"slip.where": printable(plan.place), "slip.when": plan.day, "slip.by": ""}
    goes = card.mark.key == "refer" or card.due or any(said.values())
    blanks = [(words.say(key), text) for key, text in said.items()] if goes else []
    return Slip(
        card,
        words,
        ", ".join(days),
        past.said_last(number, visit),
        f"{disclaimer_of(words)} {words.say('treatment')}",
        eyes,
        blanks,
        _models(records, words) if records else model_rows(station)[:4],
        code_line(
            called=_called(card, is_shared=is_shared),
            day=",".join(dict.fromkeys((days[0], days[-1]))),
            advice=card.mark.key,
            due=card.due,
            eyes={_eye_key(each): each.mark.key for each in eyes},
            models=identities or [station.classifier.bundle.identity],
        ),
        _log(station, past.said_of(number, visit)),
        _unanswered(station, number, visit),
        is_shared,
    )


def _is_shared(camp: Camp, number: int, days: tuple[str, ...]) -> bool:
    """Tell whether somebody else of these days has the same number: papers would be alike."""
    others = {*numbered(camp, camp.people[number].given_id)} - {number}
    theirs = (day for other in others for visit in visits_of(camp, other) for day in visit.days)
    return not {*days}.isdisjoint(theirs)


def _unanswered(station: Station, number: int, visit: Visit) -> str:
    """Say what a visit's photographs leave open and what of the person does, at their last one."""
    camp, words = station.store.camp, station.texts
    photos = {each.photo.number for each in visit.photos}
    is_last = visit.key == visit_of(camp, number).key
    found = Counter(
        each.kind
        for each in Hints(camp).of(number)
        if (is_last if each.photo is None else each.photo in photos) and each.kind != "orders"
    )
    said = [
        f"{words.say(f'hint.about.{kind}')}{f' ({count})' if count > 1 else ''}"
        for kind, count in found.items()
    ]
    return words.say("slip.open", what="; ".join(said)) if said else ""


def _log(station: Station, said: list[Happened]) -> str:
    """Write the checkpoint of the log as it was when the last of this was logged.

    It is the same whenever the slip is made again, and what came later changes nothing of it.
    """
    log, last = station.store.log, max((each.number for each in said), default=0)
    if log is None:
        return ""
    asked = f"{HISTORY} WHERE number = ?"
    rows = station.store.rows(tuple[int, bytes, bytes, bytes], asked, last)
    try:
        found = log.until(event_content(rows[0])) if rows else None
    except LogInvalidError:  # the slip is for a person; the log's page says what is wrong with it
        return ""
    return told(*found) if found else ""


def _eye_key(eye: EyeCard) -> str:
    """Name an eye in a code, with a question mark where the optic disc alone tells the side."""
    return f"{eye.eye or 'unknown'}{'?' if eye.is_guess else ''}"


def _called(card: PersonCard, *, is_shared: bool) -> str:
    """Say what a code calls a person by: a number without a digit may be a name, so never that."""
    if not any(letter.isdigit() for letter in card.given_id):
        return f"#{card.number}"
    return f"{card.given_id} (#{card.number})" if is_shared else card.given_id


def _models(records: list[Record], texts: Texts) -> list[tuple[str, str, bool]]:
    """Say of the models that gave results which they are and what was said of them."""
    say = texts.say
    rows: dict[tuple[str, str, bool], None] = {}
    for record in records:
        model, bundle = record.model, record.bundle
        named = dict.fromkeys((bundle.name, model.name, model.precision))
        said = say(f"validation.{model.validation}")
        for row in (
            (say("model"), ", ".join(named), False),
            (say("label.identity"), bundle.identity[:12], False),
            (say("validation"), said, not model.validation.startswith("passed")),
        ):
            rows.setdefault(row)
    return [*rows, (say("label.version"), VERSION, False)]
