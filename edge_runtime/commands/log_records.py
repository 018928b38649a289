"""Hold what folders of results and of camps have against a log."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_runtime.tlog.entry import Entry
    from edge_runtime.tlog.kept import Kept


def records_of(folder: Path) -> "Kept":
    """Read what a log should know of a folder of results, or of a station's data folder.

    Raises:
        FileBusyError: It can't be read.
    """
    from edge_runtime.photo.find import STORE

    if (folder / STORE).is_file():
        from edge_runtime.results.logged import run_records

        return run_records(folder)
    from edge_runtime.station.logged import camp_records

    return camp_records(folder)


def check_folders(
    logs: Sequence[tuple[Path, Sequence["Entry"]]],
    folders: Sequence[Path],
    vouched: Sequence[int] = (),
    left_out: Collection[str] = (),
) -> tuple[list[str], list[str]]:
    """Compare the records of folders with the entries of a log and of those before it.

    Args:
        logs: The folder of each, whose key tells which hash a record has, and all its entries; the
            log that goes on first.
        folders: Of results, or the data folder of a station; there is one at least.
        vouched: Of how many entries of each log somebody kept a checkpoint; none where it is empty.
        left_out: The names of runs of which it is known that their records aren't there.

    Returns:
        Findings, and notes: sentences. A run whose records lie in none of the folders is noted, and
        a finding where a checkpoint is of them.

    Raises:
        LogInvalidError: The log's key is gone.
        FileBusyError: The records can't be read.
    """
    from edge_runtime.tlog.records import held_against_nothing

    findings, notes, held = list[str](), list[str](), set[str]()
    for folder in folders:
        kept = records_of(folder)
        held.add(kept.run)
        more, also = _check(logs, kept)
        findings += [f"{folder}: {each}" for each in more]
        notes += [f"{folder}: {each}" for each in also]
    for place, (log, entries) in enumerate(logs):
        unseen, also = held_against_nothing(
            entries, held, vouched=vouched[place] if vouched else 0, left_out=left_out
        )
        said = _said(log, logs[0][0])
        findings += [f"{said}{each}" for each in unseen]
        notes += [f"{said}{each}" for each in also]
    return findings, notes


def _check(
    logs: Sequence[tuple[Path, Sequence["Entry"]]], kept: "Kept"
) -> tuple[list[str], list[str]]:  # fmt: skip
    from edge_runtime.tlog.key import read_salts
    from edge_runtime.tlog.records import check_records, known_records

    run, contents, first = kept.run, kept.contents, logs[0][0]
    if run:  # a log that doesn't know it says nothing of it
        logs = [each for each in logs if any(entry.run == run for entry in each[1])]
    if not logs:
        return ["this log knows nothing of its run"], []
    findings, notes, known = [*kept.faults], list[str](), set[str]()
    for place, (log, entries) in reversed([*enumerate(logs)]):
        salts = read_salts(log)
        records = {salts.commit(each)[0].hex(): called for called, each in contents.items()}
        if kept.begun is not None and not _is_begun(
            salts.commit(kept.begun)[0].hex(), run, entries
        ):
            findings.append(
                "what its run is made with (bundle, options) isn't what the log says that it was"
            )
        said = _said(log, first)
        more, also = check_records(entries, records, run=run, known=known, is_over=place > 0)
        findings += [f"{said}{each}" for each in more]
        notes += [f"{said}{each}" for each in also]
        known |= known_records(entries, records, run=run)
    return findings, notes


def _said(log: Path, first: Path) -> str:
    return "" if log == first else f"{log.relative_to(first)}: "


def _is_begun(of: str, run: str, entries: Sequence["Entry"]) -> bool:
    begins = {each.of for each in entries if each.kind == "begin" and each.run == run}
    return begins == {of}
