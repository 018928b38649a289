"""Write the station's pages from a camp as it stands."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from edge_runtime.bundle.verdict import doubt_of
from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import printable
from edge_runtime.predict.classifier import Classifier
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import percent
from edge_runtime.results.texts import Texts, texts
from edge_runtime.station.advice import ORDER, Advised
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonCalled, PersonOpened, PhotoAssigned
from edge_runtime.station.intake import Intake
from edge_runtime.station.web.cards import PersonCard, clock, mark, person_card, title_of
from edge_runtime.version import VERSION

TEXTS = Path(__file__).parents[1] / "texts"

_TEMPLATES = Path(__file__).parent / "templates"

#: What the history has no button for: others lean on it, or it is over.
_STAYS = (PersonOpened, PersonCalled, PhotoAssigned)

_LISTED, _FILES = 200, 300  # persons and files on one page


@dataclass(frozen=True)
class Station:
    """What the pages are made of; ``token`` is what their forms carry."""

    store: CampStore
    intake: Intake
    classifier: Classifier
    token: str
    language: str = "en"

    @cached_property
    def advised(self) -> Advised:
        """What is to be done with each person."""
        return Advised(self.store.camp)

    @property
    def texts(self) -> Texts:
        """The texts of the station's language."""
        return texts(self.language, TEXTS)

    def card(self, number: int) -> PersonCard:
        """Show a person."""
        return person_card(self.store.camp, number, self.advised.of(number), self.texts)

    def news(self) -> dict[str, object]:
        """Say what the open pages compare: whether something changed, and what is in the way."""
        camp = self.store.camp
        waiting = len(self.intake.arrivals.still_coming())
        state = len(camp.photos), len(camp.history), waiting, self.intake.trouble
        return {"state": repr(state), "trouble": self.intake.trouble}


def now_page(station: Station, asked: Mapping[str, str]) -> str:
    """Show who sits before the camera, else whose photograph came last."""
    camp = station.store.camp
    newest = max(camp.told, default=None)
    shown = camp.called
    if shown is None and newest is not None:
        shown = camp.told[newest].person
    card = None if shown is None else station.card(shown)
    return _page(station, "now.html.jinja", asked, card=card, called=camp.called)


def person_page(station: Station, asked: Mapping[str, str], number: int) -> str:
    """Show a person with all that happened with them."""
    camp = station.store.camp
    card = station.card(number)
    photos = {each.photo.number for each in camp.of(number)}
    gone, say = camp.undone(), station.texts.say
    history = [
        (
            each.number,
            clock(each.at),
            say(f"happened.{each.event.__struct_config__.tag}"),
            each.number in gone,
            each.number not in gone and not isinstance(each.event, _STAYS),
        )
        for each in camp.history
        if getattr(each.event, "photo", None) in photos
        or number in (getattr(each.event, "person", None), getattr(each.event, "into", None))
    ]
    return _page(station, "person.html.jinja", asked, card=card, history=history[::-1])


def slip_page(station: Station, asked: Mapping[str, str], number: int) -> str:
    """Show the sheet of paper that a person takes along."""
    card = station.card(number)
    return _page(station, "slip.html.jinja", asked, card=card, model=_model(station)[:4])


def worklist_page(station: Station, asked: Mapping[str, str]) -> str:
    """List the people, the most urgent first, filtered by what is to be done and by a search."""
    camp, words = station.store.camp, station.texts
    found = {number: station.advised.of(number) for number in camp.people}
    counts = Counter(each.advice for each in found.values())
    show, search = asked.get("show", ""), asked.get("q", "").strip()
    chosen = [
        number
        for number, each in found.items()
        if (not show or each.advice == show)
        and search.casefold() in title_of(camp.people[number], words).casefold()
    ]
    chosen.sort(key=lambda number: found[number].urgency)
    return _page(
        station, "worklist.html.jinja", asked,
        cards=[station.card(number) for number in chosen[:_LISTED]],
        left_out=max(0, len(chosen) - _LISTED),
        marks=[(mark(advice, words), counts[advice]) for advice in ORDER if counts[advice]],
        people=len(camp.people), show=show, search=search,
    )  # fmt: skip


