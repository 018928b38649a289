"""What all pages of the station are made of, and what they all show."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from edge_runtime.bundle.verdict import validation_of
from edge_runtime.predict.classifier import Classifier
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import percent
from edge_runtime.results.texts import LANGUAGES, Texts, texts
from edge_runtime.station.access.sessions import Session
from edge_runtime.station.advice import Advised
from edge_runtime.station.asker import Asker, Heard
from edge_runtime.station.by_number import event_of
from edge_runtime.station.camp_facts import Person
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.clock_behind import entries_ahead, started_anew
from edge_runtime.station.follow_up import Due, due_before
from edge_runtime.station.intake import Intake
from edge_runtime.station.moment import now
from edge_runtime.station.web.cards import PersonCard, person_card, with_due
from edge_runtime.station.web.history import told_of
from edge_runtime.station.web.plan import ShownPlan, plan_of
from edge_runtime.version import VERSION

TEXTS = Path(__file__).parents[1] / "texts"

#: The folder of the templates.
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Station:
    """What the pages are made of.

    ``token`` is what their forms carry, ``session`` who is signed in and reads them, and ``places``
    are the addresses at which other computers reach them. ``send_queue`` is the folder of what is
    sent to a hospital, None for none. ``asker`` asks a hospital who is expected, None for nobody.
    """

    store: CampStore
    intake: Intake
    classifier: Classifier
    token: str
    language: str = "en"
    session: Session | None = None
    places: tuple[str, ...] = ()
    send_queue: Path | None = None
    asker: Asker | None = None
    _advised: Advised | None = None

    @cached_property
    def advised(self) -> Advised:
        """What is to be done with each person."""
        return self._advised or Advised(self.store.camp)

    def in_language(self, language: str | None) -> "Station":
        """Give the station in a language; in its own where there are no texts of that one."""
        if language not in LANGUAGES or language == self.language:
            return self
        return replace(self, language=language, _advised=self.advised)

    def signed_in(self, session: Session | None, token: str) -> "Station":
        """Give the station as somebody who is signed in reads it; None is nobody."""
        if session is None:
            return self
        return replace(self, session=session, token=token, _advised=self.advised)

    @property
    def heard(self) -> Heard:
        """What a hospital's worklist says at this moment; no list where none is asked."""
        return self.asker.heard if self.asker else Heard()

    @property
    def texts(self) -> Texts:
        """The texts of the station's language."""
        return texts(self.language, TEXTS)

    def card(
        self,
        number: int,
        *,
        day: str | None = None,
        is_dated: bool = False,
        known: Person | None = None,
    ) -> PersonCard:
        """Show a person at the visit of a day, None for the last, with days beside times.

        ``known`` is what was known of their referral then, None for all that is known now.
        """
        camp, advice = self.store.camp, self.advised.of(number, day)
        card = person_card(camp, number, advice, self.texts, day=day, is_dated=is_dated)
        due = self.due(number, day, known=known)
        return card if due is None else with_due(card, *due, self.texts)

    def due(
        self, number: int, day: str | None, *, known: Person | None = None
    ) -> tuple[Due, str] | None:
        """Say what is due from before the visit of a day; as ``follow_up.due_before``."""
        return due_before(self.store.camp, number, self.advised, known=known, day=day)

    def plan(self, number: int) -> ShownPlan:
        """Show a person's referral; one of an earlier visit that nobody looked after stands."""
        return plan_of(self.store.camp, number, self.advised, now().date())

    @property
    def bad_files(self) -> int:
        """Count the files that can't be read: those that broke today, and those of other kinds."""
        today, arrivals = now().date().isoformat(), self.intake.arrivals
        broken = self.store.camp.files.broken_files(day=today)
        return len(broken) + len(arrivals.unread) + len(arrivals.refused())

    def news(self) -> dict[str, object]:
        """Say what the open pages compare: whether something changed, and what is in the way."""
        camp = self.store.camp
        waiting = len(self.intake.arrivals.still_coming())
        bad = next(reversed(camp.files.broken.items()), None), self.bad_files
        heard = self.heard.number
        state = len(camp.photos), len(camp.history), waiting, self.intake.trouble, bad, heard
        return {"state": repr(state)}


def write_page(station: Station, template: str, asked: Mapping[str, str], **values: object) -> str:
    """Fill a template with what all pages show, and with what it shows."""
    camp, words, trouble = station.store.camp, station.texts, station.intake.trouble
    done = asked.get("done", "")
    undoable = int(done) if done.isdecimal() and len(done) < 10 else None
    found = None if undoable is None else event_of(camp.history, undoable)
    said = told_of(found.event, camp, words) if found else ""
    at, card = template.partition(".")[0], values.get("card")
    pieces = page_template(template, TEMPLATES).generate(
        language=words.language,
        say=words.say,
        token=station.token,
        reader=station.session.name if station.session else None,
        trouble=trouble.told(words) if trouble else None,
        ahead=entries_ahead(camp),
        started=started_anew(camp),
        done=said if said and undoable not in camp.undone() else None,
        undoable=undoable,
        state=station.news()["state"],
        bad_files=station.bad_files,
        disclaimer=disclaimer_of(words),
        at=at,
        here={"now": "/", "person": f"/person/{getattr(card, 'number', 0)}"}.get(at, f"/{at}"),
        **values,
    )
    page = io.StringIO()  # joined as they come: thousands at once would lie between what is kept
    for piece in pieces:
        page.write(piece)
    return page.getvalue()


def disclaimer_of(words: Texts) -> str:
    """Say in a language what all of it is for."""
    return words.say("disclaimer")


def model_rows(station: Station) -> list[tuple[str, str, bool]]:
    """Say of the model, label by label, which it is and what was said of it."""
    say, session = station.texts.say, station.classifier.session
    bundle = station.classifier.bundle
    said = validation_of(session.entry.verdict)
    own = bundle.manifest.for_model(session.name).thresholds
    named = dict.fromkeys((bundle.manifest.name, session.name, session.entry.precision))
    rows = [
        (say("model"), ", ".join(named), False),
        (say("label.identity"), bundle.identity[:12], False),
        (say("validation"), say(f"validation.{said}"), said != "passed"),
        (say("label.version"), VERSION, False),
    ]
    for name, each in (own.classes if own else {}).items():
        words = {"name": station.texts.class_name(name), "threshold": percent(each.threshold)}
        rows.append((say("label.threshold"), say("threshold.of", **words), False))
    if own and len(own.classes) > 1:
        rows.append((say("label.thresholds"), say("thresholds.lowest"), False))
    classes = ", ".join(map(station.texts.class_name, bundle.manifest.classes))
    return [*rows, (say("scope"), say("scope.limits", classes=classes), False)]
