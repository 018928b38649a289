"""The tables of a store, and what makes an empty file one."""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from edge_runtime.photo.find import STORE, Stamp, absolute
from edge_runtime.results.sqlite_form import Form

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

#: What a store of results consists of ("FdEg").
FORM = Form(STORE, "store of results", 0x46644567, 2, tuple(_TABLES.split(";\n")))


#: The keys of what a store keeps of its run: what it is made with, as JSON, and by which name a log
#: knows it.
RUN, LOG = "run", "log"


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


def photo_content(
    number: int, *, place: object, sha256: object, finished: object, record: bytes
) -> bytes:
    """Write what a log binds of a photo that is done: all that is told of its result.

    Its path, status and reason are in the record, from which they are counted too.

    Args:
        number: Of the row.
        place: As the row has it, as are the next ones.
        sha256: Of the photo's file; None where there was none to be had.
        finished: When it was done.
        record: JSON.
    """
    parts = [str("" if each is None else each).encode("utf-8", "surrogatepass")
             for each in (place, sha256, finished)]  # fmt: skip
    return b"photo %d" % number + b"".join(b"\n%d:" % len(p) + p for p in (*parts, record))
