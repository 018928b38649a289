"""Make of a run's store what people, spreadsheets and programs read."""

import csv
from collections.abc import Collection
from pathlib import Path

from edge_runtime.photo.find import RESULTS_JSONL
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import to_json
from edge_runtime.results.overlays import is_ours, is_whole
from edge_runtime.results.page import DETAILS
from edge_runtime.results.people_folder import (
    clear_people,
    has_people,
    is_written_in,
    write_people,
)
from edge_runtime.results.report import REPORT, has_details, write_details, write_report
from edge_runtime.results.store import Store
from edge_runtime.results.table import table_heads, table_row
from edge_runtime.results.texts import LANGUAGES
from edge_runtime.results.worklist import place
from edge_runtime.system.files import replacing_text, write_file

#: The table in a result folder.
TABLE = "results.csv"

_MADE = (RESULTS_JSONL, TABLE, REPORT)

_MARK = "\ufeff"  # without this byte order mark Excel shows names beyond ASCII broken


def write_results_jsonl(folder: Path, store: Store, *, without: Collection[int]) -> None:
    """Write the records alone, one line of JSON each: what there is of a run that was stopped.

    Those of the numbers ``without`` are left out: their photos aren't what they were.
    """
    with replacing_text(folder / RESULTS_JSONL, private=True) as file:
        file.writelines(
            f"{to_json(record)}\n" for number, record in store.records() if number not in without
        )


def clear_exports(folder: Path) -> None:
    """Delete what people read of a run, as it shows results of photos that were changed since."""
    for file in (*(folder / name for name in _MADE), *(folder / DETAILS).glob("photos-*.html")):
        file.unlink(missing_ok=True)
    clear_people(folder)


def write_exports(
    folder: Path, store: Store, classifier: Classifier, *, language: str = LANGUAGES[0]
) -> None:
    """Write the records, the table for spreadsheets, the report and the persons' pages.

    The persons' pages are in the ``language``. One photo's pictures are in memory at a time. In the
    table a name that is no UTF-8 is written with escapes: one can't make the table unreadable.
    """
    _restore_overlays(folder, store)
    places = []
    with (
        replacing_text(folder / RESULTS_JSONL, private=True) as lines,
        replacing_text(folder / TABLE, errors="backslashreplace", private=True) as cells,
    ):
        heads = table_heads(classifier.bundle.manifest.classes)
        cells.write(_MARK)
        table = csv.DictWriter(cells, heads)
        table.writeheader()
        for number, record in store.records():
            lines.write(f"{to_json(record)}\n")
            table.writerow(table_row(record, finished=store.finished(number)))
            places.append(place(record, number))
    places.sort()
    write_details(folder, store, places)
    people = write_people(folder, store, classifier, language=language)
    write_report(folder, store, classifier, places, people=people)


def are_whole(folder: Path, store: Store, *, language: str) -> bool:
    """Tell whether all that a run's folder shows is there, the persons' pages in a language."""
    return (
        all((folder / name).exists() for name in _MADE)
        and has_details(folder, store)
        and is_written_in(store, language)
        and has_people(folder, store)
        and all(is_whole(folder / file) for _, file in store.overlays())
    )


def _restore_overlays(folder: Path, store: Store) -> None:
    """Put the store's small copies where overlays are gone of photos that can't be done again."""
    for number, file in store.overlays():
        if not is_whole(folder / file) and is_ours(file):
            (copy,) = (each.jpeg for each in store.pictures(number) if each.file == file)
            write_file(folder / file, copy, private=True)
