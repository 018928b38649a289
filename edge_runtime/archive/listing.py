"""List an archive's photographs as a stream, in a settled order, however many there are."""

import datetime
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

from msgspec import Struct, field
from pyarrow import fs

from edge_runtime.archive.errors import SourceError
from edge_runtime.archive.hashes import Hashes, digest
from edge_runtime.archive.inside import Inside, IsDone, may_be_dicom
from edge_runtime.archive.lists import absolute_in, rows_of, text_in
from edge_runtime.archive.place import Place, cause_of, is_part, place_of
from edge_runtime.contract import MAX_PIXELS
from edge_runtime.photo.beside import BESIDE, is_clutter
from edge_runtime.photo.find import PHOTO_SUFFIXES, RESULTS_JSONL, STORE, Stamp

_LISTS = (".csv", ".parquet")
_DATE = len("2026-11-29")


class Entry(NamedTuple):
    """A photograph that is to be screened.

    ``path`` is absolute, or a URL. ``source`` is the list's, or the folder below SOURCE in which it
    lies; ``date`` the list's, YYYY-MM-DD; both None where nothing tells. ``size_bytes`` and
    ``modified_ns`` are the file's where the listing has them for nothing.
    """

    path: str
    source: str | None = None
    date: str | None = None
    size_bytes: int | None = None
    modified_ns: int | None = None


class Listed(Struct):
    """What was listed so far beside the photographs, and ``expected``, how many there will be.

    ``duplicates`` are paths that a list has again, ``beside`` files that aren't photographs,
    ``others`` DICOM files that are none, by what they are, ``undated`` rows whose date isn't one,
    ``pathless`` those with no path. ``expected`` is None where nobody knows yet, and less than
    there will be where files have several photographs.
    """

    photos: int = 0
    duplicates: int = 0
    beside: int = 0
    others: Counter[str] = field(default_factory=Counter)
    undated: int = 0
    pathless: int = 0
    expected: int | None = None


def entries(
    source: str, listed: Listed, *, max_pixels: int = MAX_PIXELS, is_done: IsDone | None = None
) -> Iterator[Entry]:
    """List the photographs that a folder, a list or a URL holds, each once.

    A folder is walked by name, files before the folders in it; hidden ones, links to folders and
    results of runs are passed over. A list is a CSV or Parquet file with a column ``path``, and if
    it likes ``source`` and ``date``; a relative path is relative to the list's folder. A DICOM file
    stands for the photographs in it.

    Args:
        source: What the user named.
        listed: Counts what is listed.
        max_pixels: The most that a photo may have.
        is_done: Tells of which files nobody needs to look into them again.

    Raises:
        SourceError: It isn't there, can't be read, or is no list of paths.
    """
    place = place_of(source)
    inside = Inside(place, max_pixels=max_pixels, is_done=is_done)
    listed.others = inside.passed_over
    found = (_of_list if _is_list(place) else _of_folder)(place, listed, inside)
    try:
        for entry in found:
            listed.photos += 1
            yield entry
    except OSError as error:
        raise SourceError(place.text, cause_of(error)) from error
    listed.expected = listed.photos


def check_source(source: str) -> None:
    """Find out whether a source can be listed, before anything is written.

    Raises:
        SourceError: It can't be, as ``entries`` says.
    """
    place = place_of(source)
    try:
        if _is_list(place):
            next(rows_of(place, lambda _: None), None)
        else:
            _check_folder(place)
    except OSError as error:
        raise SourceError(place.text, cause_of(error)) from error


def _is_list(place: Place) -> bool:
    if not place.text.lower().endswith(_LISTS):
        return False
    return not (place.is_local and os.path.isdir(place.root))  # noqa: PTH112


def _of_folder(place: Place, listed: Listed, inside: Inside) -> Iterator[Entry]:
    _check_folder(place)
    walk = _walk(place.root, None, listed, inside)
    return walk if place.is_local else _walk_store(place, place.root, None, listed, inside)


def _check_folder(place: Place) -> None:
    if place.is_local and not os.path.isdir(place.root):  # noqa: PTH112
        raise SourceError(
            place.text, "no folder and no list of paths; name a folder, a .csv or a .parquet"
        )


