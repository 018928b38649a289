"""The command ``fundus-edge station restore``."""

import sys
from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable

#: Said once of all logs, one in the other, that nothing signed.
_UNSIGNED = (
    "its log has no signature to check, which is nothing wrong where the station never signed (it "
    "does with the extra 'trust'); where it did, somebody took the signature away. A checkpoint "
    "that was kept elsewhere tells"
)


@click.command()
@click.argument("file", type=GivenPath())
@click.option(
    "--data", type=GivenPath(), required=True, help="Data folder to make; not there yet, or empty."
)
def restore(file: Path, data: Path) -> None:
    """Make a camp of FILE again, which "station backup" wrote.

    Every file is checked by its hash, and the store as a whole, before the folder takes its place.
    Then the records are held against the log in it, and what doesn't fit is said, with exit status
    1; the folder is there all the same.
    """
    from edge_runtime.station import backup
    from edge_runtime.station.logged import LOG

    people, photos = backup.restore(file, data)
    click.echo(f"{printable(data)}: a camp of {people} people and {photos} photos.")
    is_whole = _check_log(data / LOG, data)
    _check_remembered(data)
    click.echo(f"Go on with: fundus-edge station --inbox FOLDER --data {printable(data)}", err=True)
    if not is_whole:
        sys.exit(1)


def _check_remembered(data: Path) -> None:
    """Say where a camp remembers nothing of bundles and keys, or can't."""
    from edge_runtime.station.remembered import REMEMBERED, remembered_faults

    notes = remembered_faults(data)
    if not any((data / name).exists() for name in REMEMBERED):
        notes.append(
            "nothing in it tells which releases of a bundle ran and what was revoked, as of a "
            "station without --trust; if you use that, lay the newest files about keys (.trust) "
            "into the folder of the keys, and run the newest release first"
        )
    for each in notes:
        click.echo(f"Note: {printable(each)}.", err=True)


def _check_log(log: Path, data: Path) -> bool:
    """Say what of a camp isn't as its log in the backup has it; tell whether all of it is."""
    from edge_runtime.commands.log_records import check_folders
    from edge_runtime.tlog.before import BEFORE, told_depth
    from edge_runtime.tlog.chain import examine_all
    from edge_runtime.tlog.errors import LogInvalidError

    if not log.is_dir():
        click.echo(
            "Note: there was no log in it, so nothing tells whether its records were changed; the "
            "station begins a new one.", err=True,
        )  # fmt: skip
        return True
    count = 0
    try:
        chain = examine_all(log)
        logs = [(log, chain.log.entries), *((each, of.entries) for each, of in chain.earlier)]
        wrong, also = check_folders(logs, [data])
        findings, notes = [*chain.findings, *wrong], [*chain.notes, *also]
        notes = [each for each in notes if each not in chain.unsigned]
        notes += [_UNSIGNED] if chain.unsigned else []
        count = len(chain.earlier[0][1].entries)
        notes += filter(None, [told_depth(log)])
    except LogInvalidError as error:
        findings, notes = [str(error)], []
    for each in findings:
        click.echo(f"Error: {printable(each)}", err=True)
    if not findings:
        click.echo(
            f"Nothing wrong was found: its records are those of the {count} entries of its log, "
            f"which lies in {printable(log / BEFORE)}. Whether it is the log that you know tells: "
            f"fundus-edge log verify {printable(log)} --checkpoint OLD", err=True,
        )  # fmt: skip
    for each in notes:
        click.echo(f"Note: {printable(each)}.", err=True)
    click.echo(
        "From now on the camp has a new log, with a key of its own: give its checkpoint to "
        f"somebody: fundus-edge log checkpoint {printable(log)} --qr", err=True,
    )  # fmt: skip
    return not findings
