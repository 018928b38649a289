"""List an archive's photographs as a stream, in a settled order, however many there are."""

import csv
import datetime
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import PurePath, PurePosixPath
from typing import Any, NamedTuple

import pyarrow as pa
from msgspec import Struct
from pyarrow import fs, parquet

from edge_runtime.archive.errors import SourceError
from edge_runtime.archive.hashes import Hashes, digest
from edge_runtime.archive.place import Place, cause_of, is_part, place_of
from edge_runtime.photo.beside import BESIDE, is_clutter
from edge_runtime.photo.find import PHOTO_SUFFIXES, RESULTS_JSONL, STORE

_LISTS = (".csv", ".parquet")
_ROWS = 8192  # of a list that are read at once
_DATE = len("2026-11-29")


class Entry(NamedTuple):
    """A photograph that is to be screened.

    ``path`` is absolute, or a URL. ``source`` is the list's, or the folder below SOURCE in which it
    lies; ``date`` the list's, YYYY-MM-DD; both None where nothing tells. ``size_bytes`` and
    ``modified_ns`` are the file's where the listing has them for nothing.
    """

    path: str
    source: str | None = None
    date: str | None = None
    size_bytes: int | None = None
    modified_ns: int | None = None


class Listed(Struct):
    """What was listed so far beside the photographs, and ``expected``, how many there will be.

    ``duplicates`` are paths that a list has again, ``beside`` files that aren't photographs,
    ``undated`` rows whose date isn't one. ``expected`` is None where nobody knows yet.
    """

    photos: int = 0
    duplicates: int = 0
    beside: int = 0
    undated: int = 0
    expected: int | None = None


def entries(source: str, listed: Listed) -> Iterator[Entry]:
    """List the photographs that a folder, a list or a URL holds, each once.

    A folder is walked by name, files before the folders in it; hidden ones, links to folders and
    results of runs are passed over. A list is a CSV or Parquet file with a column ``path``, and if
    it likes ``source`` and ``date``; a relative path is relative to the list's folder.

    Args:
        source: What the user named.
        listed: Counts what is listed.

    Raises:
        SourceError: It isn't there, can't be read, or is no list of paths.
    """
    place = place_of(source)
    found = _of_list(place, listed) if _is_list(place) else _of_folder(place, listed)
    try:
        for entry in found:
            listed.photos += 1
            yield entry
    except OSError as error:
        raise SourceError(place.text, cause_of(error)) from error
    listed.expected = listed.photos


def _is_list(place: Place) -> bool:
    if not place.text.lower().endswith(_LISTS):
        return False
    return not (place.is_local and os.path.isdir(place.root))  # noqa: PTH112


def _of_folder(place: Place, listed: Listed) -> Iterator[Entry]:
    if place.is_local:
        if not os.path.isdir(place.root):  # noqa: PTH112
            raise SourceError(
                place.text, "no folder and no list of paths; name a folder, a .csv or a .parquet"
            )
        return _walk(place.root, None, listed)
    return _walk_store(place, place.root, None, listed)


def _walk(folder: str, source: str | None, listed: Listed) -> Iterator[Entry]:
    """Give the photos of a folder, and then those of each folder in it."""
    try:
        with os.scandir(folder) as found:
            known = sorted(
                (each.name, each.is_dir(follow_symlinks=False))
                for each in found
                if not is_clutter(each.name)
            )
    except OSError:  # as a closed folder: whoever reads it says what is wrong with it
        yield Entry(folder, source)
        return
    files = [name for name, is_folder in known if not is_folder]
    if _are_results(files):
        listed.beside += len(files)
        return
    for name in files:
        if (entry := _entry_of(os.path.join(folder, name), source, listed)) is not None:  # noqa: PTH118
            yield entry
    for name, is_folder in known:
        if is_folder:
            yield from _walk(os.path.join(folder, name), source or name, listed)  # noqa: PTH118


def _walk_store(place: Place, folder: str, source: str | None, listed: Listed) -> Iterator[Entry]:
    found = sorted(
        (each for each in place.system.get_file_info(fs.FileSelector(folder))),
        key=lambda each: each.base_name,
    )
    files = [each for each in found if each.type == fs.FileType.File]
    if _are_results([each.base_name for each in files]):
        listed.beside += len(files)
        return
    scheme = place.text.partition("://")[0]
    for each in files:
        if is_clutter(each.base_name):
            continue
        entry = _entry_of(f"{scheme}://{each.path}", source, listed)
        if entry is not None:
            yield entry._replace(size_bytes=each.size, modified_ns=each.mtime_ns)
    for each in found:
        if each.type == fs.FileType.Directory and not is_clutter(each.base_name):
            yield from _walk_store(place, each.path, source or each.base_name, listed)


def _are_results(names: Iterable[str]) -> bool:
    return any(name in (STORE, RESULTS_JSONL) or is_part(name) for name in names)


def _entry_of(path: str, source: str | None, listed: Listed) -> Entry | None:
    ending = PurePosixPath(path).suffix.lower()
    if ending in PHOTO_SUFFIXES:
        return Entry(path, source)
    listed.beside += ending not in BESIDE
    return None


def _of_list(place: Place, listed: Listed) -> Iterator[Entry]:
    """Read a list's rows, each path once."""
    base = place.text.rpartition("/")[0] or "/"
    seen = Hashes()
    rows = _parquet_rows if place.text.lower().endswith(".parquet") else _csv_rows
    for table in rows(place, listed):
        paths = [_absolute(path, base) for path in table["path"] if path]
        fresh = seen.add([digest(path) for path in paths])
        listed.duplicates += len(paths) - sum(fresh)
        facts = zip(table["path"], table["source"], table["date"], strict=True)
        kept = [(source, date) for path, source, date in facts if path]
        for path, is_fresh, (source, date) in zip(paths, fresh, kept, strict=True):
            if is_fresh:
                yield Entry(path, source or None, _date(date, listed))


def _csv_rows(place: Place, _: Listed) -> Iterator[dict[str, list[Any]]]:
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


def _parquet_rows(place: Place, listed: Listed) -> Iterator[dict[str, list[Any]]]:
    try:
        with place.system.open_input_file(place.root) as raw:
            file = parquet.ParquetFile(raw)
            _check_columns(place, file.schema_arrow.names)
            listed.expected = file.metadata.num_rows
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
            place.text, "a list needs a column 'path', with a photograph's path or URL in each row"
        )


def _absolute(path: object, base: str) -> str:
    text = os.fsdecode(path) if isinstance(path, bytes) else str(path)
    if "://" in text:
        return text.removeprefix("file://")
    if PurePath(text).is_absolute():
        return os.path.normpath(text)
    return (
        f"{base.rstrip('/')}/{os.path.normpath(text)}"
        if "://" in base
        else os.path.normpath(
            os.path.join(base, text)  # noqa: PTH118
        )
    )


def _date(told: object, listed: Listed) -> str | None:
    """Give a row's day; one that isn't a day is counted and left out."""
    if told is None or told == "":
        return None
    try:
        return datetime.date.fromisoformat(str(told)[:_DATE]).isoformat()
    except ValueError:
        listed.undated += 1
        return None
