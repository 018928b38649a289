"""The command ``fundus-edge validate``."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge_runtime.commands.cache_options import OF_PHOTOS, cache_options, chosen_cache

if TYPE_CHECKING:
    from calibration.validation.record import ModelRecord, ValidationRecord
    from calibration.validation.speed import Speed
    from calibration.validation.validate import Validation

#: A file or folder, which need not be there.
PATH = click.Path(path_type=Path)


@click.command(context_settings={"show_default": True})
@click.argument("bundle", type=PATH)
@click.option("--data", required=True, type=PATH, help="A dataset with the bundle's classes.")
@click.option(
    "--split",
    default="val_dir",
    type=click.Choice(["val_dir", "test_dir", "all"]),
    help="Its photos to compare on.",
)
@click.option(
    "--model",
    default="all",
    metavar="NAME|FILE|all",
    help="Model to validate: all but the original, or one.",
)
@click.option(
    "--reference",
    metavar="NAME|FILE.keras|BUNDLE",
    help="The original.  [default: the bundle's float32 ONNX model]",
)
@click.option(
    "--second",
    metavar="NAME|FILE.keras|BUNDLE",
    help="The original trained with another seed, to see how far explanations differ by nature.",
)
@click.option(
    "--gates",
    type=PATH,
    help='JSON file with other limits, such as {"agreement_min": 0.98}.  '
    "[default: the manifest's, else the built-in ones]",
)
@click.option("--out", type=PATH, help="New folder for validation.html and .json.")
@click.option("--record", is_flag=True, help="Write verdict and gates into the bundle.")
@click.option("--json", "as_json", is_flag=True, help="Print what validation.json holds.")
@click.option("--threads", default=1, type=click.IntRange(1, 256), help="Threads of one inference.")
@click.option(
    "--rounds", default=30, type=click.IntRange(3), help="Timed photos of each model, in turns."
)
@click.option("--seed", default=0, help="Seed of draws and controls.")
@cache_options(OF_PHOTOS)
def validate(
    bundle: Path,
    data: Path,
    split: str,
    model: str,
    reference: str | None,
    second: str | None,
    gates: Path | None,
    out: Path | None,
    record: bool,
    as_json: bool,
    threads: int,
    rounds: int,
    seed: int,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Compare a BUNDLE's models with the original: accuracy, confidence, explanation, speed.

    All models see the same photos. The exit status is 0 only if every model passes every gate. With
    --record the bundle also states it, as in-toto has it, in attestations.jsonl, which a signature
    covers; a bundle that is signed is to be signed anew then.
    """
    from calibration.validation.options import Settings, ValidationOptions
    from calibration.validation.validate import validate_bundle
    from calibration.validation.verdict import check_folder, check_recordable

    if out is not None:
        check_folder(out)
    if record:
        check_recordable(bundle)
    with _progress() as on_photo:
        validation = validate_bundle(
            bundle,
            data,
            options=ValidationOptions(
                split=split,
                model=None if model == "all" else model,
                reference=reference,
                second=second,
                gates=gates,
                settings=Settings(threads=threads, rounds=rounds, seed=seed),
                cache=chosen_cache(cache, no_cache=no_cache),
            ),
            on_step=lambda step: click.echo(f"{step} ...", err=True),
            on_photo=on_photo,
        )
    _tell(validation, bundle, out=out, record=record, as_json=as_json)
    if not validation.record.passed:
        sys.exit(1)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show a bar of photos from the first one on."""
    bar: Any = None

    def advance(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = click.progressbar(
                length=total, label="answers", file=sys.stderr, hidden=not sys.stderr.isatty()
            )
        bar.update(done - bar.pos)

    try:
        yield advance
    finally:
        if bar is not None:
            bar.render_finish()  # the cursor comes back, whatever happened


def _tell(
    validation: "Validation", bundle: Path, *, out: Path | None, record: bool, as_json: bool
) -> None:
    """Write a validation where it is wanted, and print it."""
    from calibration.validation.verdict import record_verdict, to_json, write_validation

    if out is not None:
        write_validation(validation, out)
    if record:
        record_verdict(validation, bundle)
    if as_json:
        click.echo(to_json(validation.record), nl=False)
    else:
        _print(validation.record)
    if out is not None:
        click.echo(f"Validation in {out}: open {out / 'validation.html'}", err=True)
    click.echo(validation.record.disclaimer, err=True)


def _print(record: "ValidationRecord") -> None:
    from calibration.validation.record import GATES_JUDGE_ALL, cautions

    data = record.data
    click.echo(f"against {record.original} on {data.photos} photos of {data.split}")
    if left_out := data.photos_without_class:
        click.echo(f"left out: {left_out} photos of which only the class that they aren't is known")
    for caution in cautions(record):
        click.echo(caution)
    click.echo(GATES_JUDGE_ALL)
    for name, entry in record.models.items():
        _print_model(name, entry, record.speed[name])


def _print_model(name: str, entry: "ModelRecord", speed: "Speed") -> None:
    from calibration.compare.by_source import by_source_rows
    from calibration.compare.gates import GATES, bound, said, shown_value
    from train.evaluation.as_predicted import HEADS, as_predicted_rows

    click.echo(f"{name}: {'PASS' if entry.passed else 'FAIL'}")
    width = max(len(gate.asks) for gate in GATES.values())
    for gate in entry.gates:
        click.echo(
            f"  {GATES[gate.name].asks:<{width}}  {shown_value(gate):>12}  {bound(gate):<8} "
            f"{gate.limit:g}  {said(gate)}"
        )
    if missed := [gate.name for gate in entry.gates if not gate.holds]:
        click.echo(f"  missed: {', '.join(missed)}")
    click.echo("  as 'predict' answers, with its quality gate; of all: no answer isn't right:")
    for line in columns([HEADS, *as_predicted_rows(entry.as_predicted["model"])]):
        click.echo(f"    {line}")
    for source, disease, _, against, first, own, difference, _ in by_source_rows(entry.by_source):
        told = f" from {against}" if against else ""
        click.echo(
            f"  {source}: {disease}{told}: AUROC {own}, of the original {first} ({difference})"
        )
    if worst := entry.weights.tensors:
        click.echo(f"  worst layer by its weights: {worst[0].name}")
    fast = speed.times_as_fast
    click.echo(
        f"  {entry.size_bytes / 1e6:.1f} MB, {speed.p50_ms:.1f} ms per photo"
        + (f", {fast:.2f} times as fast as the original" if fast else "")
    )


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay rows of text out in columns, the first to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
