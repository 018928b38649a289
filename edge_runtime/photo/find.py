"""Find the photos that a command line names."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: File name endings that a folder is searched for. A file named outright may have any ending.
PHOTO_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".bmp", ".webp"}
)

#: A folder with one of these files is the result of a run: its overlays aren't photos.
STORE, RESULTS_JSONL = "results.sqlite", "results.jsonl"


@dataclass(frozen=True)
class FoundPhotos:
    """``photos`` in order, and how many other files of the folders were passed over."""

    photos: tuple[Path, ...]
    passed_over: int


def find_photos(paths: Iterable[Path]) -> FoundPhotos:
    """List photos, in the order of the arguments, each once.

    A folder is searched through all its subfolders, sorted by name, for files with a photo's
    ending; others are counted. Hidden files and the folders of earlier results don't count. Links
    to folders aren't followed, so none can lead in a circle. A folder that can't be searched is
    listed itself, so that it isn't lost unsaid. Anything else is taken as it is, existing or not:
    whoever reads it will say what is wrong with it.
    """
    found: dict[Path, None] = {}
    passed_over: set[Path] = set()
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises below a closed folder
            found[path] = None
            continue
        for file, is_photo in _search(path):
            if is_photo:
                found[file] = None
            else:
                passed_over.add(file)
    return FoundPhotos(tuple(found), len(passed_over - found.keys()))


def _search(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield each file of a folder, and whether to take it for a photo."""
    closed: list[Path] = []
    for name, folders, files in os.walk(folder, onerror=lambda e: closed.append(Path(e.filename))):
        if not {STORE, RESULTS_JSONL}.isdisjoint(files):
            folders.clear()
            continue
        folders[:] = sorted(sub for sub in folders if not sub.startswith("."))
        for file in sorted(files):
            if not file.startswith("."):
                yield Path(name, file), Path(file).suffix.lower() in PHOTO_SUFFIXES
    for path in sorted(closed):
        yield path, True
