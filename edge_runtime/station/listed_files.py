"""List of the files that were seen what a person is shown: the broken ones, and the copies."""

import os
from pathlib import Path
from typing import NamedTuple

from edge_runtime.photo.frames import file_in_name
from edge_runtime.station.camp_store import CampStore

_MOST_ROWS = 5000  # of copies that are looked at: five files of a thousand photos each


class BrokenListed(NamedTuple):
    """A broken file: ``fault`` is the sentence of the photo ``last`` in it that was found last.

    ``photos`` is how many of its photos can't be read, and ``seen`` when that was found out.
    """

    file: Path
    last: Path
    photos: int
    fault: str
    seen: str


class CopyListed(NamedTuple):
    """A file whose photos were there already: ``photos`` of them, the last one being ``photo``."""

    file: Path
    photos: int
    photo: int
    seen: str


def broken_listed(store: CampStore, *, most: int) -> list[BrokenListed]:
    """List the files that are broken still, a line each, the last one first."""
    found = []
    for file, photos, last in reversed(store.camp.files.broken_files()[-most:]):
        rows = store.rows(
            tuple[str, str],
            "SELECT fault, seen FROM files WHERE path = ? AND fault IS NOT NULL ORDER BY number "
            "DESC LIMIT 1",
            os.fsencode(last),
        )
        found += [BrokenListed(Path(file), Path(last), photos, *row) for row in rows]
    return found


def copies_listed(store: CampStore, *, most: int) -> list[CopyListed]:
    """List the files of which photos were there already by another name, likewise."""
    rows = store.rows(
        tuple[bytes, int, str],
        "SELECT path, photo, seen FROM files WHERE EXISTS (SELECT 1 FROM files AS f WHERE f.photo "
        "= files.photo AND f.number < files.number) ORDER BY number DESC LIMIT ?",
        _MOST_ROWS,
    )
    found: dict[str, CopyListed] = {}
    for path, photo, seen in rows:
        file = file_in_name(os.fsdecode(path))
        before = found.get(file)
        if before is None and len(found) == most:
            break
        first = store.camp.photos.get(photo)
        if first is None or file_in_name(first.path) == file:  # one of several in it
            continue
        found[file] = (
            before._replace(photos=before.photos + 1)
            if before
            else CopyListed(Path(file), 1, photo, seen)
        )
    return [*found.values()]
