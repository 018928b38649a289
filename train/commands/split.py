"""The command ``fundus-edge split``."""

from collections import Counter
from pathlib import Path

import click

from edge_runtime.commands.cache_options import chosen_cache
from edge_runtime.errors import printable
from train.commands.dataset_options import grouping_options


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New dataset folder.")
@click.option(
    "--val",
    "val_share",
    default=0.1,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Share of each class's photos for val_dir.",
)
@click.option(
    "--test",
    "test_share",
    default=0.1,
    show_default=True,
    type=click.FloatRange(0, 1, max_open=True),
    help="Share of each class's photos for test_dir; 0 makes none.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, 2**32 - 1),
    help="The same seed and photos give the same split.",
)
@click.option("--copy", is_flag=True, help="Copy the photos.  [default: link to them]")
@grouping_options
def split(
    dataset: Path,
    out: Path,
    val_share: float,
    test_share: float,
    seed: int,
    copy: bool,
    patients: str | None,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Split a dataset so that no copy and no patient is on two sides.

    DATASET has one folder per class, or train_dir/, val_dir/ and test_dir/ with one folder per
    class each, or a table labels.csv; its splits are put together and split anew. Photos under two
    labels and photos that can't be read are left out and named; tiny ones and such as show no
    retina are taken and named.
    """
    from edge_runtime.system.folders import check_absent
    from train.audit.audit import read_pool
    from train.audit.split import split_dataset
    from train.audit.split_folder import SPLIT_CSV, write_split
    from train.copies.progress import progress_bars
    from train.data.labelled import SPLITS
    from train.data.patients import say_unknown

    if not val_share + test_share < 1:  # NaN too
        raise click.UsageError(
            f"--val {val_share:g} and --test {test_share:g} leave nothing for train_dir: their sum "
            "must be below 1"
        )
    check_absent(out, outside=dataset)
    pool = read_pool(dataset)
    with progress_bars() as on_share:
        found = split_dataset(
            pool,
            val_share=val_share,
            test_share=test_share,
            seed=seed,
            patient_pattern=patients,
            cache=chosen_cache(cache, no_cache=no_cache),
            on_share=on_share,
        )
    write_split(found, out, copy=copy)
    counts = Counter(zip(found.splits, found.classes, strict=True))
    for name in (name for name in SPLITS if name in found.splits):
        labels = dict.fromkeys((*pool.classes, *sorted(found.classes)))
        each = ", ".join(f"{label} {counts[name, label]}" for label in labels)
        total = sum(counts[name, label] for label in labels)
        click.echo(f"{name}: {total} photos; {each}")
    if unknown := say_unknown(found.unknown_patients, len(found.photos)):
        click.echo(f"Note: {unknown}.", err=True)
    for photo, reason in found.left_out.items():
        click.echo(f"left out: {printable(photo)}: {reason}", err=True)
    for doubt in found.doubtful:
        click.echo(f"taken, but {doubt.kind}: {printable(doubt.path)}: {doubt.sentence}", err=True)
    click.echo(f"dataset folder: {out}; {SPLIT_CSV} in it says where each photo went")
