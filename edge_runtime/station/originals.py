"""Find the files of a camp's photographs again, as the camera wrote them."""

import glob
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from edge_runtime.photo.frames import file_of
from edge_runtime.station.camp_store import CampStore
from edge_runtime.system import digest

#: The paths by which a content came, be it that of one photograph or of several.
_PATHS = (
    "SELECT path FROM files WHERE photo IN (SELECT number FROM photos WHERE sha256 = ? "
    "OR sha256 BETWEEN ? || '#' AND ? || '$') ORDER BY number"
)


def content_of(store: CampStore, photo: int) -> str:
    """Give the SHA-256 of a photograph's file, as it was when it came in.

    Raises:
        StoreInvalidError: There is no such photograph.
    """
    found = store.rows(tuple[str], "SELECT sha256 FROM photos WHERE number = ?", photo)
    if not found:
        raise store.invalid(f"it has no photograph {photo}")
    return found[0][0].partition("#")[0]  # of several in one file each has its number behind it


def original_of(store: CampStore, folders: Iterable[Path], photo: int) -> Path | None:
    """Find a file that still is a photograph, by its content; None where there is none.

    Args:
        store: The camp's.
        folders: The inbox, and to where files are moved from there.
        photo: The photograph's number.
    """
    sha256 = content_of(store, photo)
    rows = store.rows(tuple[bytes], _PATHS, sha256, sha256, sha256)
    paths = [os.fsdecode(path) for (path,) in rows]
    files = [file_of(folder / path) for folder in folders for path in paths]
    for file in (each for named in dict.fromkeys(files) for each in _named(named)):
        with suppress(OSError):  # gone, or on a card that fails
            if file.is_file() and digest.sha256(file) == sha256:
                return file
    return None


def _named(file: Path) -> Iterator[Path]:
    """Name a file, and those that got a number behind its name when they were moved."""
    yield file
    yield from sorted(file.parent.glob(f"{glob.escape(file.stem)} (*){glob.escape(file.suffix)}"))
