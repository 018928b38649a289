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

#: The columns that mean something; others are kept as they are.
FILE, LABEL, SPLIT, WEIGHT = "file", "label", "split", "weight"
_KNOWN = (FILE, LABEL, "source", "camera", "patient", SPLIT, WEIGHT)

_SPLIT_NAMES = {each: name for name in SPLITS for each in (name, name.removesuffix("_dir"))}


@dataclass(frozen=True)
class Row:
    """A row of the table: its line, counted from 1, and its cells by column."""

    line: int
    cells: Mapping[str, str]


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
    columns, rows = read_rows(root)
    named = {row.cells[LABEL] for row in rows if not row.cells[LABEL].startswith(NOT)}
    names = tuple(sorted(named.union(classes)))
    seen: dict[PurePath, int] = {}
    photos = []
    for row in rows:
        photo = _photo(root, columns, row, names)
        first = seen.setdefault(PurePath(row.cells[FILE]), row.line)
        if first != row.line:
            raise line_error(root, row.line, f"{printable(row.cells[FILE])} stands in line {first}",
                             "each file once")  # fmt: skip
        photos.append(photo)
    return Table(root, names, tuple(photos), _splits(root, rows))


def read_rows(root: Path) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Read a table's columns and rows as they stand, without space around the cells.

    Raises:
        DatasetError: It can't be read, or a line has another number of columns than the first.
    """
    lines = _lines(root)
    _, header = next(lines, (1, []))
    columns = tuple(name.strip() for name in header)
    expected = f"the columns {FILE} and {LABEL}, separated by commas, each column named once"
    if not {FILE, LABEL} <= set(columns) or len(set(columns)) != len(columns):
        raise line_error(root, 1, f"has the columns '{printable(','.join(columns))}'", expected)
    rows = []
    for line, cells in lines:
        if len(cells) != len(columns):
            raise line_error(root, line, f"has {len(cells)} column(s)", f"{len(columns)} as line 1")
        rows.append(Row(line, {k: v.strip() for k, v in zip(columns, cells, strict=True)}))
    if not rows:
        raise line_error(root, 1, "names no photo", "a line for each photo below the columns")
    return columns, tuple(rows)


def line_error(root: Path, line: int, cause: str, expected: str) -> DatasetError:
    """Make the error of a line."""
    return DatasetError(root, f"{LABELS_CSV} line {line}: {cause}", expected=expected)


def _lines(root: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the number of each line that isn't blank, and its cells."""
    path = root / LABELS_CSV
    try:
        data = path.read_bytes()
    except OSError as error:
        cause = f"can't be read: {(error.strerror or str(error)).lower()}"
        raise DatasetError(path, cause, expected="") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise line_error(root, line, "isn't UTF-8", "a text file in UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise line_error(root, line, f"isn't CSV: {error}", "cells separated by commas") from error


def _photo(root: Path, columns: Sequence[str], row: Row, classes: Sequence[str]) -> LabelledPhoto:
    cells = row.cells
    label = cells[LABEL]
    name = label.removeprefix(NOT)
    if not name or any(sign in name for sign in "/\\") or not name.isprintable():
        cause = f"the label '{printable(label)}' can't be"
        raise line_error(root, row.line, cause, "a class name, or '!' and one")
    if name not in classes:
        cause = f"'{label}' names a class that no photo is of"
        raise line_error(root, row.line, cause, f"one of {', '.join(classes) or 'its classes'}")
    index = classes.index(name)
    is_excluded = label != name
    return LabelledPhoto(
        _file(root, row),
        None if is_excluded else index,
        excluded=index if is_excluded else None,
        source=cells.get("source", ""),
        camera=cells.get("camera", ""),
        patient=cells.get("patient", ""),
        weight=_weight(root, row),
        more=tuple((column, cells[column]) for column in columns if column not in _KNOWN),
    )


def _file(root: Path, row: Row) -> Path:
    """Find a row's file. A link may lead elsewhere, a name may not."""
    name = row.cells[FILE]
    inside = PurePath(name)
    if not name or inside.is_absolute() or ".." in inside.parts:
        cause = f"the file '{printable(name)}' isn't below this folder"
        raise line_error(root, row.line, cause, "a path from here without '..'")
    path = root / inside
    try:
        is_there = path.is_file()
    except (OSError, ValueError):  # a name too long
        is_there = False
    if not is_there:
        cause = f"there is no file {printable(name)}"
        raise line_error(root, row.line, cause, f"a path from the folder of {LABELS_CSV}")
    return path


def _weight(root: Path, row: Row) -> float:
    text = row.cells.get(WEIGHT, "")
    try:
        weight = float(text or 1)
    except ValueError:
        weight = math.nan
    if not (math.isfinite(weight) and weight >= 0):
        cause = f"the weight '{printable(text)}' can't be"
        raise line_error(root, row.line, cause, "a number of at least 0, or nothing for 1")
    return weight


def _splits(root: Path, rows: Sequence[Row]) -> tuple[str, ...] | None:
    """Read the splits: every row has one, or none has."""
    if not any(row.cells.get(SPLIT) for row in rows):
        return None
    expected = "train, val or test in every row, or in none"
    found = []
    for row in rows:
        name = _SPLIT_NAMES.get(row.cells[SPLIT])
        if name is None:
            raise line_error(
                root, row.line, f"the split is '{printable(row.cells[SPLIT])}'", expected
            )
        found.append(name)
    if SPLITS[0] in found and SPLITS[1] not in found:
        raise DatasetError(root, f"{LABELS_CSV} has train without val", expected=expected)
    return tuple(found)
