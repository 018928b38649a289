"""Write the folder of a run's persons: a page and a structured report of each."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import GradedRecord, Record
from edge_runtime.results.embedded import small_jpeg
from edge_runtime.results.people import PEOPLE, Person, people_of
from edge_runtime.results.person_page import person_page
from edge_runtime.results.person_report import person_report
from edge_runtime.results.report import NO_ROOM
from edge_runtime.results.store import Store
from edge_runtime.results.structured_report import PersonReport
from edge_runtime.results.texts import LANGUAGES, texts
from edge_runtime.results.usual_evidence import Averages, averages_of, draw_usual, picture_name
from edge_runtime.system.codec import plain
from edge_runtime.system.files import replacing_text, write_file
from edge_runtime.system.folders import new_folder

_LANGUAGE = "language"  # a key of the store


def write_people(
    folder: Path, store: Store, classifier: Classifier, *, language: str
) -> dict[int, str]:
    """Write the persons' pages and reports; one person's records are in memory at a time.

    The folder takes its place whole; no worklist may be there, as its links would lead to other
    persons then.

    Args:
        folder: The result folder.
        store: Its store.
        classifier: What made the predictions.
        language: Of the pages, one of ``LANGUAGES``.

    Returns:
        The file of each photo's person as the result folder has it, by the photo's number.
    """
    words = texts(language)
    people = _people(store)
    averages = averages_of(classifier.bundle, classifier.session.name)
    with new_folder(folder / PEOPLE, replace=True, private=True, no_room=NO_ROOM) as made:
        for person in people:
            records = {
                each: (store.record_of(each), store.finished(each)) for each in person.photos
            }
            report = person_report(person, records, classifier, averages)
            text = json.dumps(plain(report), indent=1, allow_nan=False)
            for ending, content in (("json", f"{text}\n"), ("html", person_page(report, words))):
                name = made / f"{person.file}.{ending}"
                with replacing_text(name, private=True, sync=False) as file:
                    file.write(content)
            _draw(report, records, averages, folder=made)
    store.note(_LANGUAGE, language)
    return {each: f"{PEOPLE}/{person.file}.html" for person in people for each in person.photos}


def has_people(folder: Path, store: Store) -> bool:
    """Tell whether every person's files are there; empty ones aren't."""
    needed = {f"{person.file}.{ending}" for person in _people(store) for ending in ("html", "json")}
    with suppress(FileNotFoundError, NotADirectoryError):
        needed -= {file.name for file in (folder / PEOPLE).iterdir() if file.stat().st_size}
    return not needed


def clear_people(folder: Path) -> None:
    """Delete the persons' files, as those of photos that were changed show another picture."""
    for ending in ("html", "json", "jpg"):
        for file in (folder / PEOPLE).glob(f"*.{ending}"):
            file.unlink()


def language_of(store: Store, chosen: str | None) -> str:
    """Say in which language a run's pages are: as chosen, else as they were, else English."""
    return chosen or store.noted(_LANGUAGE) or LANGUAGES[0]


def is_written_in(store: Store, language: str) -> bool:
    """Tell whether a run's pages were written in a language."""
    return store.noted(_LANGUAGE) == language


def _draw(
    report: PersonReport,
    records: Mapping[int, tuple[Record, str]],
    averages: Averages,
    *,
    folder: Path,
) -> None:
    """Draw what the evidence is like on average, for each photo of which that is known."""
    for photo in (each for eye in report.eyes for each in eye.photos):
        record, _ = records[photo.number]
        for evidence in photo.evidence:
            if evidence.usual and isinstance(record, GradedRecord) and record.landmarks:
                picture = draw_usual(averages[evidence.class_name], record.landmarks)
                file = folder / picture_name(photo.number)
                write_file(file, small_jpeg(picture), private=True, sync=False)


def _people(store: Store) -> tuple[Person, ...]:
    photos = sorted((each.number, Path(each.photo)) for each in store.done())
    return people_of(photos, store.patients())
