"""Write a store of explanations: it outlives a kill, and grows with each run.

Photos are gathered into parts. A part's file is brought to the disk first and entered in the index
then, in one transaction: what a kill takes is the part that was being gathered. One process writes
at a time.
"""

import hashlib
import os
import sqlite3
import time
from collections.abc import Collection, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from calibration.errors import ExplanationStoreError
from calibration.explanations.published import to_json
from calibration.explanations.store.index import Part, add_part, make_index, opened, parts_of
from calibration.explanations.store.info import (
    EXPLANATIONS,
    PARTS,
    STORE_JSON,
    StoreInfo,
    check_same,
    read_info,
)
from calibration.explanations.store.parts import (
    REMEDY,
    all_as_one,
    fault_of,
    joined,
    part_bytes,
)
from calibration.explanations.store.row import StoredPhoto, UnreadablePhoto
from edge_runtime.errors import OutputExistsError
from edge_runtime.photo.find import Stamp, absolute
from edge_runtime.system.files import one_sentence, write_file
from edge_runtime.system.folders import new_folder
from edge_runtime.system.partial import LOCKS, lock

#: What a part holds at most, and how long it is gathered: that much a kill can take.
PART_PHOTOS, PART_SECONDS = 256, 60.0


class Known:
    """Which photos a store has, told by place and content."""

    def __init__(self, rows: Collection[tuple[str, str, int, int]]) -> None:
        """Take the place, SHA-256, size and time of each."""
        self._stamps = {(place, Stamp(size, time)) for place, _, size, time in rows}
        self._places: dict[str, set[str]] = {}
        for place, sha256, *_ in rows:
            self._places.setdefault(sha256, set()).add(place)

    def has_stamp(self, place: str, stamp: Stamp | None) -> bool:
        """Tell without reading it whether a file is there as it was."""
        return (place, stamp) in self._stamps

    def has_content(self, place: str, sha256: str, *, named: Set[str]) -> bool:
        """Tell whether a photo is there: at this place, or at one that this run doesn't name.

        The latter is the same photo moved. Of two places that one run names each is a row.
        """
        places = self._places.get(sha256, set())
        return place in places or not places <= named


class StoreWriter:
    """A store that photos are added to; from ``writing``."""

    def __init__(
        self, store: Path, info: StoreInfo, index: sqlite3.Connection, *, folder: str | None
    ) -> None:
        """Take the folder from which relative paths lead to photos; None from this one."""
        self._store, self._info, self._index = store, info, index
        self._photos: list[StoredPhoto] = []
        self._unreadable: list[UnreadablePhoto] = []
        self._begun = 0.0
        self._folder = folder
        self.known = Known(
            index.execute("SELECT place, sha256, size_bytes, modified_ns FROM photos").fetchall()
        )

    def add(self, photo: StoredPhoto | UnreadablePhoto) -> None:
        """Take a photo; it is on the disk once its part is.

        Raises:
            OSError: The part can't be written.
        """
        if not self._photos and not self._unreadable:
            self._begun = time.monotonic()
        if isinstance(photo, StoredPhoto):
            path = str(self._named(Path(photo.photo.path)))
            self._photos.append(replace(photo, photo=replace(photo.photo, path=path)))
        else:
            self._unreadable.append(replace(photo, path=self._named(photo.path)))
        if len(self._photos) >= PART_PHOTOS or time.monotonic() - self._begun > PART_SECONDS:
            self.flush()

    def _named(self, path: Path) -> Path:
        """Name a file so that the store's folder leads to it, by whichever one this run has."""
        return path if self._folder in (None, absolute(Path())) else Path(absolute(path))

    def flush(self) -> None:
        """Bring what was taken to the disk."""
        photos, unreadable = self._photos, self._unreadable
        if not photos and not unreadable:
            return
        self._photos, self._unreadable = [], []
        part = None
        if photos:
            number = max((each.number for each in parts_of(self._index)), default=0) + 1
            data = part_bytes(photos)
            part = Part(number, hashlib.sha256(data).hexdigest(), len(photos))
            write_file(self._store / part.file, data, private=True)
        add_part(self._index, part, photos, unreadable)

    def finish(self) -> None:
        """Bring the rest to the disk, and make ``explanations.h5`` of all parts."""
        self.flush()
        parts = parts_of(self._index)
        if joined(self._store) != sum(part.photos for part in parts):
            write_file(self._store / EXPLANATIONS, all_as_one(self._info, parts), private=True)


@contextmanager
def writing(store: Path, info: StoreInfo) -> Iterator[StoreWriter]:
    """Begin a store or go on with one, to the end of the block; a stop keeps what was done.

    Args:
        store: Its folder; nothing may stand there but such a store.
        info: What it is made with.

    Raises:
        ExplanationStoreError: It was begun with something else, or is damaged.
        OutputExistsError: Something else stands there, or another process writes there.
        OutputFailedError: It can't be written.
    """
    if not os.path.lexists(store):
        with new_folder(store, private=True) as folder:
            (folder / PARTS).mkdir(0o700)
            make_index(folder)
            write_file(folder / STORE_JSON, to_json(info).encode(), private=True, sync=False)
    elif not (store / STORE_JSON).is_file():
        raise OutputExistsError(store, "it is no store of explanations, so choose another folder")
    before = read_info(store)
    check_same(store, before, info)
    with one_sentence(store), _alone(store), opened(store, write=True) as index:
        _check_parts(store, parts_of(index))
        writer = StoreWriter(store, info, index, folder=before.folder)
        _clear(store, {each.file for each in parts_of(index)})
        try:
            yield writer
        except KeyboardInterrupt:
            writer.finish()
            raise
        writer.finish()


def _check_parts(store: Path, parts: Sequence[Part]) -> None:
    """Refuse to go on with a store that has lost some of its photos."""
    for part in parts:
        if fault := fault_of(store, part):
            raise ExplanationStoreError(store, f"{part.file} {fault}; {REMEDY}")


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    """Lock a store against other writers; Windows can't."""
    if not LOCKS:
        yield
        return
    handle = os.open(store, os.O_RDONLY)
    try:
        try:
            lock(handle, wait=False)
        except BlockingIOError as error:
            busy = "another run is writing there; wait for it"
            raise OutputExistsError(store, busy) from error
        yield
    finally:
        os.close(handle)


def _clear(store: Path, known: Collection[str]) -> None:
    """Remove what a killed run left of a part that didn't come into the index."""
    for file in (store / PARTS).glob("*.h5"):
        if f"{PARTS}/{file.name}" not in known:
            file.unlink()
