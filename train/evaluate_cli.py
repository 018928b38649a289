"""The command ``fundus-edge evaluate``."""

import json
from pathlib import Path

import click

from train.audit_options import check_pattern
from train.framework import load_tensorflow


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--split",
    type=click.Choice(["train_dir", "val_dir", "test_dir", "all"]),
    help="What to evaluate on; all is for a DATASET without splits.  [default: test_dir, "
    "or all if there are no splits and the model was trained on others]",
)
@click.option(
    "--patients",
    callback=check_pattern,
    metavar="REGEX|none",
    help="Pattern that tells the patient from a file's name.  [default: that of the training]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="New folder for the tables, predictions.csv, the plots and the worst errors.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of Markdown.")
@click.option(
    "--flips", is_flag=True, help="Predict by the mean over four flips: four times the work."
)
@click.option(
    "--resamples",
    default=2000,
    show_default=True,
    type=click.IntRange(100),
    help="Bootstrap draws behind the intervals.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, 2**32 - 1),
    help="Seed of the draws.",
)
def evaluate(
    run: Path,
    dataset: Path,
    split: str | None,
    patients: str | None,
    out: Path | None,
    as_json: bool,
    flips: bool,
    resamples: int,
    seed: int,
) -> None:
    """Measure the model of a RUN folder on a split of DATASET, with 95 % intervals.

    DATASET has the split's folder with one folder per class, or one folder per class, which is
    then split as the training does, or a table labels.csv. It may lack some of the model's
    classes. Intervals are bootstrapped over groups: copies and photos of one patient count as one.

    For research and education only: not a validated diagnostic tool.
    """
    load_tensorflow()
    from edge_runtime.contract import DISCLAIMER
    from train.evaluate_run import evaluate_run
    from train.report_table import report_table

    result = evaluate_run(
        run,
        dataset,
        split=split,
        patients=patients,
        out=out,
        flips=flips,
        resamples=resamples,
        seed=seed,
    )
    click.echo(
        json.dumps(result, indent=2) if as_json else report_table(result, title=result["title"]),
        nl=as_json,
    )
    if result["without_class"]:
        click.echo(
            f"Note: of {result['without_class']} more photographs only the class that they aren't "
            "is known; the figures leave them out.",
            err=True,
        )
    if result["leaks"]:
        click.echo(
            "Warning: these are photographs of the training's own split, and that leaks: the "
            "model was trained on copies of some, or on photographs of their patients.",
            err=True,
        )
    if result["trained_on"]:
        click.echo(
            f"Warning: the model was trained on {result['trained_on']} of these "
            f"{result['photos']} photographs: the figures are too good for new ones.",
            err=True,
        )
    if out:
        click.echo(f"Results in {out}", err=True)
    click.echo(DISCLAIMER, err=True)
