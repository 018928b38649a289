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
@click.argument("entry")
@click.option("--out", type=GivenPath(), required=True, help="New file for the proof.")
def prove(folder: Path, entry: str, out: Path) -> None:
    """Prove that an ENTRY is in the log in FOLDER: a file that needs nothing else.

    ENTRY is its number, from 0, or 12 or more digits of its hash ("of"). Others check the file with
    log verify FILE --key LOG.PUB. It tells nothing of what else is in the log.
    """
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.errors import OutputExistsError
    from edge_runtime.system.files import one_sentence, write_file
    from edge_runtime.tlog.now import checkpoint_now
    from edge_runtime.tlog.proof import prove as prove_entry

    if out.exists() or out.is_symlink():
        raise OutputExistsError(out, "choose another name")
    stored, checkpoint = checkpoint_now(folder)
    index = _index(stored, entry)
    proof = prove_entry(stored, index, checkpoint)
    with one_sentence(out):
        write_file(out, proof)
    click.echo(f"{printable(out)}: entry {index} is in the log of {checkpoint.size} entries.")
    click.echo(DISCLAIMER, err=True)


def _index(stored: "StoredLog", entry: str) -> int:
    """Find an entry by its number, or the last one by its hash."""
    if re.fullmatch(r"[0-9]{1,11}", entry):
        if int(entry) < stored.size:
            return int(entry)
        raise click.ClickException(f"there is no entry {int(entry)}: the log has {stored.size}")
    if not re.fullmatch(r"[0-9a-fA-F]{12,64}", entry):
        raise click.UsageError("ENTRY is a number, or 12 to 64 digits of an entry's hash")
    wanted = f'"of":"{entry.lower()}'.encode()
    for bundle in reversed(range(stored.bundles + 1)):
        for at, found in reversed([*enumerate(stored.entries_of(bundle))]):
            if wanted in found:
                return bundle * 256 + at
    raise click.ClickException(f"there is no entry of {entry.lower()} in the log")
