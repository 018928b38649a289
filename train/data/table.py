"""Read a dataset that is a table: ``labels.csv`` beside its photos."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from edge_runtime.errors import printable
from train.data.labelled import NOT, SPLITS, LabelledPhoto
from train.errors import DatasetError

LABELS_CSV = "labels.csv"

#: Columns that mean something, as do source, camera and patient; others are kept as they are.
FILE, LABEL, SPLIT, WEIGHT = "file", "label", "split", "weight"

_SPLIT_NAMES = {each: name for name in SPLITS for each in (name, name.removesuffix("_dir"))}


@dataclass(frozen=True)
class Row:
    """A row of the table in ``root``: its line, counted from 1, and its cells by column."""

    root: Path
    line: int
    cells: Mapping[str, str]

    def error(self, cause: str, expected: str) -> DatasetError:
        """Make the error of a row that can't be meant."""
        return _error(self.root, self.line, cause, expected)


@dataclass(frozen=True)
class Table:
    """What a table says.

    ``classes`` are sorted. ``splits`` has an entry of ``SPLITS`` for each photo, or is None where
    the table tells none.
    """

    root: Path
    classes: tuple[str, ...]
    photos: tuple[LabelledPhoto, ...]
    splits: tuple[str, ...] | None


def is_table(root: Path) -> bool:
    """Tell whether a dataset is a table rather than folders."""
    return (root / LABELS_CSV).is_file()


def read_table(root: Path, *, classes: Sequence[str] = ()) -> Table:
    """Read a table without opening its photos.

    Args:
        root: The folder of ``labels.csv``, from which its files are named.
        classes: More classes that it may name, though no photo be of them.

    Raises:
        DatasetError: A line that can't be meant; the sentence names it.
    """
    rows = read_rows(root)
    named = {row.cells[LABEL] for row in rows if not row.cells[LABEL].startswith(NOT)}
    names = tuple(sorted(named.union(classes)))
    seen: dict[PurePath, int] = {}
    photos = []
    for row in rows:
        photo = _photo(row, names)
        file = row.cells[FILE]
        first = seen.setdefault(PurePath(file), row.line)
        if first != row.line:
            raise row.error(f"{printable(file)} stands in line {first}", "each file once")
        photos.append(photo)
    return Table(root, names, tuple(photos), _splits(rows))


def read_rows(root: Path) -> tuple[Row, ...]:
    """Read a table's rows as they stand, without space around the cells; there is one at least.

    Raises:
        DatasetError: It can't be read, or a line has another number of columns than the first.
    """
    lines = _lines(root)
    _, header = next(lines, (1, []))
    columns = [name.strip() for name in header]
    if not {FILE, LABEL} <= set(columns) or len(set(columns)) != len(columns):
        expected = f"the columns {FILE} and {LABEL}, separated by commas, each column named once"
        raise _error(root, 1, f"has the columns '{printable(','.join(columns))}'", expected)
    rows = []
    for line, cells in lines:
        if len(cells) != len(columns):
            raise _error(root, line, f"has {len(cells)} column(s)", f"{len(columns)} as line 1")
        rows.append(Row(root, line, dict(zip(columns, map(str.strip, cells), strict=True))))
    if not rows:
        raise _error(root, 1, "names no photo", "a line for each photo below the columns")
    return tuple(rows)


def read_file(path: Path) -> bytes:
    """Read a file of a dataset.

    Raises:
        DatasetError: It can't be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        cause = f"can't be read: {(error.strerror or str(error)).lower()}"
        raise DatasetError(path, cause, expected="") from error


def _error(root: Path, line: int, cause: str, expected: str) -> DatasetError:
    return DatasetError(root, f"{LABELS_CSV} line {line}: {cause}", expected=expected)


def _lines(root: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the number of each line that isn't blank, and its cells."""
    data = read_file(root / LABELS_CSV)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _error(root, line, "isn't UTF-8", "a text file in UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        cause = "isn't CSV: a quotation mark is left open, or stands within a cell"
        raise _error(root, line, cause, "cells separated by commas") from error


def _photo(row: Row, classes: Sequence[str]) -> LabelledPhoto:
    cells = row.cells
    label = cells[LABEL]
    name = label.removeprefix(NOT)
    if not name or any(sign in name for sign in "/\\") or not name.isprintable():
        raise row.error(f"the label '{printable(label)}' can't be", "a class name, or '!' and one")
    if name not in classes:
        expected = f"one of {', '.join(classes) or 'its classes'}"
        raise row.error(f"'{label}' names a class that no photo is of", expected)
    index = classes.index(name)
    is_excluded = label != name
    return LabelledPhoto(
        _file(row),
        None if is_excluded else index,
        excluded=index if is_excluded else None,
        source=cells.get("source", ""),
        camera=cells.get("camera", ""),
        patient=cells.get("patient", ""),
        weight=_weight(row),
    )


def _file(row: Row) -> Path:
    """Find a row's file. A link may lead elsewhere, a name may not."""
    name = row.cells[FILE]
    inside = PurePath(name)
    if not name or inside.is_absolute() or ".." in inside.parts:
        cause = f"the file '{printable(name)}' isn't below this folder"
        raise row.error(cause, "a path from here without '..'")
    path = row.root / inside
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):  # a name too long
        pass
    raise row.error(
        f"there is no file {printable(name)}", f"a path from the folder of {LABELS_CSV}"
    )


def _weight(row: Row) -> float:
    text = row.cells.get(WEIGHT, "")
    try:
        weight = float(text or 1)
    except ValueError:
        weight = math.nan
    if not 0 <= weight < math.inf:  # NaN too
        cause = f"the weight '{printable(text)}' can't be"
        raise row.error(cause, "a number of at least 0, or nothing for 1")
    return weight


def _splits(rows: Sequence[Row]) -> tuple[str, ...] | None:
    """Read the splits: every row has one, or none has."""
    if not any(row.cells.get(SPLIT) for row in rows):
        return None
    expected = "train, val or test in every row, or in none"
    for row in rows:
        if row.cells[SPLIT] not in _SPLIT_NAMES:
            raise row.error(f"the split is '{printable(row.cells[SPLIT])}'", expected)
    found = tuple(_SPLIT_NAMES[row.cells[SPLIT]] for row in rows)
    if SPLITS[0] in found and SPLITS[1] not in found:
        raise DatasetError(rows[0].root, f"{LABELS_CSV} has train without val", expected=expected)
    return found
