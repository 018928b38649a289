"""Back a camp up into one file while it goes on, and make a camp of such a file again."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

from edge_runtime.errors import FundusError, OutputExistsError, StoreInvalidError, printable
from edge_runtime.results.texts import Texts
from edge_runtime.station.camp_form import CAMP_PICTURES, FORM
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.logged import LOG
from edge_runtime.station.open_log import logged
from edge_runtime.station.parcel import SUMS, Entry
from edge_runtime.station.parcel_reader import ParcelInvalidError, unpack_parcel
from edge_runtime.station.remembered import REMEMBERED, remembered_entries
from edge_runtime.system.folders import new_folder
from edge_runtime.system.partial import claimed, partial_of, remove
from edge_runtime.tlog.before import BEFORE, MOST_BEFORE, earlier
from edge_runtime.tlog.copied import COPIED, Copied, copied
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.key import read_key
from edge_runtime.tlog.stored import StoredLog

_README = "README.txt"


class RestoredTooOftenError(FundusError, ValueError):
    """A backup of a camp that was restored, from a backup each time, as often as a log takes it."""

    def __init__(self, file: Path, most: int) -> None:
        self.file, self.most = file, most
        super().__init__(
            f"{printable(file)}: its camp was restored {most} times, each time from a backup of "
            "the one before, and its log takes no more; nothing of it was taken: begin a new camp, "
            "and keep this backup, or restore an older one"
        )


#: What the files of a backup may be called.
NAMES = re.compile(
    rf"{re.escape(FORM.file)}|{_README}|{CAMP_PICTURES}/(?P<photo>[0-9]{{6,12}})-[a-z]+\.jpg"
    rf"|{re.escape(LOG)}/{COPIED}|{'|'.join(map(re.escape, REMEMBERED))}"
)


def backup_entries(store: CampStore, texts: Texts) -> Iterator[Entry]:
    """Give the files of a backup: the store as it is when this is asked for first, log, pictures.

    What the station remembers of bundles and keys is in it too, so that a restored camp runs
    nothing that the camp refused.

    Pictures are on the disk before their row is in the store, and never changed, so all of those
    that the copy needs are there afterwards; later ones are left out. A picture that was lost
    before is in no backup. The log is that of the same moment. What opens the station and what
    signs its log, its keys and passwords, isn't in it.

    Args:
        store: Of a camp, which may go on meanwhile.
        texts: In whose language the note is that says what it is.

    Raises:
        BlockingIOError: Another backup is at work.
        LogInvalidError: The log isn't as it was written.
        OSError: There is no room for the store's copy in its folder, or a file can't be read.
    """
    if store.is_fixed:  # and its folder takes no copy
        yield from _entries(store, store.file, _log_at_rest(store.folder / LOG), texts)
        return
    work = partial_of(store.folder / "backup")
    with claimed(work, lambda: work.mkdir(0o700), wait=False):
        copy = work / FORM.file
        with store.lock:  # so that the log has what the copy has, and no more
            log = store.log.copied() if store.log else []
            store.copy_to(copy)
        yield from _entries(store, copy, log, texts)
        remove(work)


def _log_at_rest(folder: Path) -> list[Copied]:
    """List the files of a log on a disk that can only be read."""
    if not folder.is_dir():
        return []
    return copied(StoredLog(folder), read_key(folder))


def _entries(store: CampStore, copy: Path, log: list[Copied], texts: Texts) -> Iterator[Entry]:
    yield Entry(_README, texts.say("backup.readme").encode())
    yield Entry(FORM.file, copy)
    yield from (Entry(f"{LOG}/{name}", content) for name, content in log)
    yield from remembered_entries(store.folder)
    newest = _newest(copy)
    for picture in sorted((store.folder / CAMP_PICTURES).glob("[0-9]*.jpg")):
        found = NAMES.fullmatch(f"{CAMP_PICTURES}/{picture.name}")
        if found and int(found["photo"]) <= newest:
            yield Entry(found[0], picture)


def restore(file: Path, folder: Path) -> tuple[int, int]:
    """Make a data folder of a backup, wholly or not at all.

    Its log lies in the new one's folder, as the log that was before: what signed it isn't in a
    backup. The new one begins by saying so, and has every record as found. Whether the records are
    those that were logged is to be asked afterwards.

    Args:
        file: The backup.
        folder: Where it shall stand; what isn't there or empty.

    Returns:
        How many people and how many photographs are in it.

    Raises:
        ParcelInvalidError: It isn't a whole backup.
        RestoredTooOftenError: It is of a camp that was restored as often as a log takes it.
        OutputExistsError: There is something in the folder.
        OutputFailedError: It can't be written there.
        OSError: The backup can't be read.
    """
    is_empty = folder.is_dir() and not any(folder.iterdir())
    if os.path.lexists(folder) and not is_empty:
        raise OutputExistsError(folder, "name a folder that is empty or isn't there")
    with file.open("rb"):
        pass  # what can't be read is no matter of where it shall stand
    with new_folder(folder, replace=is_empty, private=True) as made:
        inner = made / "camp"  # a store locks its folder, which is locked here already
        inner.mkdir(0o700)
        if FORM.file not in unpack_parcel(file, NAMES, inner):
            raise ParcelInvalidError(file, f"it has no {FORM.file}, so it is no backup of a camp")
        for name in (_README, SUMS):
            (inner / name).unlink(missing_ok=True)
        if len(earlier(inner / LOG)) >= MOST_BEFORE:
            raise RestoredTooOftenError(file, MOST_BEFORE)
        has_log = _set_log_aside(inner)
        try:
            with closing(CampStore(inner)) as store:
                counts = len(store.camp.people), len(store.camp.photos)
                with logged(store) if has_log else nullcontext():
                    pass
        except StoreInvalidError as error:
            raise ParcelInvalidError(file, f"{FORM.file} in it: {error.cause}") from error
        except LogInvalidError as error:
            raise ParcelInvalidError(file, f"{LOG} in it: {error.cause}") from error
        for each in tuple(inner.iterdir()):
            each.rename(made / each.name)
        inner.rmdir()
    return counts


def _set_log_aside(folder: Path) -> bool:
    """Lay the log of a backup where a log has the one before it; tell whether there is one."""
    log, aside = folder / LOG, folder / BEFORE
    if not log.is_dir():
        return False
    log.rename(aside)
    log.mkdir(0o700)
    aside.rename(log / BEFORE)
    return True


def _newest(copy: Path) -> int:
    """Give the number of the last photograph of a store's copy, which nobody has open."""
    name = f"{copy.absolute().as_uri()}?immutable=1"
    with closing(sqlite3.connect(name, uri=True)) as opened:
        ((number,),) = opened.execute("SELECT coalesce(max(number), 0) FROM photos")
    return int(number)