def _walk(folder: str, source: str | None, listed: Listed, inside: Inside) -> Iterator[Entry]:
    """Give the photos of a folder, and then those of each folder in it."""
    try:
        with os.scandir(folder) as found:
            known = sorted(
                (each.name, each.is_dir(follow_symlinks=False))
                for each in found
                if not is_clutter(each.name)
            )
    except OSError:  # as a closed folder: whoever reads it says what is wrong with it
        yield Entry(folder, source)
        return
    files = [name for name, is_folder in known if not is_folder]
    if _are_results(files):
        listed.beside += len(files)
        return
    for name in files:
        for path in _in_file(os.path.join(folder, name), listed, inside):  # noqa: PTH118
            yield Entry(path, source)
    for name, is_folder in known:
        if is_folder:
            yield from _walk(os.path.join(folder, name), source or name, listed, inside)  # noqa: PTH118


def _in_file(path: str, listed: Listed, inside: Inside) -> tuple[str, ...]:
    """Give the photos of a file, by its ending or by what is in it."""
    ending = PurePath(path).suffix.lower()
    if ending in PHOTO_SUFFIXES:
        return (path,)
    found = None if ending in BESIDE else inside.of_file(path)
    listed.beside += found is None and ending not in BESIDE
    return found or ()


def _walk_store(
    place: Place, folder: str, source: str | None, listed: Listed, inside: Inside
) -> Iterator[Entry]:
    found = sorted(
        (each for each in place.system.get_file_info(fs.FileSelector(folder))),
        key=lambda each: each.base_name,
    )
    files = [each for each in found if each.type == fs.FileType.File]
    if _are_results([each.base_name for each in files]):
        listed.beside += len(files)
        return
    scheme = place.text.partition("://")[0]
    asked: list[tuple[str, Stamp]] = []
    for each in files:
        ending = PurePath(each.base_name).suffix.lower()
        if is_clutter(each.base_name) or ending in BESIDE:
            continue
        if ending in PHOTO_SUFFIXES or may_be_dicom(each.base_name):
            asked.append((f"{scheme}://{each.path}", Stamp(each.size, each.mtime_ns)))
        else:
            listed.beside += 1
    for paths, stamp in inside.of_objects(asked):
        for path in paths:
            yield Entry(path, source, None, *stamp or (None, None))
    for each in found:
        if each.type == fs.FileType.Directory and not is_clutter(each.base_name):
            yield from _walk_store(place, each.path, source or each.base_name, listed, inside)


def _are_results(names: Iterable[str]) -> bool:
    return any(name in (STORE, RESULTS_JSONL) or is_part(name) for name in names)


def _of_list(place: Place, listed: Listed, inside: Inside) -> Iterator[Entry]:
    """Read a list's rows, each path once."""
    base = place.text.rpartition("/")[0] or "/"
    seen = Hashes()
    for table in rows_of(place, lambda count: setattr(listed, "expected", count)):
        told = zip(table["path"], table["source"], table["date"], strict=True)
        every = [(absolute_in(path or "", base), fact) for path, *fact in told]
        rows = [(path, fact) for path, fact in every if path]
        listed.pathless += len(every) - len(rows)
        fresh = seen.add([digest(path) for path, _ in rows])
        listed.duplicates += len(rows) - sum(fresh)
        kept = [row for row, is_new in zip(rows, fresh, strict=True) if is_new]
        found = inside.named([path for path, _ in kept])
        for (path, (source, date)), (photos, stamp) in zip(kept, found, strict=True):
            day = _date(date, listed)
            for photo in photos if photos == (path,) else _fresh(photos, seen, listed):
                yield Entry(photo, text_in(source), day, *stamp or (None, None))


def _fresh(photos: Sequence[str], seen: Hashes, listed: Listed) -> list[str]:
    """Give the photos of a file that no row of the list named before."""
    fresh = seen.add([digest(photo) for photo in photos])
    listed.duplicates += len(photos) - sum(fresh)
    return [photo for photo, is_new in zip(photos, fresh, strict=True) if is_new]


def _date(told: object, listed: Listed) -> str | None:
    """Give a row's day; one that isn't a day is counted and left out."""
    if told is None or told == "":
        return None
    try:
        return datetime.date.fromisoformat(str(told)[:_DATE]).isoformat()
    except ValueError:
        listed.undated += 1
        return None
