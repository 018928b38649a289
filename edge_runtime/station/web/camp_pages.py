"""Write the pages of the camp as a whole: its files, its settings, and what went wrong."""

from collections.abc import Mapping
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.hospital.installed import INSTALL
from edge_runtime.results.texts import LANGUAGES, texts
from edge_runtime.station.listed_files import broken_listed, copies_listed
from edge_runtime.station.web.cards import title_of
from edge_runtime.station.web.clock import clock
from edge_runtime.station.web.expected_list import rows_of
from edge_runtime.station.web.faults import fault_of
from edge_runtime.station.web.form_error import FormError
from edge_runtime.station.web.frame import TEXTS, Station, model_rows, write_page
from edge_runtime.station.web.sending import sending_rows

_FILES = 300  # on one page


def files_page(station: Station, asked: Mapping[str, str]) -> str:
    """List what came into the inbox, and what of it is no photograph."""
    arrivals = station.intake.arrivals
    camp, words, refused = station.store.camp, station.texts, arrivals.refused()
    waiting = {*arrivals.still_coming()} - {*refused}
    return write_page(
        station, "files.html.jinja", asked,
        waiting=sorted(map(printable, waiting))[:_FILES],
        unread=sorted(map(printable, arrivals.unread))[:_FILES],
        needs=INSTALL if arrivals.dicom.unread else "",
        passed=[f"{count} x {kind}" for kind, count in arrivals.dicom.kinds_passed_over().items()],
        broken=[
            *((printable(path), 1, fault_of(path, why, words), "")
              for path, why in sorted(refused.items())[:_FILES]),
            *((printable(each.file), each.photos, fault_of(each.last, each.fault, words),
               clock(each.seen))
              for each in broken_listed(station.store, most=_FILES)),
        ],
        copies=[
            (printable(each.file), each.photos, printable(Path(camp.photos[each.photo].path)),
             clock(each.seen))
            for each in copies_listed(station.store, most=_FILES)
        ],
        taken=len(camp.photos), inbox=printable(arrivals.inbox),
    )  # fmt: skip


def settings_page(station: Station, asked: Mapping[str, str]) -> str:
    """Say which model speaks, what its validation said, and what all this is for."""
    say = station.texts.say
    others = [(say("label.others"), each, False) for each in station.places]
    if any(each.startswith("http:") for each in station.places):
        others.append((say("label.caution"), say("others.listen"), True))
    others += sending_rows(station.send_queue, say)
    return write_page(
        station, "settings.html.jinja", asked,
        model=[*model_rows(station), *others],
        languages=[(code, texts(code, TEXTS).say("language.own")) for code in LANGUAGES],
    )  # fmt: skip


def error_page(station: Station, sentence: str, *, back: str | None = None) -> str:
    """Say in a sentence what couldn't be done; ``back`` is the page from which it was asked for."""
    return write_page(
        station,
        "error.html.jinja",
        {},
        sentence=sentence,
        back=back,
        people=[],
        listed=[],
        given="",
    )


def form_error_page(station: Station, error: FormError, *, back: str) -> str:
    """Say what is wrong with a form that came from the page ``back``, and of whom that speaks."""
    people, words = station.store.camp.people, station.texts
    named = [
        (number, title_of(people[number], words), clock(people[number].since))
        for number in error.people
        if number in people
    ]
    return write_page(
        station, "error.html.jinja", {},
        sentence=words.say(str(error)), back=back, people=named, given=error.given,
        listed=rows_of(error.listed, station.heard, station.store.camp),
    )  # fmt: skip
