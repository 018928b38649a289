"""Hold records that were kept elsewhere against the entries that a log has of them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Sized
from itertools import islice

from edge_runtime.tlog.entry import Entry, Thing
from edge_runtime.tlog.tiles import WIDTH
from edge_runtime.tlog.writer import Log

_OF_RECORDS = {"photo", "event", "found"}
_MOST = 10  # of one kind of finding that are named one by one


def reconcile(
    log: Log, contents: Callable[[], Iterable[bytes]], *, run: str
) -> tuple[int, int]:  # fmt: skip
    """Log what a stop between the log and the store left, before anything is added.

    An entry goes to the disk just before its record does. Where the computer stopped between the
    two, the record isn't there: the entry is taken back, by another one. A record without an entry
    is older than the log, or was put there by somebody; it is logged as found, at the time of now.

    Args:
        log: The log.
        contents: Gives those of all records that the store has; asked twice where one is found.
        run: The run's name; "" where the log is of one store alone.

    Returns:
        How many entries were taken back, and how many records were found.

    Raises:
        LogInvalidError: The log isn't as it was written.
        OSError: It can't be written.
    """
    records = {log.commit(content) for content in contents()}
    living = _Living()
    for entry in log.entries():
        if entry.run == run:
            living.take(entry)
    back = living.behind(records)
    log.take_back(back)
    found = records - living.logged
    again = (each for each in (contents() if found else ()) if log.commit(each) in found)
    while part := [*islice(again, WIDTH)]:
        log.append(*(Thing("found", each, run=run) for each in part))
    return len(back), len(found)


def check_records(
    entries: Sequence[Entry],
    records: Mapping[str, str],
    *,
    run: str,
    known: Collection[str] = (),
    is_over: bool = False,
) -> tuple[list[str], list[str]]:
    """Compare a store's records with a log's entries of them.

    Args:
        entries: All entries of the log.
        records: What each record is called, by its hash as entries have it.
        run: The run's name.
        known: What those records are called that a log before this one has.
        is_over: Whether another log goes on after this one, so that it hasn't got later records.

    Returns:
        Findings, and notes: sentences.
    """
    living, found = _Living(), list[str]()
    for number, entry in enumerate(entries):
        if entry.run == run and not living.take(entry, number):
            found.append(f"entry {number} takes back one that isn't the last before it")
    gone = [f"{living.numbers[of]} ({at})" for of, at in living.living.items() if of not in records]
    lacking = [called for of, called in records.items() if of not in living.logged and not is_over]
    if gone:
        found.append(f"{_count(gone, 'record')} deleted or changed: {_few('entry', gone)}")
    if lacking:
        found.append(f"{_count(lacking, 'record')} put there or changed: {_few('', lacking)}")
    notes = []
    if late := [of for of in living.found if records.get(of) not in known]:
        notes.append(
            f"{_count(late, 'record')} without an entry when the log was opened: "
            "older than it, or put there by somebody; the log vouches for them from then on"
        )
    if living.back:
        notes.append(
            f"{_count(range(living.back), 'entry', 'entries')} taken back at the next start: the "
            "computer stopped as the records were to be kept"
        )
    return found, notes


def known_records(entries: Sequence[Entry], records: Mapping[str, str], *, run: str) -> set[str]:
    """Name the records that a log has, as they are; for the arguments see ``check_records``."""
    living = _Living()
    for entry in entries:
        if entry.run == run:
            living.take(entry)
    return {records[of] for of in living.living if of in records}


class _Living:
    """The entries of a run that still count, as one comes after the other."""

    def __init__(self) -> None:
        self.living: dict[str, str] = {}
        self.logged: set[str] = set()
        self.numbers: dict[str, int] = {}
        self.order: list[Entry] = []
        self.found: list[str] = []
        self.back = 0
        self._taken_at = ""

    def take(self, entry: Entry, number: int = 0) -> bool:
        """Take the next entry in; False where it takes back one that it can't."""
        if entry.kind == "void":
            return self._take_back(entry.of)
        if entry.kind not in _OF_RECORDS:
            if entry.kind != "mended":
                self.order.clear()  # by then the records before had come into the store
            return True
        self._taken_at = ""
        self.living.pop(entry.replaces, None)
        self.living[entry.of] = entry.at
        self.numbers[entry.of] = number
        self.logged.add(entry.of)
        self.order.append(entry)
        if entry.kind == "found":
            self.found.append(entry.of)
        return True

    def behind(self, records: Collection[str]) -> list[Entry]:
        """List the last entries, of one moment, whose records aren't there, the last first."""
        found: list[Entry] = []
        for entry in reversed(self.order):
            if entry.of in records or (found and entry.at != found[0].at):
                break
            found.append(entry)
        return found

    def _take_back(self, of: str) -> bool:
        if not self.order or self.order[-1].of != of:
            return False
        entry = self.order.pop()
        if self._taken_at not in ("", entry.at):
            return False
        self._taken_at = entry.at
        self.living.pop(of, None)
        self.logged.discard(of)
        if entry.replaces:  # what was to be replaced stands
            self.living[entry.replaces] = entry.at
        self.back += 1
        return True


def _count(things: Sized, one: str, many: str = "") -> str:
    return f"{len(things)} {one if len(things) == 1 else many or f'{one}s'}"


def _few(what: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{what} {', '.join(names[:_MOST])}{more}".strip()
