"""Look into files and objects that may be DICOM for the photographs that an archive has in them."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from edge_runtime.archive.place import Place
from edge_runtime.archive.reading import LARGEST
from edge_runtime.hospital.find import DicomFinder
from edge_runtime.hospital.installed import is_installed
from edge_runtime.photo.beside import is_dicom, kind_of_file, kind_of_name
from edge_runtime.photo.find import PHOTO_SUFFIXES, Stamp, is_missing, stamp_of
from edge_runtime.photo.frames import file_in_name, file_of

#: Tells by path, size and time of change whether a file has the record of its only photo.
IsDone = Callable[[str, int | None, int | None], bool]

#: Of an object this is asked for first: almost all headers are shorter.
FIRST_BYTES = 64 << 10

_AT_ONCE, _THREADS = 256, 16  # objects whose begins are in memory, and that are asked for together
_FAILURES = (OSError, ValueError, NotImplementedError, ImportError)  # of stores


class Held(NamedTuple):
    """The ``photos`` that a file stands for, and its ``stamp`` where that was found for nothing."""

    photos: tuple[str, ...]
    stamp: Stamp | None = None


class Inside:
    """Looks into files; ``passed_over`` counts what isn't photographs, by kind."""

    def __init__(self, source: Place, *, max_pixels: int, is_done: IsDone | None = None) -> None:
        """Begin to count.

        Args:
            source: What the run was given; its store is read as its URL says.
            max_pixels: The most that a photo may have.
            is_done: Tells of which files nobody needs to look into them again; None: of none.
        """
        self._source, self._max_pixels, self._is_done = source, max_pixels, is_done
        self._finder = DicomFinder(max_pixels=max_pixels)
        self.passed_over = self._finder.passed_over
        self._lost: set[Path] = set()

    def of_file(self, path: str) -> tuple[str, ...] | None:
        """Name the photos of a folder's file without a photo's ending; None where it isn't DICOM.

        Of the files that the index of a disk names those are left to the walk that are there. Where
        what reads DICOM isn't installed, the file stands for itself, and its record says so.
        """
        file = Path(path)
        if self._has_record(path, stamp_of(file) if self._is_done else None):
            return (path,)
        photos = self._finder.in_others(file)
        if photos is None:
            is_dicom_file = not is_installed() and kind_of_file(file) == "DICOM"
            return (path,) if is_dicom_file else None
        fresh = [each for each in photos if file_of(each) == file or self._is_lost(each)]
        return tuple(map(str, fresh))

    def _is_lost(self, photo: Path) -> bool:
        """Tell whether a photo that an index names isn't there, the first time that it is named."""
        if photo in self._lost or not is_missing(photo):
            return False
        self._lost.add(photo)
        return True

    def named(self, paths: Iterable[str]) -> Iterator[Held]:
        """Name the photos of files and objects that somebody named outright, in order."""
        return self._in_order(((path, None) for path in paths), is_named=True)

    def of_objects(self, objects: Iterable[tuple[str, Stamp]]) -> Iterator[Held]:
        """Name the photos of a folder's objects, in order; what holds none has no photo."""
        return self._in_order(objects, is_named=False)

    def _in_order(
        self, asked: Iterable[tuple[str, Stamp | None]], *, is_named: bool
    ) -> Iterator[Held]:
        asked = iter(asked)
        while chunk := list(itertools.islice(asked, _AT_ONCE)):
            begins = self._begins(chunk)
            for path, stamp in chunk:
                if path in begins:
                    yield self._in_object(path, *begins[path], is_named=is_named)
                elif "://" not in path and _is_looked_into(path):
                    yield self._in_named(path)
                else:
                    yield Held((path,), stamp)

    def _in_named(self, path: str) -> Held:
        stamp = stamp_of(Path(path)) if self._is_done else None
        if self._has_record(path, stamp):
            return Held((path,))
        photos = self._finder.in_named(Path(path))
        return Held((path,) if photos is None else tuple(map(str, photos)))

    def _begins(
        self, chunk: Sequence[tuple[str, Stamp | None]]
    ) -> dict[str, tuple[Stamp | None, bytes]]:
        """Ask for the first bytes of those objects of a chunk that are looked into."""
        objects = [each for each in chunk if "://" in each[0] and _is_looked_into(each[0])]
        if not objects:
            return {}
        with ThreadPoolExecutor(_THREADS) as pool:
            found = pool.map(lambda each: self._begin(*each), objects)
            return {path: begin for (path, _), begin in zip(objects, found, strict=True)}

    def _begin(self, path: str, stamp: Stamp | None) -> tuple[Stamp | None, bytes]:
        """Read an object's first bytes; none of one that is done or that can't be read."""
        try:
            if stamp is None:
                info = self._source.info_of(path)
                stamp = None if info.size is None else Stamp(info.size, info.mtime_ns)
            if stamp is None or self._has_record(path, stamp):
                return stamp, b""
            return stamp, self._read(path, FIRST_BYTES)
        except _FAILURES:  # whoever reads it says what is wrong with it
            return stamp, b""

    def _in_object(self, path: str, stamp: Stamp | None, data: bytes, *, is_named: bool) -> Held:
        """Name the photos of an object by its first bytes, or by all of them where those don't say.

        One that is too large to be fetched stands for itself.
        """
        if stamp is None or not is_dicom(data) or not is_installed():
            return Held((path,), stamp)
        from edge_runtime.hospital.look import numbered_in

        is_whole = stamp.size_bytes <= len(data)
        found = numbered_in(data, is_whole=is_whole, max_pixels=self._max_pixels)
        if found is None and stamp.size_bytes <= LARGEST:
            try:
                data = self._read(path, stamp.size_bytes)
            except _FAILURES:
                return Held((path,), stamp)
            found = numbered_in(data, max_pixels=self._max_pixels)
        if found is not None and found.other and not is_named:
            self.passed_over[found.other] += 1
            return Held((), stamp)
        frames = range(1, found.frames + 1) if found is not None else ()
        return Held(tuple(f"{path}#{frame}" for frame in frames) or (path,), stamp)

    def _read(self, path: str, size: int) -> bytes:
        system: Any = self._source.system_of(path)
        with system.open_input_file(path.partition("://")[2]) as file:
            return bytes(file.read_at(size, 0))

    def _has_record(self, path: str, stamp: Stamp | None) -> bool:
        return self._is_done is not None and stamp is not None and self._is_done(path, *stamp)


def may_be_dicom(name: str) -> bool:
    """Tell whether an object is looked into that nobody named outright: by its ending."""
    return kind_of_name(Path(name)) == "DICOM"


def _is_looked_into(path: str) -> bool:
    """Tell whether a file that was named may stand for several photos; one of these doesn't."""
    ending = path[path.rfind(".") :].lower()  # of millions, so no ``Path``
    return ending not in PHOTO_SUFFIXES and file_in_name(path) == path
