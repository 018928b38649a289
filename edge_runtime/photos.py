"""Find the photos that a command line names."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from edge_runtime.decode import PHOTO_SUFFIXES

#: A folder with this file is the result of an earlier run: its overlays aren't photos.
RESULTS_JSONL = "results.jsonl"


def find_photos(paths: Iterable[Path]) -> list[Path]:
    """List photos, in the order of the arguments, each once.

    A folder is searched through all its subfolders, sorted by name, for files with a photo's
    ending. Hidden files and the folders of earlier results are passed over, links to folders
    aren't followed. A folder that can't be searched is listed itself, so that it isn't lost
    unsaid. Anything else is taken as it is, existing or not: whoever reads it will say
    what is wrong with it.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found.update(dict.fromkeys(_search(path) if path.is_dir() else (path,)))
    return list(found)


def _search(folder: Path) -> Iterator[Path]:
    closed: list[Path] = []
    for name, folders, files in os.walk(folder, onerror=lambda e: closed.append(Path(e.filename))):
        if RESULTS_JSONL in files:
            folders.clear()
            continue
        folders[:] = sorted(sub for sub in folders if not sub.startswith("."))
        for file in sorted(files):
            if Path(file).suffix.lower() in PHOTO_SUFFIXES and not file.startswith("."):
                yield Path(name, file)
    yield from sorted(closed)
