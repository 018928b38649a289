"""The command ``fundus-edge explain analyse``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from calibration.commands.explain_options import drawing_options
from calibration.commands.tell import tell, tell_not_found
from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable

if TYPE_CHECKING:
    from calibration.explanations.analysis.record import Analysis


@click.command(context_settings={"show_default": True})
@click.argument("store", type=GivenPath())
@click.option("--out", type=GivenPath(), help="New folder for analysis.html and analysis.json.")
@click.option(
    "--record",
    "bundle",
    type=GivenPath(),
    metavar="BUNDLE",
    help="Bundle to write the average maps of right predictions into, for the persons' pages.",
)
@drawing_options
@click.option("--json", "as_json", is_flag=True, help="Print what analysis.json holds.")
def analyse(
    store: Path, out: Path | None, bundle: Path | None, as_json: bool, resamples: int, seed: int
) -> None:
    """Say where the evidence lies in the photos of a STORE, class by class.

    Average maps in a common frame of the retina (disc and fovea in one place, left eyes mirrored),
    of right and of wrong predictions; the evidence by anatomical zone; how concentrated maps are,
    how like their class's average beside what maps reach that know nothing, and of which kinds.
    Photos that predict refuses are left out.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.analysis.analyse import analyse as analyse_store
    from calibration.explanations.analysis.page import write_analysis
    from calibration.explanations.analysis.record_averages import record_averages
    from calibration.explanations.store.info import read_info
    from calibration.explanations.store.read import read_store
    from edge_runtime.system.folders import check_absent, check_writable
    from train.copies.progress import progress_bars
    from train.metrics.intervals import Bootstrap

    if out is not None:
        check_absent(out)
        check_writable(out)
    with progress_bars() as on_share:
        found, kept, maps = analyse_store(
            read_store(store),
            read_info(store),
            bootstrap=Bootstrap(resamples, seed),
            on_share=on_share,
        )
        recorded = None if bundle is None else record_averages(kept, found.store, bundle)
        if out is not None:
            tell_not_found(kept)
            write_analysis(found, kept, maps, out, on_share=on_share)
    if bundle is not None and recorded is not None:
        _tell_recorded(recorded, bundle)
    tell(found, _print, page=out and out / "analysis.html", as_json=as_json)


def _print(found: "Analysis") -> None:
    from calibration.explanations.analysis.page import estimate_text
    from edge_runtime.explain.zones import ZONES

    click.echo(f"{found.photos} photos, {found.refused} refused ones left out")
    for name, entry in found.classes.items():
        click.echo(f"{printable(name)}: {entry.photos} photos of {entry.persons} persons")
        for zone, row in entry.zones.items():
            click.echo(f"  {ZONES[zone]}: {estimate_text(row.share, shares=True)}")
        said = {"": entry.like_average, **entry.like_average_by_chance}
        click.echo("  correlation with the class's average, and what alignment brings to it:")
        for control, each in said.items():
            both = estimate_text(each.aligned), estimate_text(each.alignment_gain)
            click.echo(f"    {control or 'these maps'}: {both[0]}; {both[1]}")


def _tell_recorded(averaged: dict[str, tuple[int, int]], bundle: Path) -> None:
    """Say of how many photos each average is, and that the bundle is another one now."""
    from edge_runtime.bundle.bundle import load_bundle

    for name, (before, now) in averaged.items():
        was = f" ({before} before)" if before else ""
        click.echo(f"Average map of {printable(name)}: of {now} photos{was}", err=True)
    identity = load_bundle(bundle).identity[:12]
    click.echo(
        f"{printable(bundle)} has them, and so another identity, {identity}: add photos to older "
        "stores with the bundle as it was",
        err=True,
    )
