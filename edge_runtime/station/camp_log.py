"""The log of a camp: each photograph and each event, before anybody sees it."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from edge_runtime.bundle.logged import bundle_things
from edge_runtime.station.happened import Happened
from edge_runtime.station.logged import event_content, photo_content
from edge_runtime.system.codec import to_line
from edge_runtime.tlog.checkpoint import Checkpoint
from edge_runtime.tlog.copied import Copied, copied, signed
from edge_runtime.tlog.entry import Entry, Thing
from edge_runtime.tlog.found import last_entry
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.tree import root_hash
from edge_runtime.tlog.writer import Log

if TYPE_CHECKING:
    from edge_runtime.trust.sealed import Sealed

#: A photograph's row of the store.
PhotoRow = tuple[int, str, str, str, str]


def event_row(each: Happened) -> tuple[int, str, str, str]:
    """Write what happened as the row of the store."""
    return each.number, each.at, to_line(each.event), each.by


class CampLog:
    """The log of the camp whose store is open."""

    def __init__(self, log: Log) -> None:
        """Take a log that is open."""
        self.log = log
        self._owed: list[Entry] = []
        self._turn = threading.RLock()  # held until the store has what was logged, or hasn't

    @contextlib.contextmanager
    def keeping(self, photo: PhotoRow | None, happened: Sequence[Happened]) -> Iterator[None]:
        """Log what is to be kept, once, and take it back where the block fails to keep it.

        Raises:
            OSError: It can't be logged; the block isn't begun.
        """
        things = [Thing("event", event_content(event_row(each))) for each in happened]
        if photo is not None:
            things.insert(0, Thing("photo", photo_content(photo)))
        if not things:
            yield
            return
        with self._turn:
            self._pay()
            written: list[Entry] = []
            try:
                self.log.append(*things, written=written)
                yield
            except BaseException:
                self._owed = [*reversed(written)]
                with contextlib.suppress(OSError):  # it is tried again before the next
                    self._pay()
                raise

    def handed_out(self, sums: bytes, *, is_backup: bool = False) -> None:
        """Log what was handed out, by the list of the hashes of its files.

        Raises:
            OSError: It can't be logged.
        """
        with self._turn:
            self._pay()
            self.log.append(Thing("backup" if is_backup else "export", sums))
        self.log.checkpoint()

    def checkpoint(self) -> Checkpoint:
        """Give the checkpoint of all that is logged now, signed; nothing is written.

        Raises:
            LogInvalidError: The log isn't as it was written.
        """
        return self.log.look(lambda stored: signed(stored, self.log.key))

    def until(self, content: bytes) -> tuple[int, bytes] | None:
        """Give how many entries there were once a thing was logged, and their root.

        Returns:
            The same whenever it is asked; None where the thing isn't in the log.

        Raises:
            LogInvalidError: The log isn't as it was written.
        """

        def look(stored: StoredLog) -> tuple[int, bytes] | None:
            index = last_entry(stored, self.log.commit(content))
            return None if index is None else (index + 1, root_hash(index + 1, stored.subtree))

        return self.log.look(look)

    def copied(self) -> list[Copied]:
        """List the files of a copy of the log as it is now; who asks holds the store's lock.

        Raises:
            LogInvalidError: The log isn't as it was written.
            OSError: What the store didn't take can't be taken back in the log.
        """
        with self._turn:
            self._pay()
            return self.log.look(lambda stored: copied(stored, self.log.key))

    def begin(self, identity: str, settings: str, sealed: "Sealed | None" = None) -> None:
        """Log that a station begins.

        Args:
            identity: Its bundle's.
            settings: What it runs with.
            sealed: Who vouches for the bundle; None where nobody was asked.

        Raises:
            OSError: It can't be logged.
        """
        begin = Thing("begin", settings.encode("utf-8", "surrogatepass"))
        self.log.append(*bundle_things(identity, sealed), begin)
        self.log.checkpoint()

    def end(self) -> None:
        """Log that the station was ended in order.

        Raises:
            OSError: It can't be logged.
        """
        with self._turn:
            self._pay()
            self.log.append(Thing("end", b""))

    def _pay(self) -> None:
        if self._owed:
            paid: list[Entry] = []
            try:
                self.log.take_back(self._owed, written=paid)
            finally:
                self._owed = self._owed[len(paid) :]


def keeping(
    log: CampLog | None,
    check: Callable[[], None],
    photo: PhotoRow | None,
    happened: Sequence[Happened],
) -> contextlib.AbstractContextManager[None]:
    """Log what is to be kept, as ``CampLog.keeping`` does, where there is a log.

    ``check`` raises where nothing can be kept now, so that nothing is logged either.
    """
    check()
    return log.keeping(photo, happened) if log else contextlib.nullcontext()
