"""The command ``fundus-edge audit``."""

import sys
from pathlib import Path

import click

from edge_runtime.commands.cache_options import chosen_cache
from train.commands.dataset_options import grouping_options


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="Print all that was found as one JSON object."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="New folder for groups.csv, audit.json and a page with the pairs side by side.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if anything leaks or has two labels.")
@grouping_options
def audit(
    dataset: Path,
    as_json: bool,
    out: Path | None,
    strict: bool,
    patients: str | None,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Look for what makes a dataset's figures too good.

    DATASET has train_dir/, val_dir/ and test_dir/ with one folder per class, or one folder per
    class, or a table labels.csv. Found are copies of a photo (also flipped, turned, shifted,
    resized or compressed again), photos of one patient, groups of those that stand in more than
    one split, photos under two labels, files that are no good, how well the class can be guessed
    without looking at the eye, and how well the source tells the class.
    """
    from edge_runtime.system.folders import check_absent
    from train.audit.audit import audit_dataset, read_pool
    from train.audit.folder import write_audit
    from train.audit.summary import summary, to_json
    from train.copies.progress import progress_bars
    from train.data.public_set import note_on

    if out:
        check_absent(out, outside=dataset)
    pool = read_pool(dataset)
    with progress_bars() as on_share:
        found = audit_dataset(
            pool,
            patient_pattern=patients,
            cache=chosen_cache(cache, no_cache=no_cache),
            on_share=on_share,
        )
    if out:
        write_audit(found, out)
    click.echo(to_json(found) if as_json else summary(found))
    if out:
        click.echo(f"Audit in {out}: open {out / 'audit.html'}", err=True)
    if note := note_on(pool):
        click.echo(f"Note: {note}.", err=True)
    if strict and not found.is_clean:
        click.echo(
            f"Error: {len(found.leaks)} group(s) leak and {len(found.conflicts)} photo(s) have two "
            "labels; 'fundus-edge split' makes a split without either.",
            err=True,
        )
        sys.exit(1)
