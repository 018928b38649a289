"""Write a run's report: the worklist, and behind it pages with the details of each photo."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from simplejpeg import decode_jpeg, decode_jpeg_header

from edge_runtime.errors import StoreInvalidError
from edge_runtime.photo.find import STORE
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import ErrorRecord, GradedRecord
from edge_runtime.results.embedded import small_jpeg
from edge_runtime.results.page import (
    DETAILS,
    ON_A_PAGE,
    Figure,
    details_page,
    page_file,
    photo_section,
    picture_file,
    report_page,
    thumbnail_file,
    worklist_row,
)
from edge_runtime.results.store import Store
from edge_runtime.results.store_form import Picture
from edge_runtime.results.tally import Tally
from edge_runtime.results.worklist import Place
from edge_runtime.system.files import replacing_text
from edge_runtime.system.folders import new_folder

#: The worklist, and what is said where the disk is full.
REPORT, NO_ROOM = "report.html", "; make room, then go on with --resume"

_THUMBNAIL = 160  # pixels, the longer side: shown smaller, on screens that are finer


def write_details(folder: Path, store: Store, places: Sequence[Place]) -> None:
    """Write the pages of details; one photo is in memory at a time.

    Their folder takes its place whole, and after that no older worklist is there, whose links would
    lead to other photos.

    Args:
        folder: The result folder.
        store: Its store.
        places: Of all photos of the store, in the order in which they are shown.

    Raises:
        StoreInvalidError: A photo lacks a picture, or has one that is none.
        OSError: It can't be written.
    """
    with new_folder(folder / DETAILS, replace=True, private=True, no_room=NO_ROOM) as made:
        for first in range(0, len(places), ON_A_PAGE):
            some = places[first : first + ON_A_PAGE]
            sections = (_section(folder, store, made, place) for place in some)
            with replacing_text(made / page_file(first), private=True, sync=False) as file:
                file.writelines(details_page(sections, first=first, photos=len(places)))
        (folder / REPORT).unlink(missing_ok=True)


def write_report(
    folder: Path,
    store: Store,
    classifier: Classifier,
    places: Sequence[Place],
    *,
    people: Mapping[int, str],
) -> None:
    """Write the worklist, to which the pages that it leads to are there.

    Args:
        folder: The result folder.
        store: Its store.
        classifier: What made the predictions.
        places: Of all photos of the store, in the order in which they are shown.
        people: The page of each photo's person, by the photo's number.

    Raises:
        OSError: It can't be written.
    """
    rows = (
        (
            place.group,
            worklist_row(
                store.record_of(place.number), place, index=index, person=people[place.number]
            ),
        )
        for index, place in enumerate(places)
    )
    counts = Counter(place.group for place in places)
    tally = Tally()
    tally.count_all(store.outcomes())
    page = report_page(classifier, rows, counts=counts, warning=tally.strangeness)
    with replacing_text(folder / REPORT, private=True) as file:
        file.writelines(page)


def has_details(folder: Path, store: Store) -> bool:
    """Tell whether all pages of details are there with their pictures; empty files aren't."""
    pages = range(0, store.count(), ON_A_PAGE)
    pictured = store.pictured()
    needed = {*map(page_file, pages), *map(picture_file, pictured), *map(thumbnail_file, pictured)}
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder / DETAILS) as files:
        needed -= {file.name for file in files if file.stat().st_size}
    return not needed


def _section(folder: Path, store: Store, made: Path, place: Place) -> str:
    """Write a photo's pictures for the pages, and give its part of one."""
    number, record = place.number, store.record_of(place.number)
    found = {each.class_name: each for each in store.pictures(number)}
    explained = record.explanations if isinstance(record, GradedRecord) else ()
    needed = {each.class_name for each in explained}
    if not isinstance(record, ErrorRecord) and not needed | {""} <= found.keys():
        raise StoreInvalidError(folder / STORE, f"photo {number} lacks a picture")
    try:
        if taken := found.get(""):
            smaller = decode_jpeg(taken.jpeg, min_height=_THUMBNAIL, min_width=_THUMBNAIL)
            small = small_jpeg(smaller, side=_THUMBNAIL, quality=80)
            _write(made / picture_file(number), taken.jpeg)
            _write(made / thumbnail_file(number), small)
        figures = {name: _figure(each, number) for name, each in found.items()}
    except ValueError as error:
        cause = f"photo {number} has a picture that is no JPEG"
        raise StoreInvalidError(folder / STORE, cause) from error
    return photo_section(record, place, figures)


def _write(file: Path, data: bytes) -> None:
    """Write a new file of a folder that isn't in its place yet, so it needs no care of its own."""
    file.touch(0o600, exist_ok=False)
    file.write_bytes(data)


def _figure(picture: Picture, number: int) -> Figure:
    """Say where a picture is, seen from the pages of details, and in what shape."""
    height, width, *_ = decode_jpeg_header(picture.jpeg)
    file = picture_file(number) if picture.file is None else f"../{picture.file}"
    return Figure(file, width, height)
