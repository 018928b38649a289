"""The command ``fundus-edge explain shortcuts``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calibration.commands.model_options import model_options
from calibration.commands.tell import tell
from edge_runtime.commands.console import show_passed_over
from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import UnknownNameError

if TYPE_CHECKING:
    from calibration.explanations.known_photos import KnownPhoto
    from calibration.explanations.shortcuts.record import ShortcutsRecord


@click.command(context_settings={"show_default": True})
@click.argument("photos", nargs=-1, required=True, type=GivenPath(), metavar="PHOTOS...|DATASET")
@model_options
@click.option(
    "--split",
    type=click.Choice(["train_dir", "val_dir", "test_dir"]),
    help="Only this part of a DATASET, named alone; val_dir keeps out what the model was trained "
    "on.  [default: all photos]",
)
@click.option(
    "--property",
    "properties",
    multiple=True,
    metavar="NAME",
    help="Only this one, such as colour; may be given several times.  [default: all 17]",
)
@click.option(
    "--limit",
    default=60,
    type=click.IntRange(2),
    help="Photos to change at most, one a person, drawn by the seed, of each class as many as can "
    "be.",
)
@click.option("--seed", default=0, type=click.IntRange(0), help="Seed of all that is drawn.")
@click.option("--out", type=GivenPath(), help="New folder for shortcuts.html and shortcuts.json.")
@click.option("--json", "as_json", is_flag=True, help="Print what shortcuts.json holds.")
def shortcuts(
    photos: tuple[Path, ...],
    bundle_path: Path | None,
    model: str | None,
    threads: int | None,
    split: str | None,
    properties: tuple[str, ...],
    limit: int,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find out what would change the diagnosis without touching the retina.

    PHOTOS are files or folders; a folder with labels.csv is a DATASET, whose table tells sources
    and persons. One property of each photo at a time is replaced by that of another person's photo:
    border (the field's outline), frame (what stands around the eye), colour, illumination,
    resolution, jpeg, rim, and eight pieces from rim-right to rim-upper-right; text-frame and
    text-rim are writing. Then the model is asked again, and the share of photos that it calls
    otherwise stands beside that of a control: the same property of a photo of the same class and
    source.

    "rim" is the outermost ring of the eye alone, from 0.9 of its radius. The pieces reach farther
    in: rim-right and rim-left from 0.85, the six others from 0.6.

    That is about 90 answers of the model for each photo and four classes, some 5 to 10 seconds on a
    small computer; ten times as many photos as --limit are asked about once, as donors.

    Photos that 'predict' would refuse are left out and named. The exit status is 1 if a photo can't
    be read. Where there are photos enough no two share a donor; those that do are counted as one in
    all tests and in the intervals of 95 %, and a row of fewer than 12 isn't judged.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.shortcuts.run import AuditOptions, run_audit, steps
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.system.folders import check_absent, check_writable

    options = AuditOptions(_chosen(properties), limit=limit, seed=seed)
    if out:
        check_absent(out)
        check_writable(out)
    bundle, known = load_bundle(bundle_path), _known(photos, split, seed)
    length = steps(len(known), len(bundle.manifest.classes), options)
    with click.progressbar(
        length=length, label="pictures", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        record, audited = run_audit(
            bundle, known, model=model, threads=threads, options=options, on_picture=bar.update
        )
    if out is not None:
        from calibration.explanations.shortcuts.page import write_shortcuts

        write_shortcuts(record, audited, out)
    tell(
        record, _print, page=out and out / "shortcuts.html", as_json=as_json,
        left_out=record.left_out,
    )  # fmt: skip
    if any(each.unreadable for each in record.left_out):
        sys.exit(1)


def _chosen(properties: tuple[str, ...]) -> tuple[str, ...]:
    """Put the properties that were named in order; all if none was."""
    from calibration.explanations.shortcuts.swaps import PROPERTIES

    for name in properties:
        if name not in PROPERTIES:
            unknown = UnknownNameError("property", name, PROPERTIES)
            raise click.BadParameter(str(unknown), param_hint="--property")
    return tuple(name for name in PROPERTIES if not properties or name in properties)


def _known(photos: tuple[Path, ...], split: str | None, seed: int) -> "tuple[KnownPhoto, ...]":
    """List the photos, or those of a dataset's split, with what is known of them."""
    from calibration.explanations.known_photos import KnownPhoto, known_photos
    from calibration.explanations.store.named import photos_of_dataset
    from edge_runtime.photo.find import find_photos

    if split is not None:
        if len(photos) > 1:
            raise click.UsageError("--split is of one DATASET, which is named alone")
        named = photos_of_dataset(photos[0], split=split, seed=seed)
        return tuple(KnownPhoto(each.path, each.source, each.patient) for each in named)
    found = find_photos(photos)
    show_passed_over(found, skip_unknown=True)
    return known_photos(photos, found.photos)


def _print(record: "ShortcutsRecord") -> None:
    from calibration.commands.validate import columns
    from calibration.explanations.shortcuts import rows

    click.echo(
        f"photos changed: {record.photos}, each of another person as far as they are known, "
        f"asked about: {record.asked}, left out: {len(record.left_out)}; model: {record.model}"
    )
    click.echo(rows.conclusion(record))
    for each in record.shortcuts:
        click.echo(f"  {each.sentence}")
    click.echo("turned into a class by the property of its photos (by that of their own class),")
    click.echo("! is a shortcut, ? too few photos or donors to judge:")
    for line in columns([rows.class_heads(record), *rows.class_rows(record)]):
        click.echo(line)
