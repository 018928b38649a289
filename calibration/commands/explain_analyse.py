"""The command ``fundus-edge explain analyse``."""

import json
from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable


@click.command()
@click.argument("store", type=GivenPath())
@click.option("--out", type=GivenPath(), help="New folder for analysis.html and analysis.json.")
@click.option(
    "--record",
    "bundle",
    type=GivenPath(),
    metavar="BUNDLE",
    help="Bundle to write the average maps of right predictions into, for the persons' pages.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what analysis.json holds.")
@click.option(
    "--resamples",
    type=click.IntRange(100, 100_000),
    default=2000,
    show_default=True,
    help="Draws of persons for the intervals.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Seed of the draws and of the kinds.",
)
def analyse(
    store: Path, out: Path | None, bundle: Path | None, as_json: bool, resamples: int, seed: int
) -> None:
    """Say where the evidence lies in the photos of a STORE, class by class.

    Average maps in a common frame of the retina (disc and fovea in one place, left eyes mirrored),
    of right and of wrong predictions; the evidence by anatomical zone; how concentrated maps are,
    how like their class's average, and of which kinds. Photos that predict refuses are left out.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.analysis.analyse import analyse as analyse_store
    from calibration.explanations.analysis.page import analysis_page, estimate_text
    from calibration.explanations.analysis.record_averages import record_averages
    from calibration.explanations.store.info import read_info
    from calibration.explanations.store.read import read_store
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.explain.zones import ZONES
    from edge_runtime.system.codec import plain
    from edge_runtime.system.folders import check_absent, check_writable, new_folder
    from train.metrics.intervals import Bootstrap

    if out is not None:
        check_absent(out)
        check_writable(out)
    found, kept, maps = analyse_store(
        read_store(store), read_info(store), bootstrap=Bootstrap(resamples, seed)
    )
    if bundle is not None:
        _tell_recorded(record_averages(kept, found.store, bundle), bundle)
    text = json.dumps(plain(found), allow_nan=False)
    if out is not None:
        with new_folder(out, private=True) as folder:
            (folder / "analysis.json").write_text(text + "\n", "utf-8")
            (folder / "analysis.html").write_text(analysis_page(found, kept, maps), "utf-8")
        click.echo(f"Analysis in {out}: open {out / 'analysis.html'}", err=True)
    if as_json:
        click.echo(text)
    else:
        click.echo(f"{found.photos} photos, {found.refused} refused ones left out")
        for name, entry in found.classes.items():
            click.echo(f"{name}: {entry.photos} photos of {entry.persons} persons")
            for zone, row in entry.zones.items():
                said = estimate_text(row.share, shares=True)
                click.echo(f"  {ZONES[zone]}: {said}")
            click.echo(
                f"  what alignment brings beyond mirroring: {estimate_text(entry.alignment_gain)}"
            )
    click.echo(DISCLAIMER, err=True)


def _tell_recorded(averaged: dict[str, tuple[int, int]], bundle: Path) -> None:
    """Say of how many photos each average is, and that the bundle is another one now."""
    from edge_runtime.bundle.bundle import load_bundle

    for name, (before, now) in averaged.items():
        was = f" ({before} before)" if before else ""
        click.echo(f"Average map of {name}: of {now} photos{was}", err=True)
    identity = load_bundle(bundle).identity[:12]
    click.echo(
        f"{printable(bundle)} has them, and so another identity, {identity}: add photos to older "
        "stores with the bundle as it was",
        err=True,
    )
