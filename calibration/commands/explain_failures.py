"""The command ``fundus-edge explain failures``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calibration.commands.explain_options import drawing_options
from calibration.commands.tell import tell, tell_not_found
from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable

if TYPE_CHECKING:
    from calibration.explanations.explained import Explained
    from calibration.explanations.failures.contrast import Draws
    from calibration.explanations.failures.record import Failures


@click.command(context_settings={"show_default": True})
@click.argument("store", type=GivenPath())
@click.option("--out", type=GivenPath(), help="New folder for failures.html and failures.json.")
@click.option("--json", "as_json", is_flag=True, help="Print what failures.json holds.")
@click.option(
    "--unsure",
    type=click.FloatRange(0, 0.5),
    default=0.1,
    help="Share of the right predictions of each class that are called unsure, 0 to 0.5: those "
    "with the least confidence.",
)
@click.option(
    "--show",
    type=click.IntRange(0, 1000),
    default=24,
    help="Wrong predictions on the page's sheet at most, and unsure ones.",
)
@drawing_options
@click.option(
    "--permutations",
    type=click.IntRange(99, 1_000_000),
    default=9999,
    help="Exchanges of persons for the p-values; with fewer than some 1,200 nothing can be apart.",
)
def failures(
    store: Path,
    out: Path | None,
    as_json: bool,
    unsure: float,
    show: int,
    resamples: int,
    permutations: int,
    seed: int,
) -> None:
    """Say where the model looked in the photos of a STORE that it was wrong about.

    Wrong predictions, and right ones that are unsure, with their maps of the predicted and of the
    true class; and what sets wrong ones apart from right ones of the same class: where the evidence
    lies, how concentrated and how usual the map is, the photo's quality, familiarity and source.
    Tests exchange whole persons and are corrected for how many there are (Holm).

    Photos that predict refuses are left out. Where no photo has a label there is nothing to judge.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.failures.contrast import Draws
    from calibration.explanations.store.read import read_store
    from edge_runtime.system.folders import check_absent, check_writable

    if out is not None:
        check_absent(out)
        check_writable(out)
    explained = read_store(store)
    found = _find(store, explained, unsure, Draws(resamples, permutations, seed))
    if out is not None:
        _write(found, explained, out, show)
    tell(found, _print, page=out and out / "failures.html", as_json=as_json)


def _find(store: Path, explained: "Explained", unsure: float, draws: "Draws") -> "Failures":
    """Compare behind a progress bar."""
    from calibration.explanations.failures.failures import find_failures
    from calibration.explanations.failures.traits import quality_of
    from calibration.explanations.store.info import read_info

    info = read_info(store)
    with _bar("comparisons", 4 + len(info.classes)) as bar:
        return find_failures(
            explained,
            info,
            quality_of(store),
            unsure=unsure,
            draws=draws,
            on_comparison=lambda: bar.update(1),
        )


def _write(found: "Failures", explained: "Explained", out: Path, show: int) -> None:
    """Write the page and its figures behind a progress bar."""
    from calibration.explanations.failures.page import on_sheet, write_failures

    tell_not_found(explained)
    with _bar("pictures", on_sheet(found, show)) as bar:
        write_failures(found, explained, out, show=show, on_picture=lambda: bar.update(1))


def _bar(label: str, length: int) -> Any:
    hidden = not sys.stderr.isatty()
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden)


def _print(found: "Failures") -> None:
    from calibration.commands.validate import columns
    from calibration.explanations.failures.rows import ALONE_HEADS, surest_rows

    counts = found.counts
    click.echo(
        f"{counts.photos} photos of {counts.persons} persons: {counts.right} right "
        f"({counts.unsure} of them unsure), {counts.wrong} wrong, {counts.unknown} without a class "
        f"to judge by; {counts.refused} refused ones left out"
    )
    for name, count in found.confusions.items():
        click.echo(f"  {count} {printable(name)}")
    for each in found.findings:
        click.echo(each)
    if found.at_one_place:
        click.echo("Where the maps of a class always look, be the prediction right or wrong:")
    for each in found.at_one_place:
        click.echo(f"  {each}")
    rows = surest_rows(found, 5)
    if rows:
        click.echo(
            "Wrong beside right ones of the same class, the surest five of what was measured:"
        )
        for line in columns([ALONE_HEADS, *rows]):
            click.echo(f"  {line}")
