"""The tables of a store, and what makes an empty file one."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from edge_runtime.errors import StoreInvalidError
from edge_runtime.photo.find import Stamp, absolute

#: What the file says that it is ("FdEg"), and in which form.
APPLICATION, VERSION = 0x46644567, 2

_TABLES = """
CREATE TABLE run (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE photos (
  number INTEGER PRIMARY KEY,
  place TEXT NOT NULL UNIQUE,  -- SHA-256 of the path from the root, which may tell too much
  path BLOB NOT NULL UNIQUE,   -- as the system has it: a name may be no UTF-8
  sha256 TEXT,                 -- of the photo's file; null where there was none to be had
  size_bytes INTEGER,          -- of the file before it was read, as is the next
  modified_ns INTEGER,         -- since 1970
  status TEXT NOT NULL,        -- ok, ungradable or error
  reason TEXT,                 -- why it is ungradable
  record TEXT NOT NULL,        -- JSON, see docs/schemas/record.schema.json
  finished TEXT NOT NULL       -- when, ISO 8601 with the offset from UTC
);
CREATE TABLE pictures (
  photo INTEGER NOT NULL REFERENCES photos (number) ON DELETE CASCADE,
  class TEXT NOT NULL,         -- the class explained; empty for the photo as taken
  file TEXT,                   -- the overlay's file in the folder; null for the photo as taken
  jpeg BLOB NOT NULL,          -- small, for pages
  PRIMARY KEY (photo, class)
) WITHOUT ROWID;
"""

#: What makes an empty file a store.
FORM = (
    *_TABLES.split(";\n"),
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)


class Picture(Struct, frozen=True):
    """A picture of a photo: the photo as taken (``class_name`` "") or a class's overlay.

    ``file`` is the overlay's file in the folder, ``jpeg`` a small copy for pages.
    """

    class_name: str
    file: str | None
    jpeg: bytes


class DonePhoto(NamedTuple):
    """What the store knows of a photo's file: what it was when it was done."""

    number: int
    photo: str
    place: str
    sha256: str | None
    stamp: Stamp | None


def place_of(photo: Path) -> str:
    """Tell a file from others, by whatever path it is named, without keeping the path."""
    return hashlib.sha256(os.fsencode(absolute(photo))).hexdigest()


def check_form(file: Path, ask: Callable[[str], list[tuple[Any, ...]]]) -> bool:
    """Check that a file is a store of this version, and tell whether it is still empty.

    Raises:
        StoreInvalidError: It is a database of another kind or version.
    """
    ((application,),), ((version,),) = ask("PRAGMA application_id"), ask("PRAGMA user_version")
    is_empty = not ask("SELECT name FROM sqlite_master")
    if application != APPLICATION and not (application == 0 and is_empty):
        raise StoreInvalidError(file, "it is no store of results")
    if application and version != VERSION:
        raise StoreInvalidError(file, f"it is of form {version}, not {VERSION}")
    return is_empty
