"""Hold records that were kept elsewhere against the entries that a log has of them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Sized
from itertools import islice

from edge_runtime.tlog.entry import Entry, Thing
from edge_runtime.tlog.living import Living
from edge_runtime.tlog.other_cause import other_cause
from edge_runtime.tlog.tiles import WIDTH
from edge_runtime.tlog.writer import Log

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
    back, found = _differing(log, contents, run)
    log.take_back(back)
    again = (each for each in (contents() if found else ()) if log.commit(each) in found)
    while part := [*islice(again, WIDTH)]:
        log.append(*(Thing("found", each, run=run) for each in part))
    return len(back), len(found)


def agrees(log: Log, contents: Callable[[], Iterable[bytes]], *, run: str) -> bool:
    """Tell whether ``reconcile``, with the same arguments, would have nothing to do."""
    return not any(_differing(log, contents, run))


def _differing(
    log: Log, contents: Callable[[], Iterable[bytes]], run: str
) -> tuple[list[Entry], set[str]]:
    """List the entries to be taken back, and the hashes of records that have none."""
    records = {log.commit(content) for content in contents()}
    living = Living(run)
    for entry in log.entries():
        living.take(entry)
    return living.behind(records), records - living.logged.keys()


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
        records: What each record is called, such as "photo 3", by its hash as entries have it.
            Numbers grow as records are made.
        run: The run's name.
        known: What those records are called that a log before this one has.
        is_over: Whether another log goes on after this one, so that it hasn't got later records.

    Returns:
        Findings, and notes: sentences.
    """
    living = Living(run)
    faults = [(number, living.take(entry, number)) for number, entry in enumerate(entries)]
    found = [f"entry {number} {fault}" for number, fault in faults if fault]
    if len(found) > _MOST:
        found = [*found[:_MOST], f"and {len(found) - _MOST} more entries that can't be"]
    gone = [_entry(*at) for of, at in living.living.items() if of not in records]
    lacking = [called for of, called in records.items() if of not in living.living and not is_over]
    if gone:
        other = "" if is_over else other_cause(entries, living, records, run=run)
        found.append(f"{_count(gone, 'record')} deleted or changed: {_few('', gone)}{other}")
    if lacking:
        found.append(f"{_count(lacking, 'record')} put there or changed: {_few('', lacking)}")
    if late := _out_of_order(living, records):
        found.append(f"{_count(late, 'record')} logged long after it was made: {_few('', late)}")
    notes = []
    if again := _replaced(living, records):
        notes.append(
            f"{_count(again, 'result')} replaced after being logged: {_few('', again)}; so it is "
            "where predict --resume did a photo again, as its file was another one then, or it had "
            "been an error, or its overlay was gone; and so it is where somebody who has log.key "
            "changed a result: compare the photo with its record"
        )
    if unknown := [of for of in living.found if records.get(of) not in known]:
        notes.append(
            f"{_count(unknown, 'record')} without an entry when the log was opened: "
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
    living = Living(run)
    for entry in entries:
        living.take(entry)
    return {records[of] for of in living.living if of in records}


def _replaced(living: Living, records: Mapping[str, str]) -> list[str]:
    """Name the results that took the place of others, each with all of those."""
    chains: dict[str, list[str]] = {}  # by the hash of the one that counts
    for number, new, old in living.replaced:
        before = chains.pop(old[1].of, [_entry(*old)])
        chains[new.of] = [_entry(number, new), *before]
    return [
        f"{records.get(of, 'a record')} by {last} in the place of {', before that of '.join(older)}"
        for of, (last, *older) in chains.items()
    ]


def _out_of_order(living: Living, records: Mapping[str, str]) -> list[str]:
    """Name the records that have a lower number than one of their kind that was logged before.

    What takes the place of another has a new number; one that was edited in place has the old one.
    """
    highest: dict[str, int] = {}
    late = []
    for of, (number, entry) in sorted(living.living.items(), key=lambda each: each[1][0]):
        kind, _, told = records.get(of, "").partition(" ")
        if not told.isdecimal():
            continue
        if entry.kind != "found" and int(told) < highest.get(kind, 0):
            late.append(f"{records[of]} by {_entry(number, entry)}, behind {kind} {highest[kind]}")
        highest[kind] = max(int(told), highest.get(kind, 0))
    return late


def held_against_nothing(
    entries: Iterable[Entry],
    held: Collection[str],
    *,
    vouched: int = 0,
    left_out: Collection[str] = (),
) -> tuple[list[str], list[str]]:
    """Say of which runs no records were compared.

    Who has the log's key can add a run that has other results of the same photos, and take those of
    before away. So a run that an older checkpoint is of must be there.

    Args:
        entries: All entries of the log.
        held: The names of the runs that were; "" for a station's.
        vouched: Of how many of the entries somebody kept a checkpoint.
        left_out: The names of runs that needn't be there.

    Returns:
        Findings, of runs of which that checkpoint has records, and notes, of others: sentences.
    """
    runs: dict[str, Living] = {}
    for number, entry in enumerate(entries):
        runs.setdefault(entry.run, Living(entry.run)).take(entry, number)
    findings, notes = [], []
    for run, living in runs.items():
        if not living.living or run in held:
            continue
        _, first = min(living.living.values(), key=lambda each: each[0])
        said = (
            f"{f'run {run}' if run else 'a station'}, {_count(living.living, 'record')} from "
            f"{first.at} on: they were held against nothing, as no --records named their folder"
        )
        if min(living.logged.values()) < vouched and run not in left_out:
            findings.append(
                f"{said}, and the older checkpoint is of them; name it too, or give --left-out "
                f"{run or 'station'} if you know why it is gone: somebody may have put other "
                "results in their place"
            )
        else:
            notes.append(f"{said}; ask where it is")
    return findings, notes


def _count(things: Sized, one: str, many: str = "") -> str:
    return f"{len(things)} {one if len(things) == 1 else many or f'{one}s'}"


def _entry(number: int, entry: Entry) -> str:
    return f"entry {number} ({entry.at})"


def _few(what: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{what} {', '.join(names[:_MOST])}{more}".strip()
