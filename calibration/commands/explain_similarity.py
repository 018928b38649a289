"""The command ``fundus-edge explain similarity``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from calibration.commands.explain_options import drawing_options, field_degrees_option
from calibration.commands.tell import tell, tell_not_found
from edge_runtime.commands.param_types import GivenPath

if TYPE_CHECKING:
    from calibration.explanations.similarity.record import SimilarityRecord


@click.command(context_settings={"show_default": True})
@click.argument("first", type=GivenPath(), metavar="A")
@click.argument("second", type=GivenPath(), metavar="B")
@click.option(
    "--other-seed",
    type=GivenPath(),
    metavar="STORE",
    help="Store of the same photos by a model of another training, as a control.",
)
@field_degrees_option
@drawing_options
@click.option("--out", type=GivenPath(), help="New folder for similarity.html and similarity.json.")
@click.option("--json", "as_json", is_flag=True, help="Print what similarity.json holds.")
def similarity(
    first: Path,
    second: Path,
    other_seed: Path | None,
    field_degrees: float,
    resamples: int,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure how alike two models explain the same photos.

    A and B are stores that 'fundus-edge explain store' made of the same photos by two models, which
    are matched by their files' content. Of each photo both models' maps of the predicted class are
    compared by seven measures, beside what chance gives: the map of another person's photo of the
    class and side, another training of the model (--other-seed), and maps that know nothing of the
    photo. Photos of which the models predict different classes are compared apart.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.similarity.page import write_similarity
    from calibration.explanations.similarity.record import compare_stores
    from edge_runtime.system.folders import check_absent, check_writable
    from train.copies.progress import progress_bars
    from train.metrics.intervals import Bootstrap

    if out is not None:
        check_absent(out)
        check_writable(out)
    with progress_bars() as on_share:
        record, *explained = compare_stores(
            first,
            second,
            other_seed=other_seed,
            field_degrees=field_degrees,
            bootstrap=Bootstrap(resamples, seed),
            on_share=on_share,
        )
    if out is not None:
        tell_not_found(explained[0])
        write_similarity(record, explained[0], explained[1], out)
    tell(record, _print, page=out and out / "similarity.html", as_json=as_json)


def _print(record: "SimilarityRecord") -> None:
    from calibration.explanations.analysis.page import estimate_text
    from calibration.explanations.likeness_tables import beside, counts_text, in_short
    from calibration.explanations.map_pairs import OTHER_PERSON, TITLES
    from calibration.explanations.similarity.page import matching_rows
    from calibration.explanations.similarity.record import model_name

    found = record.result
    click.echo(f"A: {model_name(record.first)}\nB: {model_name(record.second)}")
    for caution in record.cautions:
        click.echo(f"note: {caution}")
    for title, said in matching_rows(record):
        click.echo(f"{title}: {said}")
    for title, part in (
        (
            f"both predict one class, in {estimate_text(found.same_class, shares=True)}",
            found.agreeing,
        ),
        ("they predict different classes; maps of A's class", found.differing),
    ):
        click.echo(f"{title}: {counts_text(part)}")
        if not part.pairs:
            continue
        click.echo(f"  maps are {in_short(part)}")
        for name, measure in TITLES.items():
            own, other = beside(part, OTHER_PERSON)[name], part.controls[OTHER_PERSON][name]
            said = f"{estimate_text(own)}, with {OTHER_PERSON} {estimate_text(other)}"
            click.echo(f"  {measure}: {said}")
