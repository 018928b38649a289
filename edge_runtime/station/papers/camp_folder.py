"""List the files to carry on a stick: of each person a folder, and the whole as a table."""

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path

import simplejpeg

from edge_runtime.errors import StoreInvalidError
from edge_runtime.results.embedded import small_jpeg
from edge_runtime.results.legend import captioned
from edge_runtime.results.overlays import plain_name, whole
from edge_runtime.results.shown import percent
from edge_runtime.station.about import Past
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import date_of, turn_of
from edge_runtime.station.camp_facts import Told
from edge_runtime.station.camp_report import camp_report, report_text
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.days import people_of_day
from edge_runtime.station.intake import OVERLAY, PHOTO
from edge_runtime.station.originals import content_of, original_of
from edge_runtime.station.papers.due_pictures import file_called, kinds_due
from edge_runtime.station.papers.slip import slip_of
from edge_runtime.station.papers.slip_pdf import slip_pdf
from edge_runtime.station.parcel import Entry
from edge_runtime.station.visit_report import visits_told
from edge_runtime.station.visits import visits_on
from edge_runtime.station.web.cards import photo_card
from edge_runtime.station.web.export import camp_csv
from edge_runtime.station.web.frame import Station, disclaimer_of
from edge_runtime.station.web.referrals_table import referrals_csv

#: The files that stand beside the folders.
README, TABLE, REFERRALS = "README.txt", "camp.csv", "referrals.csv"

SLIP, REPORT = "slip.pdf", "report.json"

#: How the camera's files are called there.
ORIGINAL = "original"

#: What is written of each person, by what the photographs' records say.
PAPERS = SLIP, REPORT

#: What the files of an export may be called.
NAMES = re.compile(
    rf"{README}|{TABLE}|{REFERRALS}|[0-9]{{4,}}(\.[0-9]+)?(-[\w.-]+)?/(slip\.pdf|report\.json"
    rf"|({PHOTO}|{OVERLAY})-[0-9]{{6,}}-[a-z]+\.jpg|{ORIGINAL}-[0-9]{{6,}}-[a-z]+[\w.-]*)"
)

_WHOSE = re.compile(r"[.-]")  # ends a number, or a pseudonym

_LETTERS = 40  # of what a person is called by

# A person's pictures that their slip shows, until they are written.
_Known = dict[Path, bytes | None]


def export_entries(
    station: Station, *, day: str | None = None, originals: Sequence[Path] = ()
) -> Iterator[Entry]:
    """Give the files, a person's at a time; all are of the camp as it is when this is first asked.

    What is damaged, or needs a record that is, is left out, and the readme names it.

    Args:
        station: Whose camp, in whose language.
        day: YYYY-MM-DD, for those alone who were there then, and for their visit of that day; of
            several, where the date came again, each has its folder. None for all.
        originals: Folders in which the files as the camera wrote them are looked for, the inbox
            and where they are moved to; none where they aren't asked for.

    Raises:
        OSError: A picture can't be read.
    """
    with station.store.lock:
        store = copy(station.store)  # it asks the same file
        store.camp = store.camp.as_it_is()
    still = replace(station, store=store, _advised=None)
    people, past = people_of_day(store.camp, day), Past(store.camp)
    shown = {"people": len(people), "day": day or "-", "disclaimer": disclaimer_of(station.texts)}
    yield Entry(TABLE, camp_csv(store.camp, people, day=day).encode())
    yield Entry(REFERRALS, referrals_csv(store.camp, people, day=day).encode())
    left_out, several = list[str](), list[str]()
    for number in people:
        visits = _visits(store.camp, number, day)
        for turn, key, photos in visits:
            folder = _folder(number, store.camp.people[number].given_id, turn)
            if turn is not None:
                several.append(folder)
            known: _Known = {}
            for name in PAPERS:
                content = _paper(still, name, number, key, past, known)
                if content is None:
                    left_out.append(f"{folder}/{name}")
                else:
                    yield Entry(f"{folder}/{name}", content)
            for told in photos:
                yield from _photo(still, told, folder, left_out, known)
            if originals:
                yield from _originals(store, photos, folder, originals)
    readme = station.texts.say("export.readme", **shown)
    if several:
        readme += station.texts.say("export.several", folders="\r\n  ".join(several))
    if left_out:
        readme += station.texts.say("export.left_out", files="\r\n  ".join(left_out))
    yield Entry(README, readme.encode())


