"""What of a run goes into a log, and what of a run's store is held against it."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.bundle.logged import bundle_things
from edge_runtime.photo.find import STORE
from edge_runtime.results.run import Run
from edge_runtime.results.store import Store
from edge_runtime.results.store_form import LOG, photo_content
from edge_runtime.system.codec import plain
from edge_runtime.system.read_sqlite import FileBusyError, reading, rows
from edge_runtime.tlog.entry import Thing
from edge_runtime.tlog.records import reconcile
from edge_runtime.tlog.writer import Log

if TYPE_CHECKING:
    from edge_runtime.trust.sealed import Sealed

_ROWS = "SELECT number, sha256, CAST(record AS BLOB) FROM photos ORDER BY number"


class RunLog:
    """A run's part of a log that may have others too."""

    def __init__(self, log: Log, store: Store, run: Run, sealed: "Sealed | None" = None) -> None:
        """Say in the log that the run begins, or goes on, and with what.

        Records that the log doesn't know yet are logged as found.

        Args:
            log: An open one.
            store: Of the run.
            run: How it is made.
            sealed: Who vouches for its bundle; None where nobody was asked.

        Raises:
            LogInvalidError: The log isn't as it was written.
            OSError: It can't be written.
        """
        name = store.noted(LOG)
        if name is None:
            name = secrets.token_hex(8)
            store.note(LOG, name)
        self._log, self._name = log, name
        reconcile(log, store.contents, run=name)
        described = json.dumps(plain(run), sort_keys=True).encode()
        log.append(
            *bundle_things(run.bundle, sealed, run=name), Thing("begin", described, run=name)
        )

    def photo(self, content: bytes, replaces: bytes | None) -> None:
        """Log a photo's record, just before the store has it for good.

        Where the store doesn't take it then, the run ends, and the next one takes the entry back.

        Args:
            content: As ``photo_content`` makes it.
            replaces: Of the record in whose place it comes.
        """
        self._log.append(Thing("photo", content, replaces, self._name))

    def end(self, state: str) -> None:
        """Say that all that was to be done is done."""
        self._log.append(Thing("end", state.encode(), run=self._name))


def run_records(folder: Path) -> tuple[str, dict[str, bytes]]:
    """Read of a results folder, which stays as it is, what a log should know.

    Returns:
        By which name the log knows the run, "" where none does; and what its photos bind, by what
        each is called.

    Raises:
        FileBusyError: It can't be read, or a run is at work there.
    """
    with reading(folder / STORE) as opened:
        found = [*rows(opened, "SELECT value FROM run WHERE key = ?", LOG)]
        contents = dict(_contents(rows(opened, _ROWS), folder))
    return str(found[0][0]) if found else "", contents


def _contents(found: Iterator[tuple[object, ...]], folder: Path) -> Iterator[tuple[str, bytes]]:
    for number, sha256, record in found:
        if not isinstance(number, int) or not isinstance(record, bytes):
            raise FileBusyError(folder / STORE, "a row isn't as it was written")
        yield f"photo {number}", photo_content(number, sha256, record)
