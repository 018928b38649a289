"""Hold what folders of results and of camps have against a log."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_runtime.tlog.entry import Entry


def records_of(folder: Path) -> tuple[str, dict[str, bytes]]:
    """Read what a log should know of a folder of results, or of a station's data folder.

    Returns:
        By which name the log knows the run, "" for a camp, "-" for a run without a log; and what is
        bound, by what each is called: "photo 3", "event 12".

    Raises:
        FileBusyError: It can't be read.
    """
    from edge_runtime.photo.find import STORE

    if (folder / STORE).is_file():
        from edge_runtime.results.logged import run_records

        run, contents = run_records(folder)
        return run or "-", contents
    from edge_runtime.station.logged import camp_records

    return "", camp_records(folder)


def check_folders(
    logs: Sequence[tuple[Path, Sequence["Entry"]]], folders: Sequence[Path]
) -> tuple[list[str], list[str]]:  # fmt: skip
    """Compare the records of folders with the entries of a log and of those before it.

    Args:
        logs: The folder of each, whose key tells which hash a record has, and all its entries; the
            log that goes on first.
        folders: Of results, or the data folder of a station; there is one at least.

    Returns:
        Findings, and notes: sentences. A run whose records lie in none of the folders is noted.

    Raises:
        LogInvalidError: The log's key is gone.
        FileBusyError: The records can't be read.
    """
    from edge_runtime.tlog.records import held_against_nothing

    findings, notes, held = list[str](), list[str](), set[str]()
    for folder in folders:
        run, contents = records_of(folder)
        held.add(run)
        more, also = _check(logs, run, contents)
        findings += [f"{folder}: {each}" for each in more]
        notes += [f"{folder}: {each}" for each in also]
    return findings, [*notes, *held_against_nothing(logs[0][1], held)]


def _check(
    logs: Sequence[tuple[Path, Sequence["Entry"]]], run: str, contents: Mapping[str, bytes]
) -> tuple[list[str], list[str]]:
    from edge_runtime.tlog.key import read_salts
    from edge_runtime.tlog.records import check_records, known_records

    if run and not any(each.run == run for _, entries in logs for each in entries):
        return ["this log knows nothing of its run"], []
    findings, notes, known = list[str](), list[str](), set[str]()
    for place, (log, entries) in reversed([*enumerate(logs)]):
        salts = read_salts(log)
        records = {salts.commit(each)[0].hex(): called for called, each in contents.items()}
        said = f"{log.relative_to(logs[0][0])}: " if place else ""
        more, also = check_records(entries, records, run=run, known=known, is_over=place > 0)
        findings += [f"{said}{each}" for each in more]
        notes += [f"{said}{each}" for each in also]
        known |= known_records(entries, records, run=run)
    return findings, notes
