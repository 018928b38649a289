"""The command ``fundus-edge explain lesions``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calibration.commands.model_options import model_options
from calibration.commands.tell import tell
from edge_runtime.commands.param_types import GivenPath

if TYPE_CHECKING:
    from calibration.explanations.lesions.record import LesionsRecord


@click.command(context_settings={"show_default": True})
@click.argument("dataset", type=GivenPath(), metavar="DATASET")
@model_options
@click.option(
    "--class",
    "named",
    default="diabetic_retinopathy",
    metavar="NAME",
    help="Class that the lesions speak for.",
)
@click.option("--limit", type=click.IntRange(1), help="At most so many photos, drawn by the seed.")
@click.option("--draws", default=10, type=click.IntRange(1, 1000), help="Random maps a photo.")
@click.option("--seed", default=0, type=click.IntRange(0), help="Seed of all that is drawn.")
@click.option("--out", type=GivenPath(), help="New folder for lesions.html and lesions.json.")
@click.option("--json", "as_json", is_flag=True, help="Print what lesions.json holds.")
def lesions(
    dataset: Path,
    bundle_path: Path | None,
    model: str | None,
    threads: int | None,
    named: str,
    limit: int | None,
    draws: int,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure whether the evidence lies on lesions that people have marked.

    DATASET is a folder with photos in images/ and masks in masks/KIND/, where KIND is
    microaneurysms, haemorrhages, hard_exudates, soft_exudates or optic_disc. A mask is a PNG, TIFF
    or BMP of its photo's size and name; what isn't black is marked, and where there is no mask
    nothing is. IDRiD's download ("A. Segmentation") is taken as it is. A labels.csv may tell the
    patients.

    The maps of the predicted class and of --class are measured on each kind of mark, on all lesions
    together and on the disc, beside random maps, the centre, the field itself, other photos and
    another class. Photos that 'fundus-edge predict' refuses are left out and named. The exit status
    is 1 if a photo can't be read. It takes some seconds a photo on a small computer.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.known_photos import choose
    from calibration.explanations.lesions.marked_photos import find_marked_photos
    from calibration.explanations.lesions.run import LesionsOptions, run_lesions
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.system.folders import check_absent, check_writable

    if out is not None:
        check_absent(out)
        check_writable(out)
    photos = choose(find_marked_photos(dataset), limit, seed=seed)
    classifier = Classifier(load_bundle(bundle_path), model=model, threads=threads)
    with click.progressbar(
        length=2 * len(photos),
        label="photos, read and judged",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        record, eyes = run_lesions(
            classifier,
            photos,
            options=LesionsOptions(named, draws=draws, seed=seed),
            on_step=lambda: bar.update(1),
        )
    if out is not None:
        from calibration.explanations.lesions.page import write_lesions

        write_lesions(record, eyes, classifier.bundle.manifest.classes, out)
    tell(
        record, _print, page=out and out / "lesions.html", as_json=as_json, left_out=record.left_out
    )
    if any(each.unreadable for each in record.left_out):
        sys.exit(1)


def _print(record: "LesionsRecord") -> None:
    from calibration.commands.validate import columns
    from calibration.explanations.lesions import rows
    from calibration.explanations.lesions.judged import LEVELS

    for name, value in rows.about(record):
        click.echo(f"{name}: {value}")
    click.echo(rows.conclusion(record))
    for line in columns([rows.SHORT_HEADS, *rows.short_rows(record)]):
        click.echo(f"  {line}")
    for level, title in zip(LEVELS, ("the heatmap as shown:", "the map's cells:"), strict=True):
        click.echo(title)
        for line in columns([rows.MARK_HEADS, *rows.mark_rows(record, record.named, level)]):
            click.echo(f"  {line}")