def person_in(folder: str) -> str:
    """Give what of the name of a folder, also of one without names, says whose it is."""
    return _WHOSE.split(folder, maxsplit=1)[0]


def visit_in(folder: str) -> str:
    """Give what of the name of a person's folder says which of several visits of a day it is.

    Returns:
        A point and which time it was that the date came; "" where it is the only visit.
    """
    return folder.partition("-")[0].removeprefix(person_in(folder))


def _visits(
    camp: Camp, number: int, day: str | None
) -> list[tuple[int | None, str | None, tuple[Told, ...]]]:
    """List of each folder of a person which time the date came, the visit's key, and photos.

    Where there is but one folder it doesn't say which time. A visit of several that has only begun
    has none.
    """
    if day is None:
        return [(None, None, camp.of(number))]
    visits = visits_on(camp, number, day)
    shown = [each for each in visits if each.photos] or visits[-1:]
    if len(shown) == 1:
        return [(None, shown[0].key, shown[0].photos)]
    turns = (next(turn_of(own) for own in each.turns if date_of(own) == day) for each in shown)
    return [(turn, each.key, each.photos) for turn, each in zip(turns, shown, strict=True)]


def _paper(
    station: Station, name: str, number: int, day: str | None, past: Past, known: _Known
) -> bytes | None:
    """Write what is to be written of a person; None where a record for it is damaged."""
    store = station.store

    def read(file: Path) -> bytes | None:
        return known.setdefault(file, whole(file))

    try:
        if name == SLIP:
            last = visits_told(store.camp, number, day)[-1].key
            return slip_pdf(slip_of(station, number, day=last, past=past), store.picture, read=read)
        return report_text(camp_report(store, number, station.classifier, day=day, past=past))
    except StoreInvalidError:
        return None


def _photo(
    station: Station,
    told: Told,
    folder: str,
    left_out: list[str],
    known: _Known,
) -> Iterator[Entry]:
    number = told.photo.number
    due = kinds_due(
        is_readable=told.photo.group != "unreadable", has_class=bool(told.photo.class_name)
    )
    for name in (PHOTO, OVERLAY):
        file = station.store.picture(number, name)
        path = f"{folder}/{file_called(name, number, told.eye)}"
        kept = known.pop(file) if file in known else whole(file)
        content = _with_words(station, told, kept) if kept and name == OVERLAY else kept
        if content is not None:
            yield Entry(path, content)
        elif name in due or file.is_file():
            left_out.append(path)


def _originals(
    store: CampStore, photos: Iterable[Told], folder: str, originals: Sequence[Path]
) -> Iterator[Entry]:
    """Give the camera's files, each once: one of several photographs by the first one's number."""
    firsts: dict[str, Told] = {}
    for told in photos:
        firsts.setdefault(content_of(store, told.photo.number), told)
    for told in firsts.values():
        number = told.photo.number
        original = original_of(store, originals, number)
        if original is not None:
            suffix = plain_name(original.suffix.lower())
            yield Entry(f"{folder}/{file_called(ORIGINAL, number, told.eye, suffix)}", original)


def _with_words(station: Station, told: Told, overlay: bytes) -> bytes | None:
    """Say below an overlay what it shows and what it is for: on a stick no page says so.

    Returns:
        None where it is damaged.
    """
    texts = station.texts
    card = photo_card(told, station.store.camp, texts)
    share = "" if card.confidence is None else f"  {percent(card.confidence)}"
    try:
        picture = simplejpeg.decode_jpeg(overlay)
    except ValueError:
        return None
    words = f"{card.result}{share}", f"{card.evidence} (Grad-CAM)", disclaimer_of(texts)
    shown = captioned(picture, *words, has_scale=card.has_heat)
    return small_jpeg(shown, side=max(shown.shape))


def _folder(number: int, given_id: str, turn: int | None) -> str:
    """Name a person's folder so that every disk takes it and no other visit has it."""
    called = plain_name(given_id)[:_LETTERS].strip("._-")
    numbered = f"{number:04}" if turn is None else f"{number:04}.{turn}"
    return f"{numbered}-{called}" if called else numbered
