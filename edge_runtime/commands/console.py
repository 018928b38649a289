"""Print the lines of a prediction run: results, errors, counts."""

from typing import TYPE_CHECKING

import click

from edge_runtime.errors import printable

if TYPE_CHECKING:
    from edge_runtime.bundle.manifest import ModelEntry
    from edge_runtime.predict.record import Record
    from edge_runtime.results.tally import Tally


def show_passed_over(number: int) -> None:
    """Say on stderr how many files of the folders aren't photos by their names."""
    if number:
        files = f"{number} other file{'' if number == 1 else 's'} passed over"
        click.echo(f"{files}: the name doesn't end as a photo's does.", err=True)


def show_verdict(model: str, entry: "ModelEntry") -> None:
    """Warn on stderr of a model that its validation didn't pass, or that has none."""
    verdict = entry.verdict
    if verdict is None:
        doubt = (
            "has no verdict of a validation: let 'fundus-edge validate --record' judge it before "
            "you rely on it"
        )
    elif not verdict.passed:
        missed = ", ".join(gate.name for gate in verdict.gates if not gate.holds)
        doubt = f"FAILED its validation ({missed}): don't rely on its results"
    else:
        return
    click.echo(f"Warning: the model '{printable(model)}' {printable(doubt)}", err=True)


def show_counts(tally: "Tally", *, photos: int) -> None:
    """Say on stderr how many photos got no class, and why."""
    if ungradable := tally.statuses["ungradable"]:
        reasons = "; ".join(f"{times} x {reason}" for reason, times in tally.reasons.most_common())
        click.echo(f"{ungradable} of {photos} photos ungradable: {reasons}.", err=True)
    if failed := tally.statuses["error"]:
        click.echo(f"{failed} of {photos} photos could not be read or classified.", err=True)


def show_record(record: "Record", classes: tuple[str, ...], *, as_json: bool) -> None:
    """Print a photo's line: results to stdout, errors to stderr."""
    from edge_runtime.bundle.referral import referral_line
    from edge_runtime.predict.record import ErrorRecord, UngradableRecord, to_json

    width = max(map(len, (*classes, "ungradable")))
    path = printable(record.path)
    if isinstance(record, ErrorRecord):
        click.echo(f"Error: {record.error}", err=True)
    if as_json:
        click.echo(to_json(record))
    elif isinstance(record, UngradableRecord):
        click.echo(f"{'ungradable':<{width}}  {'':20}{path}: {record.reason}")
    elif not isinstance(record, ErrorRecord):
        total = sum(record.times_ms.values())
        share = record.confidence
        click.echo(f"{record.class_name:<{width}}  {share:6.1%}  {total:6.0f} ms  {path}")
        if record.caution:
            click.echo(f"  caution: {record.caution}")
        if record.referral:
            click.echo(f"  {referral_line(record.referral)}")
