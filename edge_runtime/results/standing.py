"""Find out how a run stands that is taken up: what is done, and what must be done again and why."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge_runtime.errors import (
    PhotoNotFoundError,
    PhotoUnreadableError,
    RunDiffersError,
    printable,
)
from edge_runtime.photo.decode import read_photo
from edge_runtime.photo.find import Stamp, stamp_of
from edge_runtime.predict.record import path_of
from edge_runtime.results.overlays import is_whole
from edge_runtime.results.store import Store
from edge_runtime.results.store_form import DonePhoto, place_of

#: Why a photo is done again: its file is another now, it was an error that no file's content told,
#: or its overlays are gone.
Again = Literal["changed", "tried", "lost"]


@dataclass(frozen=True)
class Standing:
    """How a run stands; numbers are those of the store.

    ``done`` are the photos asked for that are done and stay so, ``again`` those to be done again.
    ``kept`` counts records whose photo isn't among those asked for, is gone or can't be read now.
    ``touched`` are the stamps of files that were written anew with the same content.
    """

    done: Mapping[Path, int]
    again: Mapping[int, Again]
    kept: int
    touched: Mapping[int, Stamp]

    def count(self, why: Again) -> int:
        """Count the photos that are done again for a reason."""
        return Counter(self.again.values())[why]


def find_standing(
    folder: Path, store: Store, photos: Iterable[Path], *, max_pixels: int
) -> Standing:
    """Compare what a store has with the photos as they are now.

    A file is read only where its size or its time isn't what it was, so that thousands take no
    time. A photo that can't be read now keeps its record: the card may be out.

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
    done: dict[Path, int] = {}
    again: dict[int, Again] = {}
    touched: dict[int, Stamp] = {}
    kept = len(rows.keys() - named.keys())
    for place, photo in named.items():
        if (row := rows.get(place)) is None:
            continue
        stamp = stamp_of(photo)
        sha256 = row.sha256 if _is_as_it_was(row, stamp) else _sha256(photo, max_pixels)
        if sha256 not in (None, row.sha256):
            again[row.number] = "changed" if row.sha256 else "tried"
        elif row.number in lost and stamp is not None:
            again[row.number] = "lost"
        else:
            done[photo] = row.number
            kept += row.sha256 is not None and sha256 is None
            if sha256 is not None and stamp is not None and stamp != row.stamp:
                touched[row.number] = stamp
    return Standing(done, again, kept, touched)


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


def _is_as_it_was(row: DonePhoto, stamp: Stamp | None) -> bool:
    return row.sha256 is not None and stamp is not None and stamp == row.stamp


def _sha256(photo: Path, max_pixels: int) -> str | None:
    """Hash a photo's file; None where it can't be read now."""
    try:
        data = read_photo(photo, max_pixels=max_pixels)
    except (PhotoNotFoundError, PhotoUnreadableError):
        return None
    return hashlib.sha256(data).hexdigest()
