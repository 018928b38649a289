"""The command ``fundus-edge explain stability``."""

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
    from calibration.explanations.stability.record import StabilityRecord


@click.command(context_settings={"show_default": True})
@click.argument("photos", nargs=-1, required=True, type=GivenPath(), metavar="PHOTOS...")
@model_options
@click.option(
    "--perturbation",
    "perturbations",
    multiple=True,
    metavar="NAME",
    help="Only this one, such as blur; may be given several times.  [default: all 13]",
)
@click.option("--limit", type=click.IntRange(1), help="At most so many photos, drawn by the seed.")
@click.option("--seed", default=0, type=click.IntRange(0), help="Seed of all that is drawn.")
@click.option("--out", type=GivenPath(), help="New folder for stability.html and stability.json.")
@click.option("--json", "as_json", is_flag=True, help="Print what stability.json holds.")
def stability(
    photos: tuple[Path, ...],
    bundle_path: Path | None,
    model: str | None,
    threads: int | None,
    perturbations: tuple[str, ...],
    limit: int | None,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure how far heatmaps and classes change when PHOTOS are changed a little.

    PHOTOS are files or folders. Each photo's field of view goes through 13 perturbations in 5
    strengths: brightness, gamma, colour-cast, blur, noise, jpeg, turn, shift, scale, vignetting,
    artefacts, cut-field, lower-resolution. That is 76 answers of the model for each photo, some
    seconds on a small computer; --limit takes fewer photos.

    Photos that 'predict' would refuse are left out and named. The exit status is 1 if a photo can't
    be read. Intervals are 95 %, over persons where a labels.csv in the folder or the file's name
    (17_left.jpg) tells them, else over photos.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.known_photos import choose, known_photos
    from calibration.explanations.stability.run import run_stability
    from calibration.explanations.stability.shaken import ShakeOptions
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.photo.find import find_photos
    from edge_runtime.system.folders import check_absent, check_writable

    options = ShakeOptions(_chosen(perturbations), seed=seed)
    if out is not None:
        check_absent(out)
        check_writable(out)
    bundle = load_bundle(bundle_path)
    found = find_photos(photos)
    show_passed_over(found, skip_unknown=True)
    known = choose(known_photos(photos, found.photos), limit, seed=seed)
    with click.progressbar(
        length=len(known) * options.pictures,
        label="pictures",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        record, shaken = run_stability(
            bundle, known, model=model, threads=threads, options=options, on_picture=bar.update
        )
    if out is not None:
        from calibration.explanations.stability.page import write_stability

        write_stability(record, shaken, out)
    tell(
        record, _print, page=out and out / "stability.html", as_json=as_json,
        left_out=record.left_out,
    )  # fmt: skip
    if any(each.unreadable for each in record.left_out):
        sys.exit(1)


def _chosen(perturbations: tuple[str, ...]) -> tuple[str, ...]:
    """Put the perturbations that were named in order; all if none was."""
    from calibration.explanations.stability.perturbations import PERTURBATIONS

    for name in perturbations:
        if name not in PERTURBATIONS:
            unknown = UnknownNameError("perturbation", name, tuple(PERTURBATIONS))
            raise click.BadParameter(str(unknown), param_hint="--perturbation")
    return tuple(name for name in PERTURBATIONS if not perturbations or name in perturbations)


def _print(record: "StabilityRecord") -> None:
    from calibration.commands.validate import columns
    from calibration.explanations.likeness_tables import doubts_text
    from calibration.explanations.map_pairs import PARTNERS
    from calibration.explanations.stability import rows

    click.echo(
        f"photos: {record.photos}, of persons as far as they are known: {record.persons}, "
        f"left out: {len(record.left_out)}; model: {record.model}"
    )
    click.echo("map kept: area under the maps' correlation, 1 is a map that never moves")
    table = [rows.AREA_HEADS, *rows.area_rows(record)]
    table += [(name, *rest, "-", "-", "-") for name, *rest in rows.baseline_rows(record)]
    for line in columns(table):
        click.echo(line)
    doubts = doubts_text(record.other_class, record.other_side, record.fewer)
    click.echo(f"another person's photo: the mean over {PARTNERS} of the class and side{doubts}")
    click.echo(
        f"noise of at most {record.noise.ball.radius} grey levels, the worst of "
        f"{record.noise.ball.draws} pictures:"
    )
    for line in columns(rows.noise_rows(record)):
        click.echo(f"  {line}")
    agreed = record.reliability["pearson"]
    if agreed.single is not None and agreed.halves is not None:
        click.echo(
            f"photos agree on the order of the perturbations: one photo {agreed.single:.3f} (ICC), "
            f"halves of the photos {agreed.halves:.3f} (Spearman)"
        )
