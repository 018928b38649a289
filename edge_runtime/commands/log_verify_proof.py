"""Check the files of ``fundus-edge log prove``, which need no log beside them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.log_records import records_of
from edge_runtime.errors import printable

if TYPE_CHECKING:
    from edge_runtime.tlog.checkpoint import Checkpoint
    from edge_runtime.tlog.note import VerifierKey


def verify_entry(file: Path, key: "VerifierKey", records: Sequence[Path], *, as_json: bool) -> None:
    """Check a proof of an entry, which is worth what the key is that signed its checkpoint.

    Args:
        file: The proof.
        key: The log's public key.
        records: Folders of results, one of which must have the record that it is of.
        as_json: Whether to print one JSON object.

    Raises:
        LogInvalidError: The file is no such proof.
        click.ClickException: It doesn't hold.
    """
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.tlog.proof import read_proof

    proof = read_proof(file)
    if not proof.holds():
        raise click.ClickException(f"{printable(file)}: its entry isn't in the tree that it names")
    _check_signed(file, proof.checkpoint, key)
    of = [
        f"{called} of {each}"
        for each in records
        for called, content in records_of(each).contents.items()
        if proof.is_of(content)
    ]
    if records and not of:
        cause = "its entry is of none of these records (a proof by number has no salt to tell)"
        raise click.ClickException(f"{printable(file)}: {cause}")
    entry, size = proof.entry, proof.checkpoint.size
    if as_json:
        told = {
            "proof": str(file), "index": proof.index, "size": size, "kind": entry.kind,
            "at": entry.at, "of": entry.of, "records": of, "disclaimer": DISCLAIMER,
        }  # fmt: skip
        click.echo(json.dumps(told))
        return
    click.echo(
        f"{printable(file)} holds: entry {proof.index} of {size}, {entry.kind}, "
        f"{printable(entry.at)}, of {entry.of}."
    )
    for each in of:
        click.echo(f"It is of {printable(each)}.")
    note = "whether something else took its place later, only the log tells"
    click.echo(
        f"Note: {note if of else f'{note}; of which record it is, --records tells'}.", err=True
    )
    click.echo(DISCLAIMER, err=True)


def verify_growth(file: Path, key: "VerifierKey", older: Path, *, as_json: bool) -> None:
    """Check a proof that a log only grew since an older checkpoint of it.

    Args:
        file: The proof.
        key: The log's public key, which must have signed both checkpoints.
        older: The file of the older one.
        as_json: Whether to print one JSON object.

    Raises:
        LogInvalidError: The files are no proof and no checkpoint.
        click.ClickException: It doesn't hold.
    """
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.tlog.growth import read_growth
    from edge_runtime.tlog.told import read_kept

    growth, before = read_growth(file), read_kept(older)
    if wrong := growth.why_not(before):
        raise click.ClickException(f"{printable(file)}: {printable(wrong)}")
    _check_signed(file, growth.checkpoint, key)
    _check_signed(older, before, key)
    size = growth.checkpoint.size
    if as_json:
        told = {
            "proof": str(file), "older": str(older), "before": before.size, "size": size,
            "root": growth.checkpoint.root.hex(), "disclaimer": DISCLAIMER,
        }  # fmt: skip
        click.echo(json.dumps(told))
        return
    click.echo(
        f"{printable(file)} holds: the log of {size} entries begins with the {before.size} of "
        f"{printable(older)}, unchanged."
    )
    click.echo(DISCLAIMER, err=True)


def _check_signed(file: Path, checkpoint: "Checkpoint", key: "VerifierKey") -> None:
    from edge_runtime.tlog.note import is_signed

    if not is_signed(checkpoint.note, key):
        raise click.ClickException(f"{printable(file)}: it wasn't signed by the key {key.text}")
