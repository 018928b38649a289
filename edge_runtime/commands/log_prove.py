"""The command ``fundus-edge log prove``."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable

if TYPE_CHECKING:
    from edge_runtime.tlog.stored import StoredLog


@click.command()
@click.argument("folder", type=GivenPath())
@click.argument("entry", required=False)
@click.option("--out", type=GivenPath(), required=True, help="New file for the proof.")
@click.option(
    "--records",
    type=GivenPath(),
    metavar="RESULTS",
    help="Folder of results, or data folder of a station, that has the record; ENTRY is then as "
    "photo:3 or event:12, and who has the record can tell that the proof is of it.",
)
@click.option(
    "--since",
    type=GivenPath(),
    metavar="OLD",
    help="Instead of ENTRY: prove that the log has all that it had at this older checkpoint.",
)
def prove(
    folder: Path, entry: str | None, out: Path, records: Path | None, since: Path | None
) -> None:
    """Prove that an ENTRY is in the log in FOLDER: a file that needs nothing else.

    ENTRY is its number, from 0, or 12 or more digits of its hash ("of"), or a record of --records.
    Others check the file with log verify FILE --key LOG.PUB, and, where they have the record, with
    --records. It tells nothing of what else is in the log.

    With --since OLD the file proves that nothing before OLD was changed since, and who has OLD
    checks it without the log: log verify FILE --checkpoint OLD --key LOG.PUB.
    """
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.errors import OutputExistsError
    from edge_runtime.system.files import one_sentence, write_file
    from edge_runtime.tlog.found import later_fate
    from edge_runtime.tlog.growth import prove_growth
    from edge_runtime.tlog.now import checkpoint_now
    from edge_runtime.tlog.proof import prove as prove_entry
    from edge_runtime.tlog.told import read_kept

    if (entry is None) == (since is None):
        raise click.UsageError("name an ENTRY, or --since with an older checkpoint")
    if since and records:
        raise click.UsageError("--records is for an ENTRY, and --since is of all")
    if out.exists() or out.is_symlink():
        raise OutputExistsError(out, "choose another name")
    (stored, checkpoint), fate = checkpoint_now(folder), None
    if since:
        older = read_kept(since)
        proof, begins = prove_growth(stored, older, checkpoint), f"with the {older.size} of"
        said = f"the log of {checkpoint.size} entries begins {begins} {printable(since)}, unchanged"
    else:
        of, salt = _record(folder, records, str(entry)) if records else (str(entry), "")
        index = _index(stored, of)
        proof = prove_entry(stored, index, checkpoint, salt=salt)
        said = f"entry {index} is in the log of {checkpoint.size} entries"
        fate = later_fate(stored, index)
    with one_sentence(out):
        write_file(out, proof)
    click.echo(f"{printable(out)}: {said}.")
    if fate:
        click.echo(f"Warning: {fate}, which the proof doesn't tell.", err=True)
    click.echo(DISCLAIMER, err=True)


def _record(log: Path, records: Path, entry: str) -> tuple[str, str]:
    """Give the hash that a record has in a log, and the salt by which it was made."""
    from edge_runtime.commands.log_records import records_of
    from edge_runtime.tlog.key import read_salts

    content = records_of(records).contents.get(entry.replace(":", " "))
    if content is None:
        cause = f"it has no record {printable(entry)}; ENTRY is as photo:3 or event:12"
        raise click.ClickException(f"{printable(records)}: {cause}")
    of, salt = read_salts(log).commit(content)
    return of.hex(), salt.hex()


def _index(stored: "StoredLog", entry: str) -> int:
    """Find an entry by its number, or the last one by its hash."""
    from edge_runtime.tlog.found import last_entry

    if re.fullmatch(r"[0-9]{1,11}", entry):
        if int(entry) < stored.size:
            return int(entry)
        raise click.ClickException(f"there is no entry {int(entry)}: the log has {stored.size}")
    if not re.fullmatch(r"[0-9a-fA-F]{12,64}", entry):
        raise click.UsageError("ENTRY is a number, or 12 to 64 digits of an entry's hash")
    found = last_entry(stored, entry.lower())
    if found is not None:
        return found
    raise click.ClickException(f"there is no entry of {entry.lower()} in the log")