def files_page(station: Station, asked: Mapping[str, str]) -> str:
    """List what came into the inbox, and what of it is no photograph."""
    arrivals = station.intake.arrivals
    seen = station.store.seen(last=_FILES)
    camp = station.store.camp
    return _page(
        station, "files.html.jinja", asked,
        waiting=sorted(map(printable, arrivals.still_coming()))[:_FILES],
        unread=sorted(map(printable, arrivals.unread))[:_FILES],
        broken=[(printable(e.path), e.fault, clock(e.seen)) for e in seen if e.fault],
        copies=[
            (printable(each.path), printable(Path(camp.photos[each.photo].path)), clock(each.seen))
            for each in seen
            if each.is_copy and each.photo in camp.photos
        ],
        taken=len(camp.photos), inbox=printable(arrivals.inbox),
    )  # fmt: skip


def day_page(station: Station, asked: Mapping[str, str]) -> str:
    """Count what the camp came to, and how many photographs got no result, hour by hour."""
    camp, words = station.store.camp, station.texts
    counts = Counter(station.advised.of(number).advice for number in camp.people)
    hours: dict[str, Counter[str]] = {}
    for told in camp.told.values():
        kind = "graded" if told.photo.class_name is not None else "ungraded"
        hours.setdefault(told.photo.arrived[:13].replace("T", " "), Counter())[kind] += 1
    return _page(
        station, "day.html.jinja", asked,
        marks=[(mark(advice, words), counts[advice]) for advice in ORDER if counts[advice]],
        people=len(camp.people), photos=len(camp.told),
        hours=[
            (f"{hour}:00", each.total(), each["ungraded"],
             percent(each["ungraded"] / each.total(), 0))
            for hour, each in sorted(hours.items())
        ],
    )  # fmt: skip


def settings_page(station: Station, asked: Mapping[str, str]) -> str:
    """Say which model speaks, what its validation said, and what all this is for."""
    return _page(station, "settings.html.jinja", asked, model=_model(station))


def error_page(station: Station, sentence: str) -> str:
    """Say in a sentence what couldn't be done."""
    return _page(station, "error.html.jinja", {}, sentence=sentence)


def _model(station: Station) -> list[tuple[str, str, bool]]:
    """Say of the model, label by label, which it is and what was said of it."""
    say, session = station.texts.say, station.classifier.session
    bundle = station.classifier.bundle
    doubt = doubt_of(session.entry.verdict)
    own = bundle.manifest.for_model(session.name).thresholds
    named = dict.fromkeys((bundle.manifest.name, session.name, session.entry.precision))
    rows = [
        (say("model"), ", ".join(named), False),
        (say("label.identity"), bundle.identity[:12], False),
        (say("validation"), say("validation.passed") if doubt is None else doubt, bool(doubt)),
        (say("label.version"), VERSION, False),
    ]
    for name, each in (own.classes if own else {}).items():
        words = {"name": station.texts.class_name(name), "threshold": percent(each.threshold)}
        rows.append((say("label.threshold"), say("threshold.of", **words), False))
    classes = ", ".join(map(station.texts.class_name, bundle.manifest.classes))
    return [*rows, (say("scope"), say("scope.limits", classes=classes), False)]


def _page(station: Station, template: str, asked: Mapping[str, str], **values: object) -> str:
    """Fill a template with what all pages show, and with what it shows."""
    camp, words = station.store.camp, station.texts
    done = asked.get("done", "")
    undoable = int(done) if done.isdecimal() and len(done) < 10 else None
    found = [each for each in camp.history[-20:] if each.number == undoable]
    said = f"happened.{found[0].event.__struct_config__.tag}" if found else ""
    at, card = template.partition(".")[0], values.get("card")
    return page_template(template, _TEMPLATES).render(
        language=words.language,
        say=words.say,
        token=station.token,
        trouble=station.intake.trouble,
        done=words.say(said) if said and undoable not in camp.undone() else None,
        undoable=undoable,
        state=station.news()["state"],
        disclaimer=DISCLAIMER if words.language == "en" else words.say("disclaimer"),
        at=at,
        here={"now": "/", "person": f"/person/{getattr(card, 'number', 0)}"}.get(at, f"/{at}"),
        **values,
    )
