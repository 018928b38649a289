"""Back a camp up into one file while it goes on, and make a camp of such a file again."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from edge_runtime.errors import OutputExistsError, StoreInvalidError
from edge_runtime.results.texts import Texts
from edge_runtime.station.camp_form import CAMP_PICTURES, FORM
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.parcel import SUMS, Entry
from edge_runtime.station.parcel_reader import ParcelInvalidError, unpack_parcel
from edge_runtime.system.folders import new_folder
from edge_runtime.system.partial import claimed, partial_of, remove

_README = "README.txt"

#: What the files of a backup may be called.
NAMES = re.compile(
    rf"{re.escape(FORM.file)}|{_README}|{CAMP_PICTURES}/(?P<photo>[0-9]{{6,12}})-[a-z]+\.jpg"
)


def backup_entries(store: CampStore, texts: Texts) -> Iterator[Entry]:
    """Give the files of a backup: the store as it is when this is asked for first, and pictures.

    Pictures are on the disk before their row is in the store, and never changed, so all of those
    that the copy needs are there afterwards; later ones are left out. A picture that was lost
    before is in no backup. What opens the station, its key and passwords, isn't in it.

    Args:
        store: Of a camp, which may go on meanwhile.
        texts: In whose language the note is that says what it is.

    Raises:
        BlockingIOError: Another backup is at work.
        OSError: There is no room for the store's copy in its folder, or a file can't be read.
    """
    if store.is_fixed:  # and its folder takes no copy
        yield from _entries(store, store.file, texts)
        return
    work = partial_of(store.folder / "backup")
    with claimed(work, lambda: work.mkdir(0o700), wait=False):
        copy = work / FORM.file
        store.copy_to(copy)
        yield from _entries(store, copy, texts)
        remove(work)


def _entries(store: CampStore, copy: Path, texts: Texts) -> Iterator[Entry]:
    yield Entry(_README, texts.say("backup.readme").encode())
    yield Entry(FORM.file, copy)
    newest = _newest(copy)
    for picture in sorted((store.folder / CAMP_PICTURES).glob("[0-9]*.jpg")):
        found = NAMES.fullmatch(f"{CAMP_PICTURES}/{picture.name}")
        if found and int(found["photo"]) <= newest:
            yield Entry(found[0], picture)


def restore(file: Path, folder: Path) -> tuple[int, int]:
    """Make a data folder of a backup, wholly or not at all.

    Args:
        file: The backup.
        folder: Where it shall stand; what isn't there or empty.

    Returns:
        How many people and how many photographs are in it.

    Raises:
        ParcelInvalidError: It isn't a whole backup.
        OutputExistsError: There is something in the folder.
        OutputFailedError: It can't be written there.
        OSError: The backup can't be read.
    """
    is_empty = folder.is_dir() and not any(folder.iterdir())
    if os.path.lexists(folder) and not is_empty:
        raise OutputExistsError(folder, "name a folder that is empty or isn't there")
    with new_folder(folder, replace=is_empty, private=True) as made:
        inner = made / "camp"  # a store locks its folder, which is locked here already
        inner.mkdir(0o700)
        if FORM.file not in unpack_parcel(file, NAMES, inner):
            raise ParcelInvalidError(file, f"it has no {FORM.file}, so it is no backup of a camp")
        for name in (_README, SUMS):
            (inner / name).unlink(missing_ok=True)
        try:
            with closing(CampStore(inner)) as store:
                counts = len(store.camp.people), len(store.camp.photos)
        except StoreInvalidError as error:
            raise ParcelInvalidError(file, f"{FORM.file} in it: {error.cause}") from error
        for each in tuple(inner.iterdir()):
            each.rename(made / each.name)
        inner.rmdir()
    return counts


def _newest(copy: Path) -> int:
    """Give the number of the last photograph of a store's copy, which nobody has open."""
    name = f"{copy.absolute().as_uri()}?immutable=1"
    with closing(sqlite3.connect(name, uri=True)) as opened:
        ((number,),) = opened.execute("SELECT coalesce(max(number), 0) FROM photos")
    return int(number)
