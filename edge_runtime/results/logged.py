"""What of a run goes into a log, and what of a run's store is held against it."""

import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.bundle.logged import bundle_things
from edge_runtime.photo.find import STORE
from edge_runtime.predict.record import from_json
from edge_runtime.results.place import writing
from edge_runtime.results.run import Run
from edge_runtime.results.store import Store
from edge_runtime.results.store_form import FORM, LOG, RUN, photo_content
from edge_runtime.results.store_parts import odd_number, odd_part
from edge_runtime.results.tally import outcome_of
from edge_runtime.system.codec import parse, plain, read
from edge_runtime.system.read_sqlite import FileBusyError, reading, rows
from edge_runtime.tlog.entry import Thing
from edge_runtime.tlog.kept import Kept
from edge_runtime.tlog.records import agrees, reconcile
from edge_runtime.tlog.writer import Log

if TYPE_CHECKING:
    from edge_runtime.trust.sealed import Sealed

_ROWS = (
    "SELECT number, place, sha256, finished, CAST(record AS BLOB), path, status, reason "
    "FROM photos ORDER BY number"
)


class RunLog:
    """A run's part of a log that may have others too.

    What the system refuses is told of the log's folder, which may lie on another disk than the
    results.
    """

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
            OutputFailedError: It can't be written.
            OSError: The store can't.
        """
        name = store.noted(LOG)
        if name is None:
            name = secrets.token_hex(8)
            store.note(LOG, name)
        self._log, self._name = log, name
        begin = Thing("begin", _described(run), run=name)
        with writing(log.folder):
            reconcile(log, store.contents, run=name)
            log.append(*bundle_things(run.bundle, sealed, run=name), begin)

    def photo(self, content: bytes, replaces: bytes | None) -> None:
        """Log a photo's record, just before the store has it for good.

        Where the store doesn't take it then, the run ends, and the next one takes the entry back.

        Args:
            content: As ``photo_content`` makes it.
            replaces: Of the record in whose place it comes.

        Raises:
            OutputFailedError: The log can't be written.
        """
        with writing(self._log.folder):
            self._log.append(Thing("photo", content, replaces, self._name))

    def end(self, state: str) -> None:
        """Say that all that was to be done is done.

        Raises:
            OutputFailedError: The log can't be written.
        """
        with writing(self._log.folder):
            self._log.append(Thing("end", state.encode(), run=self._name))


def log_what_is_done(log: Log, store: Store, run: Run, sealed: "Sealed | None") -> None:
    """Let a log know of a complete run, which it doesn't where the one of before was moved away.

    For the arguments see ``RunLog``.

    Raises:
        LogInvalidError: The log isn't as it was written.
        OutputFailedError: It can't be written.
        OSError: The store can't.
    """
    name = store.noted(LOG)
    if name is None or not agrees(log, store.contents, run=name):
        RunLog(log, store, run, sealed).end(store.state())


def run_records(folder: Path) -> Kept:
    """Read of a results folder, which stays as it is, what a log should know.

    Raises:
        FileBusyError: It can't be read, or a run is at work there.
    """
    with reading(folder / STORE) as opened:
        noted = dict(rows(opened, "SELECT key, value FROM run WHERE key IN (?, ?)", LOG, RUN))
        contents, faults = dict[str, bytes](), list[str]()
        for row in rows(opened, _ROWS):
            number, place, sha256, finished, record, *told = row
            if not isinstance(number, int) or not isinstance(record, bytes):
                raise FileBusyError(folder / STORE, "a row isn't as it was written")
            contents[f"photo {number}"] = photo_content(
                number, place=place, sha256=sha256, finished=finished, record=record
            )
            if not _is_of(record, *told):
                faults.append(f"photo {number}")
        ask = lambda question: [*rows(opened, question)]  # noqa: E731 - of both
        odd = odd_part(ask, FORM.tables) or odd_number(ask, FORM)
    said = [f"columns aren't what the record says: {', '.join(faults[:10])}"] if faults else []
    said += [f"its {odd} isn't as a run makes it"] if odd else []
    return Kept(str(noted.get(LOG, "-")), contents, _begun(noted.get(RUN)), tuple(said))


def _described(run: Run) -> bytes:
    return json.dumps(plain(run), sort_keys=True).encode()


def _begun(text: object) -> bytes:
    """Give what the begin of a run is of; b"", which none is of, where it isn't one."""
    try:
        return _described(read(parse(str(text)), Run))
    except ValueError:
        return b""


def _is_of(record: bytes, path: object, status: object, reason: object) -> bool:
    """Tell whether a row's other columns are what its record says."""
    try:
        said = from_json(record)
    except ValueError:
        return False
    return (os.fsencode(said.path), said.status, outcome_of(said).reason) == (path, status, reason)
