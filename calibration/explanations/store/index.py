"""The index of a store: an SQLite file, a photo a row, and which part holds it."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from calibration.errors import ExplanationStoreError
from calibration.explanations.store.info import INDEX, PARTS
from calibration.explanations.store.row import (
    COLUMNS,
    Cell,
    StoredPhoto,
    UnreadablePhoto,
    cells,
    text_of,
)
from edge_runtime.system.sqlite_errors import system_error

#: What the file says that it is: "FdEx".
_APPLICATION = 0x46644578

_FORM = (
    "CREATE TABLE parts (number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, "
    "photos INTEGER NOT NULL) STRICT",
    # "row" is the photo's place in every array, from 0.
    "CREATE TABLE photos (row INTEGER PRIMARY KEY, part INTEGER NOT NULL REFERENCES parts (number),"
    + ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    + ", UNIQUE (place, sha256))",
    "CREATE TABLE unreadable (place TEXT PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT, label TEXT, "
    "source TEXT, split TEXT, error TEXT NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {_APPLICATION}",
)


@dataclass(frozen=True)
class Part:
    """A part's number, from 1, the SHA-256 of its file, and its photos' number."""

    number: int
    sha256: str
    photos: int

    @property
    def file(self) -> str:
        """Where it stands in the store."""
        return part_file(self.number)


def part_file(number: int) -> str:
    """Name a part's file in its store."""
    return f"{PARTS}/{number:05}.h5"


@contextmanager
def opened(store: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a store's index; what SQLite refuses within the block becomes a sentence.

    Who reads it takes back what a killed run had half entered, where the disk may be written.

    Raises:
        ExplanationStoreError: It is missing, damaged or no index, or can't be read.
        OSError: The disk refused to write.
    """
    file = store / INDEX
    try:
        mode = "rw" if write or os.access(store, os.W_OK) else "ro"
        name = f"{file.absolute().as_uri()}?mode={mode}"
        with closing(sqlite3.connect(name, 30, isolation_level=None, uri=True)) as index:
            ((application,),) = index.execute("PRAGMA application_id")
            if application != _APPLICATION:
                raise sqlite3.DatabaseError("it is no index of explanations")
            if write:
                index.execute("PRAGMA synchronous = FULL")
                index.execute("PRAGMA fullfsync = ON")  # without it macOS doesn't wait for the disk
            yield index
    except sqlite3.DatabaseError as error:
        if write and file.exists() and (cause := system_error(error, file)):
            raise cause from error
        said = str(error) if file.exists() else "it is missing"
        if file.with_name(f"{INDEX}-journal").exists():
            said = "a run was killed there, so open it once where the disk may be written"
        raise ExplanationStoreError(
            store, f"{INDEX} can't be used: {said}; take a copy of the store that is whole"
        ) from error


def make_index(folder: Path) -> None:
    """Make an empty index in a folder that becomes a store."""
    file = folder / INDEX
    file.touch(0o600)
    with closing(sqlite3.connect(file, isolation_level=None)) as index:
        for statement in _FORM:
            index.execute(statement)


@contextmanager
def at_once(index: sqlite3.Connection) -> Iterator[None]:
    """Do all of a block or nothing, and come back when the disk has it."""
    index.execute("BEGIN IMMEDIATE")
    try:
        yield
        index.execute("COMMIT")
    except BaseException:
        if index.in_transaction:
            index.execute("ROLLBACK")
        raise


def add_part(
    index: sqlite3.Connection,
    part: Part | None,
    photos: Sequence[StoredPhoto],
    unreadable: Sequence[UnreadablePhoto],
) -> None:
    """Enter a part that stands on the disk, with its photos, and those that couldn't be read."""
    with at_once(index):
        places = [(each.place,) for each in photos] + [(each.place,) for each in unreadable]
        index.executemany("DELETE FROM unreadable WHERE place = ?", places)
        index.executemany(
            "INSERT INTO unreadable VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (each.place, text_of(each.path), each.sha256, each.label, each.source, each.split,
                 each.error)
                for each in unreadable
            ],
        )  # fmt: skip
        if part is not None:
            index.execute(
                "INSERT INTO parts VALUES (?, ?, ?)", (part.number, part.sha256, part.photos)
            )
        ((row,),) = index.execute("SELECT count(*) FROM photos")
        marks = ", ".join("?" * (2 + len(COLUMNS)))
        index.executemany(
            f"INSERT INTO photos VALUES ({marks})",  # noqa: S608 - question marks
            [
                (row + number, part and part.number, *cells(photo))
                for number, photo in enumerate(photos)
            ],
        )


def parts_of(index: sqlite3.Connection) -> list[Part]:
    """List the parts in their order."""
    return [Part(*row) for row in index.execute("SELECT * FROM parts ORDER BY number")]


def rows_of(index: sqlite3.Connection, columns: Sequence[str]) -> list[tuple[Cell, ...]]:
    """Read columns of all photos, in the order of the arrays."""
    named = ", ".join(f'"{name}"' for name in columns)
    return index.execute(f"SELECT {named} FROM photos ORDER BY row").fetchall()  # noqa: S608
