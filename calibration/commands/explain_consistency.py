"""The command ``fundus-edge explain consistency``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from calibration.commands.explain_options import drawing_options, field_degrees_option
from calibration.commands.tell import tell, tell_not_found
from edge_runtime.commands.cache_options import OF_PHOTOS, cache_options, chosen_cache
from edge_runtime.commands.param_types import GivenPath

if TYPE_CHECKING:
    from calibration.explanations.consistency.record import ConsistencyRecord


@click.command(context_settings={"show_default": True})
@click.argument("store", type=GivenPath())
@click.argument("others", nargs=-1, type=GivenPath(), metavar="[OTHER_STORE]...")
@click.option(
    "--bundle",
    "bundle_path",
    type=GivenPath(),
    help="The bundle that made STORE, to show its model the photos mirrored.",
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=100,
    help="Photos to mirror at most, drawn by the seed.",
)
@click.option(
    "--threads", type=click.IntRange(1, 256), help="Threads of one inference.  [default: all cores]"
)
@click.option(
    "--no-near-copies", is_flag=True, help="Don't search the photos' files for near copies."
)
@field_degrees_option
@drawing_options
@click.option(
    "--out", type=GivenPath(), help="New folder for consistency.html and consistency.json."
)
@click.option("--json", "as_json", is_flag=True, help="Print what consistency.json holds.")
@cache_options(OF_PHOTOS)
def consistency(
    store: Path,
    others: tuple[Path, ...],
    bundle_path: Path | None,
    limit: int,
    threads: int | None,
    no_near_copies: bool,
    field_degrees: float,
    resamples: int,
    seed: int,
    out: Path | None,
    as_json: bool,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Measure whether a model explains alike what is alike.

    Of the photos of a STORE, from 'fundus-edge explain store', the maps are compared of both eyes
    of a person (the left one mirrored), of repeated photos of an eye, and of copies: files of the
    same bytes, and near copies, for which the photos are read again where they still lie. Each
    OTHER_STORE of the same photos, by another model, is compared with the first. All of it where
    the predicted classes agree and where they don't, beside chance: photos of other persons of the
    same predicted class and side. With --bundle the photos are mirrored and shown to the model
    again.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.consistency.consistency import (
        ConsistencyOptions,
        measure_consistency,
    )
    from calibration.explanations.consistency.page import write_consistency
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.system.folders import check_absent, check_writable
    from train.copies.progress import progress_bars
    from train.metrics.intervals import Bootstrap

    if out is not None:
        check_absent(out)
        check_writable(out)
    bundle = None if bundle_path is None else load_bundle(bundle_path)
    options = ConsistencyOptions(
        field_degrees,
        Bootstrap(resamples, seed),
        near_copies=not no_near_copies,
        cache=chosen_cache(cache, no_cache=no_cache),
        limit=limit,
        threads=threads,
    )
    with progress_bars() as on_share:
        record, kept = measure_consistency(
            store, others, bundle=bundle, options=options, on_share=on_share
        )
    tell_not_found(kept)
    if out is not None:
        write_consistency(record, kept, out)
    tell(record, _print, page=out and out / "consistency.html", as_json=as_json)


def _print(record: "ConsistencyRecord") -> None:
    from calibration.commands.validate import columns
    from calibration.explanations.consistency.rows import SHORT_HEADS, measure_rows, short_rows
    from calibration.explanations.similarity.record import model_name

    click.echo(f"model: {model_name(record.store)}")
    refused = f"{record.refused} refused ones left out"
    click.echo(f"photos: {record.photos} of {record.persons} persons, {refused}")
    for line in columns([SHORT_HEADS, *short_rows(record)]):
        click.echo(line)
    click.echo(f"50 random pairs: {measure_rows(record.random_pairs)[0][1]}")
    if not record.copies.skipped:
        found = record.copies
        click.echo(f"near copies: {found.searched} photos' files compared, {found.gone} not there")
    if record.mirror is not None:
        click.echo(f"mirrored: {record.mirror.follows}")
    if record.mirror_missing is not None:
        click.echo(f"note: {record.mirror_missing}")
