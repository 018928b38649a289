"""The command ``fundus-edge log verify``."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.log_records import check_folders
from edge_runtime.commands.log_verify_proof import verify_entry, verify_growth
from edge_runtime.commands.param_types import GivenPath, ToldCheckpoint
from edge_runtime.errors import printable

if TYPE_CHECKING:
    from edge_runtime.tlog.checkpoint import Checkpoint
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
    help="Older checkpoint of the log, that somebody kept elsewhere: a file, or the text that a "
    "phone read from the code. May be repeated.",
)
@click.option(
    "--checkpoint-root",
    "told",
    type=ToldCheckpoint(),
    multiple=True,
    metavar="SIZE:ROOT",
    help="Older checkpoint as a slip has it in one line, typed. May be repeated.",
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
    "logged; tables, reports and pictures, which are made of them, aren't looked at. May be "
    "repeated.",
)
@click.option(
    "--witness",
    type=GivenPath(),
    metavar="WITNESS.PUB",
    help="Public key of a witness, who must have signed each OLD: as log witness prints it, or the "
    "file of keygen.",
)
@click.option(
    "--left-out",
    multiple=True,
    metavar="RUN",
    help="Run of which an older checkpoint has records, and no --records names the folder, as you "
    "know why: a note then, no error. May be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(
    folder: Path,
    older: tuple[Path, ...],
    told: "tuple[Checkpoint, ...]",
    key: Path | None,
    records: tuple[Path, ...],
    witness: Path | None,
    left_out: tuple[str, ...],
    as_json: bool,
) -> None:
    """Find out whether the log in FOLDER was changed; FOLDER may also be a proof of log prove.

    A proof needs --key; one that was made with --since needs the same OLD as --checkpoint too.

    Without an older checkpoint only what doesn't fit together is found: who has the log's key and
    its disk could have written all of it anew. With one, from a stick, a phone or a slip, nothing
    that it stands for can have been changed, taken out or put in another order; --records must then
    name the folder of each run of which it has results. The logs that were before one, of a camp
    that was restored, are checked with it. Exit status 0 if nothing is wrong, 1 otherwise.
    """
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.tlog.chain import examine_all
    from edge_runtime.tlog.examine import read_public_key
    from edge_runtime.tlog.told import read_kept

    if witness and not older:
        raise click.UsageError("--witness needs --checkpoint with what the witness signed")
    known, kept = read_public_key(key) if key else None, [*map(read_kept, older)]
    unwitnessed = _unwitnessed(kept, witness)
    if folder.is_file():
        if told:
            raise click.UsageError("--checkpoint-root is for a log: a proof needs a signature too")
        if unwitnessed:
            raise click.ClickException(printable(unwitnessed[0]))
        _verify_file(folder, known, older, records, as_json=as_json)
        return
    chain = examine_all(folder, [*kept, *told], known)
    found, notes = chain.log, [*chain.notes]
    findings = [*chain.findings, *chain.unfit, *unwitnessed]
    logs = [(folder, found.entries), *((each, of.entries) for each, of in chain.earlier)]
    more, also = _held(
        logs, records, chain.vouched, ["" if each == "station" else each for each in left_out]
    )
    findings, notes = [*findings, *more], [*notes, *also]
    if not kept and not told:
        notes.append(
            "no older checkpoint was given, so a log that was written anew as a whole isn't found"
        )
    if as_json:
        said = {
            "log": str(folder), "entries": len(found.entries), "root": found.root.hex(),
            "kinds": Counter(each.kind for each in found.entries), "findings": findings,
            "notes": notes, "disclaimer": DISCLAIMER,
        }  # fmt: skip
        click.echo(json.dumps(said))
    else:
        _show(_headline(folder, chain.findings, findings), found.entries, findings, notes)
        click.echo(DISCLAIMER, err=True)
    if findings:
        sys.exit(1)


def _held(
    logs: "Sequence[tuple[Path, Sequence[Entry]]]",
    records: Sequence[Path],
    vouched: Sequence[int],
    left_out: Sequence[str],
) -> tuple[list[str], list[str]]:
    """Hold folders against logs, as far as any are named: findings, and notes."""
    if not records:
        return [], ["no --records were given, so results that were changed aren't found"]
    findings, notes = check_folders(logs, records, vouched, left_out)
    unseen = (
        "tables, reports and pictures beside records weren't looked at: make them again from "
        "those, where they matter"
    )
    return findings, [*notes, unseen]


def _unwitnessed(older: "Sequence[Checkpoint]", witness: Path | None) -> list[str]:
    """Name the checkpoints that a witness should have signed and didn't."""
    from edge_runtime.tlog.note import is_signed
    from edge_runtime.tlog.witness import read_witness_key

    if witness is None:
        return []
    key = read_witness_key(witness)
    wrong = [each.called for each in older if not is_signed(each.note, key)]
    return [f"{each} wasn't signed by the witness {key.name}" for each in wrong]


def _headline(folder: Path, of_log: Sequence[str], findings: Sequence[str]) -> str:
    whole = "is whole, but not all fits it" if findings else "is whole"
    return f"{printable(folder)} {'is not as it was written' if of_log else whole}"


def _show(
    said: str, entries: Sequence["Entry"], findings: list[str], notes: list[str]
) -> None:  # fmt: skip
    since = f", {printable(entries[0].at)} to {printable(entries[-1].at)}" if entries else ""
    click.echo(f"{said}: {len(entries)} entries{since}.")
    for kind, count in Counter(each.kind for each in entries).items():
        click.echo(f"  {kind:9}{count}")
    for each in findings:
        click.echo(f"Error: {printable(each)}", err=True)
    for each in notes:
        click.echo(f"Note: {printable(each)}.", err=True)


def _verify_file(
    file: Path,
    key: "VerifierKey | None",
    older: Sequence[Path],
    records: Sequence[Path],
    *,
    as_json: bool,
) -> None:
    """Check a file of log prove, of whichever of the two kinds; what isn't used is refused."""
    from edge_runtime.tlog.growth import is_growth

    if key is None:
        raise click.UsageError("--key is missing: the public key of the log that the proof is of")
    if not is_growth(file):
        if older:
            raise click.UsageError("--checkpoint is for a log, or for a proof of log prove --since")
        verify_entry(file, key, records, as_json=as_json)
        return
    if records:
        raise click.UsageError("--records is for a log, or for a proof of an entry")
    if len(older) != 1:
        raise click.UsageError("this proof needs --checkpoint, once: the older one that it is from")
    verify_growth(file, key, older[0], as_json=as_json)
