"""Find out how a run stands that is taken up: what is done, and what must be done again and why."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from edge_runtime.errors import (
    PhotoNotFoundError,
    PhotoUnreadableError,
    RunDiffersError,
    printable,
)
from edge_runtime.photo.decode import read_photo
from edge_runtime.photo.find import Stamp, is_missing, stamp_of
from edge_runtime.photo.frames import file_of
from edge_runtime.predict.record import path_of
from edge_runtime.results.overlays import is_whole
from edge_runtime.results.store import Store
from edge_runtime.results.store_form import DonePhoto, place_of

#: Why a photo is done again: its file is another now, it was an error that no file's content told,
#: or its overlays are gone.
Again = Literal["changed", "tried", "lost"]

_EMPTY, _GONE, _UNREADABLE = "empty", "gone", "unreadable"  # in the place of a SHA-256


class DoneAgain(NamedTuple):
    """The number of the record that a photo has, until its new one is in, and why it gets one."""

    number: int
    why: Again


@dataclass(frozen=True)
class Standing:
    """How a run stands; numbers are those of the store.

    ``photos`` counts all of the run, those asked for and others. ``done`` are the photos asked for
    that are done and stay so, ``again`` those to be done again. Records that stay without a look
    at the photo: ``gone`` counts those of photos that aren't there now, ``unnamed`` those of others
    that aren't among those asked for, and ``unreadable`` lists photos that are there, asked for,
    and can't be read now. ``touched`` are the stamps of files that were written anew with the same
    content.
    """

    photos: int
    done: Mapping[Path, int]
    again: Mapping[Path, DoneAgain]
    gone: int
    unnamed: int
    unreadable: tuple[Path, ...]
    touched: Mapping[int, Stamp]

    def outdated(self) -> set[int]:
        """Tell which records aren't of what their photo is now."""
        return {each.number for each in self.again.values() if each.why != "lost"}

    def count(self, why: Again) -> int:
        """Count the photos that are done again for a reason."""
        return Counter(each.why for each in self.again.values())[why]


def find_standing(
    folder: Path, store: Store, photos: Iterable[Path], *, max_pixels: int
) -> Standing:
    """Compare what a store has with the photos as they are now.

    A file is read only where its size or its time isn't what it was, so that thousands take no
    time. A photo that can't be read now keeps its record: the card may be out. One that is empty
    now was changed.

    Args:
        folder: The result folder.
        store: Its store.
        photos: All that are asked for.
        max_pixels: A file that is too large for it isn't read.

    Raises:
        RunDiffersError: A path stands in the store for another file, seen from another folder.
    """
    named = {place_of(photo): photo for photo in photos}
    rows = {row.place: row for row in store.done()}
    _check_names(folder, named, rows)
    lost = {number for number, file in store.overlays() if not is_whole(folder / file)}
    others = [row for place, row in rows.items() if place not in named]
    gone = sum(map(_is_seen_gone, others))
    unnamed = len(others) - gone
    done: dict[Path, int] = {}
    again: dict[Path, DoneAgain] = {}
    unreadable: list[Path] = []
    touched: dict[int, Stamp] = {}
    for place, photo in named.items():
        if (row := rows.get(place)) is None:
            continue
        stamp, was = stamp_of(photo), _content_of(row)
        is_as_it_was = was and stamp and stamp == row.stamp and os.access(file_of(photo), os.R_OK)
        now = was if is_as_it_was else _content_now(photo, stamp, max_pixels)
        if now in (_GONE, _UNREADABLE):
            done[photo] = row.number
            if row.sha256 and now == _UNREADABLE:
                unreadable.append(photo)
            gone += bool(row.sha256) and now == _GONE
        elif now != was:
            again[photo] = DoneAgain(row.number, "changed" if row.sha256 else "tried")
        elif row.number in lost:
            again[photo] = DoneAgain(row.number, "lost")
        else:
            done[photo] = row.number
            if stamp is not None and stamp != row.stamp:
                touched[row.number] = stamp
    count = len(named.keys() | rows.keys())
    return Standing(count, done, again, gone, unnamed, tuple(unreadable), touched)


def _check_names(folder: Path, named: Mapping[str, Path], rows: Mapping[str, DonePhoto]) -> None:
    """Refuse photos that would stand in the results under the name of others."""
    places = {row.photo: row.place for row in rows.values()}
    for place, photo in named.items():
        if places.get(path_of(photo), place) != place:
            raise RunDiffersError(
                folder,
                f"it has another photo of the name {printable(photo)}, as the command ran in "
                "another folder then; name the photos by their whole path",
            )


def _is_seen_gone(row: DonePhoto) -> bool:
    """Tell whether a photo is gone, if its path leads to its place from here."""
    photo = Path(row.photo)
    return place_of(photo) == row.place and is_missing(photo)


def _content_of(row: DonePhoto) -> str | None:
    """Say what was in a photo's file: its SHA-256, or that it was empty; else None."""
    return row.sha256 or (_EMPTY if row.stamp and not row.stamp.size_bytes else None)


@lru_cache(maxsize=1)  # photos of one file come one after the other
def _hash(file: Path, stamp: Stamp | None, max_pixels: int) -> str:  # noqa: ARG001 - another file
    return hashlib.sha256(read_photo(file, max_pixels=max_pixels)).hexdigest()


def _content_now(photo: Path, stamp: Stamp | None, max_pixels: int) -> str:
    """Read what is in a photo's file now: its SHA-256, or why there is none."""
    try:
        return _hash(file_of(photo), stamp, max_pixels)
    except PhotoNotFoundError:
        return _GONE
    except PhotoUnreadableError as error:
        if stamp and not stamp.size_bytes:
            return _EMPTY
        # a link that leads nowhere, as to a card that is out, is gone too
        is_gone = isinstance(error.__cause__, FileNotFoundError | NotADirectoryError)
        return _GONE if is_gone else _UNREADABLE
