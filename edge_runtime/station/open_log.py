"""Open the log of a camp, and make it agree with the camp's store."""

import contextlib
from collections.abc import Iterator

from edge_runtime.station.camp_log import CampLog
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.logged import HISTORY, LOG, PHOTOS, event_content, photo_content
from edge_runtime.tlog.records import reconcile
from edge_runtime.tlog.writer import Log

_PAGE = "WHERE number > ? ORDER BY number LIMIT 200"


def _contents(store: CampStore) -> Iterator[bytes]:
    """Give what a log binds of each photograph and of each event of a store.

    Raises:
        StoreInvalidError: A row isn't as it was written.
    """
    last = 0
    while rows := store.rows(tuple[int, bytes, bytes, bytes, bytes], f"{PHOTOS} {_PAGE}", last):
        yield from map(photo_content, rows)
        last = rows[-1][0]
    last = 0
    while events := store.rows(tuple[int, bytes, bytes, bytes], f"{HISTORY} {_PAGE}", last):
        yield from map(event_content, events)
        last = events[-1][0]


@contextlib.contextmanager
def logged(store: CampStore) -> Iterator[CampLog | None]:
    """Open the log of a camp, make it agree with the store, and log from then on.

    Where the disk can only be read there is nothing to log.

    Raises:
        LogInvalidError: The log isn't as it was written, and isn't gone on with.
        OutputExistsError: Another program has it open.
        OSError: It can't be written.
    """
    if store.is_fixed:
        yield None
        return
    log = Log(store.folder / LOG)
    with contextlib.closing(log):
        reconcile(log, lambda: _contents(store), run="")
        store.log = CampLog(log)
        try:
            yield store.log
        finally:
            store.log = None
