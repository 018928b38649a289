"""Find the photos that a command line names."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field

from edge_runtime.photo.beside import BESIDE, is_clutter
from edge_runtime.photo.frames import file_of

#: File name endings that a folder is searched for. A file named outright may have any ending.
PHOTO_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".bmp", ".webp"}
)

#: A folder with one of these files is the result of a run: its pictures aren't photos.
STORE, RESULTS_JSONL = "results.sqlite", "results.jsonl"

#: Where results/overlays.py, page.py and people_folder.py put theirs.
PICTURES = {"overlays", "report", "people"}


#: What a file without a photo's ending holds: the photos in it, None where nobody knows.
PhotosIn = Callable[[Path], Sequence[Path] | None]


class FoundPhotos(Struct, frozen=True):
    """``photos`` in order, and what else lies in the folders.

    ``unread`` are files that may be meant and aren't read: HEIC, video, an unknown kind.
    ``links`` are links to folders, which aren't followed, ``results`` folders that hold those of
    a run and aren't searched, with the number of photos beside its pictures. ``empty`` are folders
    that were named and have no photo. The other two count what is passed over: ``beside`` the
    texts and tables, ``clutter`` what is hidden or was put there by a system.
    """

    photos: tuple[Path, ...]
    unread: tuple[Path, ...]
    links: tuple[Path, ...]
    results: Mapping[Path, int]
    empty: tuple[Path, ...]
    beside: int
    clutter: int

    def count_unread(self) -> int:
        """Count the files that may be meant and aren't read."""
        return len(self.unread) + sum(self.results.values())


def find_photos(
    paths: Iterable[Path],
    *,
    in_named: PhotosIn = lambda _: None,
    in_others: PhotosIn = lambda _: None,
) -> FoundPhotos:
    """List photos, in the order of the arguments, each once, by whatever path it is named.

    A folder is searched through all its subfolders, sorted by name, for files with a photo's
    ending; what else is there is told apart, see ``FoundPhotos``. Links to folders aren't followed,
    so none can lead in a circle. A folder that can't be searched is listed itself, so that it isn't
    lost unsaid. Anything else is taken as it is, existing or not: whoever reads it will say what is
    wrong with it.

    Args:
        paths: What was named.
        in_named: Looks into the files among them, and gives the photos that stand in their place.
        in_others: Looks likewise into the files of a folder without a photo's ending.
    """
    found = _Found(in_others)
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises below a closed folder
            if not _search(path, found):
                found.empty[path] = None
        else:
            inside = in_named(path)
            found.photos |= dict.fromkeys([path] if inside is None else inside)
    named = found.photos.keys()
    once = {absolute(path): path for path in reversed(named)}
    return FoundPhotos(
        photos=tuple(reversed(once.values())),
        unread=tuple(path for path in found.unread if path not in named),
        links=tuple(found.links),
        results=found.results,
        empty=tuple(found.empty),
        beside=len(found.beside - named),
        clutter=len(found.clutter - named),
    )


class Stamp(NamedTuple):
    """What tells without reading it that a file is as it was; the time is in nanoseconds."""

    size_bytes: int
    modified_ns: int

    @property
    def packed(self) -> int:
        """Both in one number, which takes a third of the memory."""
        return (self.size_bytes << 80) + self.modified_ns  # which is below 2 ** 80


def stamp_of(path: Path) -> Stamp | None:
    """Take the stamp of a photo's file; None where there is none to be had."""
    try:
        status = file_of(path).stat()
    except OSError:
        return None
    return Stamp(status.st_size, status.st_mtime_ns)


def absolute(path: Path) -> str:
    """Write a path from the root; links stay as named."""
    try:
        return os.path.abspath(path)  # noqa: PTH100 - links stay as named
    except FileNotFoundError:  # the current folder was deleted
        return str(path)


def is_missing(path: Path) -> bool:
    """Tell whether nothing at all stands at a path; where that can't be told, something may."""
    try:
        file_of(path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


class _Found(Struct):
    """What was found so far, each once; ``in_others`` looks into files."""

    in_others: PhotosIn
    photos: dict[Path, None] = field(default_factory=dict)
    unread: dict[Path, None] = field(default_factory=dict)
    links: dict[Path, None] = field(default_factory=dict)
    results: dict[Path, int] = field(default_factory=dict)
    empty: dict[Path, None] = field(default_factory=dict)
    beside: set[Path] = field(default_factory=set)
    clutter: set[Path] = field(default_factory=set)


def _search(folder: Path, found: _Found) -> bool:
    """Put each file of a folder where it belongs, and tell whether there is a photo."""
    closed: list[Path] = []
    photos: dict[Path, None] = {}
    for name, folders, files in os.walk(folder, onerror=lambda e: closed.append(Path(e.filename))):
        if not {STORE, RESULTS_JSONL}.isdisjoint(files):
            found.results[Path(name)] = _count_photos(Path(name))
            folders.clear()
            continue
        found.clutter |= {Path(name, each) for each in (*folders, *files) if is_clutter(each)}
        folders[:] = sorted(sub for sub in folders if not is_clutter(sub))
        found.links |= {Path(name, sub): None for sub in folders if Path(name, sub).is_symlink()}
        for file in sorted(file for file in files if not is_clutter(file)):
            ending = Path(file).suffix.lower()
            if ending in PHOTO_SUFFIXES:
                photos[Path(name, file)] = None
            elif ending in BESIDE:
                found.beside.add(Path(name, file))
            elif (inside := found.in_others(Path(name, file))) is None:
                found.unread[Path(name, file)] = None
            else:
                photos |= dict.fromkeys(inside)
    photos |= dict.fromkeys(sorted(closed))
    found.photos |= photos
    return bool(photos)


def _count_photos(results: Path) -> int:
    """Count the photos that somebody put into a folder of results."""
    count = 0
    for name, folders, files in os.walk(results):
        if Path(name) == results:
            folders[:] = set(folders) - PICTURES
        photos = {file for file in files if Path(file).suffix.lower() in PHOTO_SUFFIXES}
        count += sum(not is_clutter(file) for file in photos)
    return count
