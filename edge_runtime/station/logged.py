"""What of a camp goes into its log, and what of its store is held against it."""

from collections.abc import Iterator
from pathlib import Path

from edge_runtime.results.store_parts import odd_number
from edge_runtime.station.camp_form import FORM
from edge_runtime.station.store_check import fault_of_file
from edge_runtime.system.read_sqlite import FileBusyError, reading, rows
from edge_runtime.tlog.kept import Kept

#: The folder of the log in the data folder.
LOG = "station.log"

#: What a log binds of each photograph and event: their rows, whole, as bytes, which somebody may
#: have made of no text.
PHOTOS = (
    "SELECT number, CAST(sha256 AS BLOB), CAST(arrived AS BLOB), CAST(short AS BLOB), "
    "CAST(record AS BLOB) FROM photos"
)
HISTORY = "SELECT number, CAST(at AS BLOB), CAST(event AS BLOB), CAST(by AS BLOB) FROM history"


def photo_content(row: tuple[object, ...]) -> bytes:
    """Write what a log binds of a photograph: its row of the store, whole."""
    return _content("photo", row)


def event_content(row: tuple[object, ...]) -> bytes:
    """Write what a log binds of what happened, likewise."""
    return _content("event", row)


def camp_records(folder: Path) -> Kept:
    """Read of a data folder, which stays as it is, what its log should know.

    Raises:
        FileBusyError: It can't be read, or a station is at work there.
    """
    with reading(folder / FORM.file) as opened:
        contents = {
            **dict(_called("photo", rows(opened, PHOTOS), folder)),
            **dict(_called("event", rows(opened, HISTORY), folder)),
        }
        ask = lambda question: [*rows(opened, question)]  # noqa: E731 - of both
        fault, odd = fault_of_file(ask, FORM.tables), odd_number(ask, FORM)
        fault = fault or (f"its {odd} isn't as a station makes it" if odd else None)
    return Kept("", contents, faults=(fault,) if fault else ())


def _called(
    kind: str, found: Iterator[tuple[object, ...]], folder: Path
) -> Iterator[tuple[str, bytes]]:
    for row in found:
        if not isinstance(row[0], int):
            raise FileBusyError(folder / FORM.file, "a row isn't as it was written")
        yield f"{kind} {row[0]}", _content(kind, row)


def _content(kind: str, row: tuple[object, ...]) -> bytes:
    parts = (
        each if isinstance(each, bytes) else str(each).encode("utf-8", "surrogatepass")
        for each in row
    )  # fmt: skip
    return kind.encode() + b"".join(b"\n%d:" % len(part) + part for part in parts)
