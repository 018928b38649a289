"""Make of a run's store what people, spreadsheets and programs read."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge_runtime.photo.find import RESULTS_JSONL
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import to_json
from edge_runtime.results.embedded import data_url
from edge_runtime.results.page import photo_section, report_page
from edge_runtime.results.store import Store
from edge_runtime.results.table import table_heads, table_row
from edge_runtime.system.files import replacing_text

#: The page and the table in a result folder.
REPORT, TABLE = "report.html", "results.csv"


def write_results_jsonl(folder: Path, store: Store) -> None:
    """Write the records, one line of JSON each."""
    with replacing_text(folder / RESULTS_JSONL, private=True) as file:
        file.writelines(f"{to_json(record)}\n" for _, record in store.records())


def write_table(folder: Path, store: Store, classes: Sequence[str]) -> None:
    """Write the records as a table for spreadsheets.

    A name that is no UTF-8 is written with escapes: one can't make the table unreadable.
    """
    target = folder / TABLE
    with replacing_text(target, errors="backslashreplace", private=True) as file:
        table = csv.writer(file)
        table.writerow(table_heads(classes))
        table.writerows(table_row(record, classes) for _, record in store.records())


def write_report(folder: Path, store: Store, classifier: Classifier) -> None:
    """Write the page, photo by photo: one at a time is in memory."""
    statuses = store.statuses()
    page = report_page(
        classifier,
        _sections(store),
        photos=statuses.total(),
        failed=statuses["error"],
        ungradable=statuses["ungradable"],
    )
    with replacing_text(folder / REPORT, private=True) as file:
        file.writelines(page)


def _sections(store: Store) -> Iterator[str]:
    for number, record in store.records():
        pictures = store.pictures(number)
        shown = {each.class_name: data_url(each.jpeg, "image/jpeg") for each in pictures}
        yield photo_section(record, shown.pop("", None), shown)
