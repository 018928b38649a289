"""Hold what folders of results and of camps have against a log."""

from collections.abc import Sequence
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


def check_folder(
    log: Path, folder: Path, entries: Sequence["Entry"]
) -> tuple[list[str], list[str]]:  # fmt: skip
    """Compare the records of a folder with a log's entries.

    Args:
        log: The log's folder, whose key tells which hash a record has.
        folder: Of results, or the data folder of a station.
        entries: All of the log.

    Returns:
        Findings, and notes: sentences.

    Raises:
        LogInvalidError: The log's key is gone.
        FileBusyError: The records can't be read.
    """
    from edge_runtime.tlog.key import read_key
    from edge_runtime.tlog.records import check_records

    run, contents = records_of(folder)
    if run and not any(each.run == run for each in entries):
        return [f"{folder}: this log knows nothing of its run"], []
    key = read_key(log)
    records = {key.commit(content)[0].hex(): called for called, content in contents.items()}
    findings, notes = check_records(entries, records, run=run)
    return [f"{folder}: {each}" for each in findings], [f"{folder}: {each}" for each in notes]
