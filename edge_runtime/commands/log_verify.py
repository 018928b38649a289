"""The command ``fundus-edge log verify``."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.log_records import check_folder, records_of
from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable

if TYPE_CHECKING:
    from edge_runtime.tlog.entry import Entry
    from edge_runtime.tlog.note import VerifierKey


@click.command()
@click.argument("folder", type=GivenPath())
@click.option(
    "--checkpoint",
    "older",
    type=GivenPath(),
    multiple=True,
    metavar="OLD",
    help="Older checkpoint of the log, that somebody kept elsewhere. May be repeated.",
)
@click.option(
    "--key",
    type=GivenPath(),
    metavar="LOG.PUB",
    help="Public key of the log, likewise.  [default: log.pub in it]",
)
@click.option(
    "--records",
    type=GivenPath(),
    multiple=True,
    metavar="RESULTS",
    help="Folder of results, or data folder of a station, whose records must be those that were "
    "logged. May be repeated.",
)
@click.option(
    "--witness",
    type=GivenPath(),
    metavar="WITNESS.PUB",
    help="Public key of a witness, who must have signed each OLD.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(
    folder: Path,
    older: tuple[Path, ...],
    key: Path | None,
    records: tuple[Path, ...],
    witness: Path | None,
    as_json: bool,
) -> None:
    """Find out whether the log in FOLDER was changed; FOLDER may also be a proof of log prove.

    Without --checkpoint only what doesn't fit together is found: who has the log's key and its disk
    could have written all of it anew. With an older checkpoint, nothing that it stands for can have
    been changed, taken out or put in another order. Exit status 0 if nothing is wrong, 1 otherwise.
    """
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.tlog.checkpoint import read_checkpoint
    from edge_runtime.tlog.examine import examine, read_public_key

    known = read_public_key(key) if key else None
    if folder.is_file():
        _verify_proof(folder, known, records, as_json=as_json)
        return
    found = examine(folder, [*map(read_checkpoint, older)], known)
    findings, notes = [*found.findings], [*found.notes]
    findings += _unwitnessed(older, witness)
    for each in records:
        more, also = check_folder(folder, each, found.entries)
        findings += more
        notes += also
    if not older:
        notes.append(
            "no older checkpoint was given, so a log that was written anew as a whole isn't found"
        )
    if as_json:
        told = {
            "log": str(folder), "entries": len(found.entries), "root": found.root.hex(),
            "kinds": Counter(each.kind for each in found.entries), "findings": findings,
            "notes": notes, "disclaimer": DISCLAIMER,
        }  # fmt: skip
        click.echo(json.dumps(told))
    else:
        _show(folder, found.entries, findings, notes)
        click.echo(DISCLAIMER, err=True)
    if findings:
        sys.exit(1)


def _unwitnessed(older: Sequence[Path], witness: Path | None) -> list[str]:
    """Name the checkpoints that a witness should have signed and didn't."""
    from edge_runtime.tlog.checkpoint import read_checkpoint
    from edge_runtime.tlog.examine import read_public_key
    from edge_runtime.tlog.note import is_signed

    if witness is None:
        return []
    key = read_public_key(witness)
    wrong = [each for each in older if not is_signed(read_checkpoint(each).note, key)]
    return [f"{each} wasn't signed by the witness {key.name}" for each in wrong]


def _show(
    folder: Path, entries: Sequence["Entry"], findings: list[str], notes: list[str]
) -> None:  # fmt: skip
    whole = "is not as it was written" if findings else "is whole"
    since = f", {printable(entries[0].at)} to {printable(entries[-1].at)}" if entries else ""
    click.echo(f"{printable(folder)} {whole}: {len(entries)} entries{since}.")
    for kind, count in Counter(each.kind for each in entries).items():
        click.echo(f"  {kind:8}{count}")
    for each in findings:
        click.echo(f"Error: {printable(each)}", err=True)
    for each in notes:
        click.echo(f"Note: {printable(each)}.", err=True)


def _verify_proof(
    file: Path, key: "VerifierKey | None", records: Sequence[Path], *, as_json: bool
) -> None:
    """Check a proof, which is worth what the key is that signed its checkpoint."""
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.tlog.note import is_signed
    from edge_runtime.tlog.proof import read_proof

    if key is None:
        raise click.UsageError("--key is missing: the public key of the log that the proof is of")
    proof = read_proof(file)
    if not proof.holds():
        raise click.ClickException(f"{printable(file)}: its entry isn't in the tree that it names")
    if not is_signed(proof.checkpoint.note, key):
        raise click.ClickException(f"{printable(file)}: it wasn't signed by the key {key.text}")
    contents = [content for each in records for content in records_of(each)[1].values()]
    if records and not any(map(proof.is_of, contents)):
        cause = "its entry is of none of these records (a proof by number has no salt to tell)"
        raise click.ClickException(f"{printable(file)}: {cause}")
    entry, size = proof.entry, proof.checkpoint.size
    if as_json:
        told = {
            "proof": str(file), "index": proof.index, "size": size, "kind": entry.kind,
            "at": entry.at, "of": entry.of, "disclaimer": DISCLAIMER,
        }  # fmt: skip
        click.echo(json.dumps(told))
        return
    click.echo(
        f"{printable(file)} holds: entry {proof.index} of {size}, {entry.kind}, "
        f"{printable(entry.at)}, of {entry.of}."
    )
    click.echo(DISCLAIMER, err=True)
