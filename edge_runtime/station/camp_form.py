"""The tables of a camp's store, and what is kept there of a file that was seen."""

from dataclasses import dataclass
from pathlib import Path

from edge_runtime.photo.find import Stamp
from edge_runtime.results.sqlite_form import Form

#: Where a camp's pictures stand in its folder.
CAMP_PICTURES = "pictures"

_TABLES = """
CREATE TABLE photos (
  number INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE, -- of the photograph's file: each content is taken in once
  arrived TEXT NOT NULL,       -- when it was taken in, ISO 8601 with the offset from UTC
  short TEXT NOT NULL,         -- JSON, what the lists need
  record TEXT NOT NULL         -- JSON, see docs/schemas/record.schema.json
);
CREATE TABLE files (           -- what was seen in the inbox, in the order in which it came
  number INTEGER PRIMARY KEY,
  path BLOB NOT NULL,          -- below the inbox, as the system has it
  size_bytes INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  photo INTEGER REFERENCES photos (number), -- null where it is no photograph that can be read
  fault TEXT,                  -- why it can't
  seen TEXT NOT NULL,
  UNIQUE (path, size_bytes, modified_ns)
);
CREATE INDEX files_by_photo ON files (photo);
CREATE TABLE history (
  number INTEGER PRIMARY KEY,
  at TEXT NOT NULL,            -- ISO 8601 with the offset from UTC
  event TEXT NOT NULL,         -- JSON, see edge_runtime/station/events.py
  by TEXT NOT NULL DEFAULT ''  -- who let it happen, by the name that they gave
);
"""

#: What a camp's store consists of ("FdCp").
FORM = Form(
    "camp.sqlite", "store of a camp", 0x46644370, 2, tuple(_TABLES.split(";\n")),
    upgrades={1: ("ALTER TABLE history ADD COLUMN by TEXT NOT NULL DEFAULT ''",)},
    busy="another station has it open; use that one's page, or choose another --data",
    remedy="keep this folder as it is and choose another --data: the inbox is taken in again",
)  # fmt: skip


@dataclass(frozen=True)
class SeenFile:
    """A file that was seen in the inbox: its path below it, and what it was taken for.

    ``photo`` is the photograph that it is, ``is_copy`` whether another file was that before, and
    ``fault`` a sentence why it is none.
    """

    path: Path
    stamp: Stamp
    photo: int | None
    fault: str | None
    seen: str
    is_copy: bool = False
