"""The command ``fundus-edge explain faithfulness``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calibration.commands.model_options import model_options
from calibration.commands.tell import tell
from edge_runtime.commands.console import show_passed_over
from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable

if TYPE_CHECKING:
    from calibration.explanations.faithfulness.report import FaithReport
    from edge_runtime.photo.find import FoundPhotos


@click.command(context_settings={"show_default": True})
@click.argument("photos", nargs=-1, required=True, type=GivenPath(), metavar="PHOTOS...")
@model_options
@click.option(
    "--original",
    metavar="NAME|BUNDLE",
    help="ONNX model whose weights are shuffled.  [default: the bundle's float32 one, else the "
    "model itself]",
)
@click.option(
    "--limit", default=20, type=click.IntRange(2), help="Photos to take at most, drawn by the seed."
)
@click.option(
    "--steps", default=10, type=click.IntRange(2, 200), help="Steps of deletion and of insertion."
)
@click.option(
    "--draws", default=2, type=click.IntRange(1, 50), help="Random maps a photo, and shufflings."
)
@click.option("--seed", default=0, type=click.IntRange(0), help="Seed of all that is drawn.")
@click.option("--out", type=GivenPath(), help="New folder for faithfulness.html and .json.")
@click.option("--json", "as_json", is_flag=True, help="Print what faithfulness.json holds.")
def faithfulness(
    photos: tuple[Path, ...],
    bundle_path: Path | None,
    model: str | None,
    original: str | None,
    limit: int,
    steps: int,
    draws: int,
    threads: int | None,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure whether the maps show what the model looks at.

    PHOTOS are files or folders of fundus photos. Each is shown to the model in part, in the order
    of its own map and of others that know nothing of it (deletion, insertion, ROAD, sufficiency),
    and the model's weights are shuffled to see whether the maps change. Photos that 'fundus-edge
    predict' refuses are left out and named. Photos of one person, by a folder's labels.csv or by
    the file's name, count together in the intervals. The exit status is 1 if a photo can't be read.

    It takes some 10 to 20 seconds a photo on a small computer; --limit, --steps and --draws set
    how much is done.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.faithfulness.faithfulness import FaithOptions
    from calibration.explanations.faithfulness.run import run_faithfulness
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.photo.find import find_photos
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.system.folders import check_absent, check_writable

    if out is not None:
        check_absent(out)
        check_writable(out)
    found = _found(photos, find_photos(photos))
    classifier = Classifier(load_bundle(bundle_path), model=model, threads=threads)
    report = run_faithfulness(
        classifier,
        photos,
        found.photos,
        original=original,
        limit=limit,
        options=FaithOptions(steps=steps, draws=draws, seed=seed, threads=threads),
        progress=_bar,
    )
    if out is not None:
        from calibration.explanations.faithfulness.page import write_report

        write_report(report, out)
    tell(
        report, _print, page=out and out / "faithfulness.html", as_json=as_json,
        left_out=report.left_out,
    )  # fmt: skip
    if any(each.unreadable for each in report.left_out):
        sys.exit(1)


def _found(named: tuple[Path, ...], found: "FoundPhotos") -> "FoundPhotos":
    show_passed_over(found, skip_unknown=True)
    if not found.photos:
        raise click.ClickException("no photo found in " + ", ".join(map(printable, named)))
    return found


def _bar(label: str, length: int) -> Any:
    return click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    )


def _print(report: "FaithReport") -> None:
    from calibration.explanations.faithfulness.report import (
        LIMIT_OF_ROAD,
        about,
        shown_mean,
        sufficiency_rows,
        title_of,
    )

    for name, value in about(report):
        click.echo(f"{name}: {value}")
    click.echo("the model's map, beside random maps (95 % intervals over persons):")
    for each in report.result.measures:
        own, random = shown_mean(each.maps["model"]), shown_mean(each.maps["random"])
        click.echo(f"  {title_of(each)}: {own}, random {random}: {each.verdict}")
    click.echo("the class stays with the hottest part of the eye alone:")
    for share, kept, random, _ in sufficiency_rows(report):
        click.echo(f"  {share}: {kept}, random part {random}")
    shuffled = report.randomisation
    said = shuffled.verdict if shuffled else f"Not judged: {report.not_randomised}."
    click.echo(f"shuffled weights: {said}")
    click.echo(f"note: {LIMIT_OF_ROAD}")
