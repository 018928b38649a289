"""Read a list of photographs, a CSV or Parquet file, some thousand rows at a time."""

import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from edge_runtime.archive.errors import SourceError
from edge_runtime.archive.place import Place, cause_of
from edge_runtime.archive.schema import plain_text

#: Who asks, which may stand in a URL before the store's name or behind a question mark.
_USER = re.compile(r"^(\w[\w+.-]*://)[^/?#]*@")
_SECRETS = re.compile(
    r"\?(?=[^?]*(?:key|token|secret|sig|credential|passw)[^?&=]*=).*", re.I | re.S
)

_ROWS = 8192  # that are read at once


def rows_of(place: Place, on_count: Callable[[int], None]) -> Iterator[dict[str, list[Any]]]:
    """Read the columns ``path``, ``source`` and ``date``, a part of the list after the other.

    Args:
        place: The list.
        on_count: Told how many rows there are, where the list says so.

    Raises:
        SourceError: It has no column ``path``, or isn't what its ending says.
        OSError: It can't be read.
    """
    if place.text.lower().endswith(".parquet"):
        return _parquet_rows(place, on_count)
    return _csv_rows(place)


def absolute_in(path: object, base: str) -> str:
    """Write a path or URL of a list from the root, without a user and password.

    Args:
        path: As the list has it.
        base: The folder that the list lies in.

    Returns:
        "" where it names nothing that a file can be called.
    """
    text = os.fsdecode(path) if isinstance(path, bytes) else str(path)
    if not text or "\0" in text:
        return ""
    if "://" in text:
        return _SECRETS.sub("", _USER.sub(r"\1", text)).removeprefix("file://")
    if PurePath(text).is_absolute():
        return os.path.normpath(text)
    return (
        f"{base.rstrip('/')}/{os.path.normpath(text)}"
        if "://" in base
        else os.path.normpath(
            os.path.join(base, text)  # noqa: PTH118
        )
    )


def text_in(told: object) -> str | None:
    """Give what a list says in a cell, None for nothing; what isn't UTF-8 has escapes."""
    if told is None or told == "":
        return None
    text = os.fsdecode(told) if isinstance(told, bytes) else str(told)
    return plain_text(text)


def _csv_rows(place: Place) -> Iterator[dict[str, list[Any]]]:
    with place.system.open_input_stream(place.root) as raw:
        text = io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape", newline="")
        reader = csv.DictReader(text)
        _check_columns(place, reader.fieldnames or ())
        rows: list[dict[str, Any]] = []
        try:
            for row in reader:
                rows.append(row)
                if len(rows) == _ROWS:
                    yield _columns(rows)
                    rows = []
        except csv.Error as error:
            raise SourceError(place.text, f"line {reader.line_num} is no CSV: {error}") from error
        yield _columns(rows)


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row.get(name) for row in rows] for name in ("path", "source", "date")}


def _parquet_rows(place: Place, on_count: Callable[[int], None]) -> Iterator[dict[str, list[Any]]]:
    try:
        with place.system.open_input_file(place.root) as raw:
            file = parquet.ParquetFile(raw)
            _check_columns(place, file.schema_arrow.names)
            on_count(file.metadata.num_rows)
            wanted = [n for n in ("path", "source", "date") if n in file.schema_arrow.names]
            for batch in file.iter_batches(_ROWS, columns=wanted):
                rows = {name: batch.column(name).to_pylist() for name in wanted}
                none = [None] * batch.num_rows
                yield {name: rows.get(name, none) for name in ("path", "source", "date")}
    except pa.ArrowInvalid as error:
        raise SourceError(place.text, f"no Parquet file: {cause_of(error)}") from error


def _check_columns(place: Place, names: Iterable[str]) -> None:
    if "path" not in names:
        raise SourceError(
            place.text,
            "a list needs a column 'path', with a photograph's path or URL in each row; a CSV file "
            "is UTF-8 with a first line of names, separated by commas",
        )
