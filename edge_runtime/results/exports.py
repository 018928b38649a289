"""Make of a run's store what people, spreadsheets and programs read."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from edge_runtime.errors import StoreInvalidError
from edge_runtime.photo.find import RESULTS_JSONL, STORE
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import GradedRecord, Record, to_json
from edge_runtime.results.embedded import data_url
from edge_runtime.results.page import photo_section, report_page
from edge_runtime.results.store import Store
from edge_runtime.results.table import table_heads, table_row
from edge_runtime.system.files import replacing_text

#: The page and the table in a result folder.
REPORT, TABLE = "report.html", "results.csv"

_MARK = "\ufeff"  # without this byte order mark Excel shows names beyond ASCII broken


def write_results_jsonl(folder: Path, store: Store) -> None:
    """Write the records alone, one line of JSON each: what there is of a run that was stopped."""
    with replacing_text(folder / RESULTS_JSONL, private=True) as file:
        file.writelines(f"{to_json(record)}\n" for _, record in store.records())


def write_exports(folder: Path, store: Store, classifier: Classifier) -> None:
    """Write the records, the table for spreadsheets and the page, photo by photo.

    The store is read once, and one photo is in memory at a time. In the table a name that is no
    UTF-8 is written with escapes: one can't make the table unreadable.
    """
    statuses = Counter(outcome.status for outcome in store.outcomes())
    with (
        replacing_text(folder / RESULTS_JSONL, private=True) as lines,
        replacing_text(folder / TABLE, errors="backslashreplace", private=True) as cells,
        replacing_text(folder / REPORT, private=True) as page,
    ):
        heads = table_heads(classifier.bundle.manifest.classes)
        cells.write(_MARK)
        table = csv.DictWriter(cells, heads)
        table.writeheader()

        def sections() -> Iterator[str]:
            for number, record in store.records():
                lines.write(f"{to_json(record)}\n")
                table.writerow(table_row(record, finished=store.finished(number)))
                yield photo_section(record, *_pictures(folder, store, number, record))

        page.writelines(
            report_page(
                classifier,
                sections(),
                photos=statuses.total(),
                failed=statuses["error"],
                ungradable=statuses["ungradable"],
            )
        )


def _pictures(
    folder: Path, store: Store, number: int, record: Record
) -> tuple[str | None, Mapping[str, str]]:
    """Give the photo as taken and the overlays by class, each as a part of the page."""
    found = store.pictures(number)
    shown = {each.class_name: data_url(each.jpeg, "image/jpeg") for each in found}
    if isinstance(record, GradedRecord):
        needed = {"", *(each.class_name for each in record.explanations)}
        if not needed <= shown.keys():
            raise StoreInvalidError(folder / STORE, f"photo {number} lacks a picture")
    return shown.pop("", None), shown
