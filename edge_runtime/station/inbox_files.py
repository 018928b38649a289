"""List what lies in an inbox, and tell photographs from the rest."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from edge_runtime.photo.beside import BESIDE, is_clutter
from edge_runtime.photo.find import PHOTO_SUFFIXES, PICTURES, RESULTS_JSONL, STORE
from edge_runtime.station.camp_form import CAMP_PICTURES, FORM

#: What a file in an inbox is by its name: to be read, hidden or still being fetched, or no photo;
#: or that it is a folder into which nobody may look.
Kind = Literal["photo", "passing", "other", "closed"]

_PARTIAL = (".part", ".partial", ".tmp", ".crdownload", ".filepart")

#: A folder with one of these files is a run's or a camp's: the pictures that it made aren't photos.
_MADE, _MADE_PICTURES = {STORE, RESULTS_JSONL, FORM.file}, {*PICTURES, CAMP_PICTURES}


def files_in(inbox: Path) -> Iterator[tuple[Path, Kind]]:
    """List the files below a folder by their paths below it, and what each is.

    Texts and tables are passed over, as are hidden folders. Folders that aren't searched are
    listed too: those that are closed, links, and what a run or a camp has made.

    Raises:
        OSError: The inbox itself can't be looked through.
    """
    closed: list[Path] = []

    def fail(error: OSError) -> None:
        if Path(error.filename) == inbox:
            raise error
        if not isinstance(error, FileNotFoundError):
            closed.append(Path(error.filename).relative_to(inbox))

    for name, folders, files in os.walk(inbox, onerror=fail):
        below = Path(name).relative_to(inbox)
        folders[:] = sorted(each for each in folders if not is_clutter(each))
        if not _MADE.isdisjoint(files):
            if below.name:
                yield below, "other"
                folders.clear()
                continue
            folders[:] = (each for each in folders if each not in _MADE_PICTURES)
        for folder in folders:
            if Path(name, folder).is_symlink():
                yield below / folder, "other"
        for file in files:
            ending = Path(file).suffix.lower()
            if file not in _MADE and ending not in BESIDE:
                yield below / file, _kind(file, ending)
    yield from ((each, "closed") for each in closed)


def _kind(file: str, ending: str) -> Kind:
    if is_clutter(file) or ending in _PARTIAL:
        return "passing"
    return "photo" if ending in PHOTO_SUFFIXES else "other"
