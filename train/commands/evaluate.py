"""The command ``fundus-edge evaluate``."""

from pathlib import Path

import click

from edge_runtime.commands.cache_options import OF_PHOTOS, cache_options, chosen_cache
from train.commands.dataset_options import check_pattern
from train.network.framework import load_framework


@click.command()
@click.argument("source", metavar="RUN|BUNDLE", type=click.Path(path_type=Path))
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
    help="New folder for the page evaluation.html, the tables, predictions.csv and the plots.",
)
@click.option(
    "--model",
    metavar="NAME|FILE",
    help="Model of a BUNDLE.  [default: the bundle's default model]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of Markdown.")
@click.option("--flips", is_flag=True, help="Predict by the mean over four flips: RUN only.")
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
@cache_options(OF_PHOTOS)
def evaluate(
    source: Path,
    dataset: Path,
    split: str | None,
    patients: str | None,
    out: Path | None,
    model: str | None,
    as_json: bool,
    flips: bool,
    resamples: int,
    seed: int,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Measure a RUN's or a BUNDLE's model on a split of DATASET, with 95 % intervals.

    A bundle's model runs as on the device, without TensorFlow, and is measured twice: on all
    photos, and on those that its quality gate lets pass. Where the photos have sources, each
    disease is measured within each source: figures over all of them mix cameras.

    DATASET has the split's folder with one folder per class, or one folder per class, which is
    then split as the training does, or a table labels.csv. It may lack some of the model's
    classes. Intervals are bootstrapped over groups: copies and photos of one patient count as one.

    For research and education only: not a validated diagnostic tool.
    """
    from edge_runtime.contract import DISCLAIMER
    from train.evaluation.evaluate_bundle import evaluate_bundle, is_bundle
    from train.evaluation.folder import to_json
    from train.evaluation.history import warnings
    from train.evaluation.options import EvaluationOptions
    from train.evaluation.report import report
    from train.metrics.intervals import Bootstrap

    options = EvaluationOptions(
        split, patients, out, Bootstrap(resamples, seed), chosen_cache(cache, no_cache=no_cache)
    )
    if is_bundle(source):
        if flips:
            raise click.UsageError("--flips goes with a run: a device predicts each photo once")
        evaluation = evaluate_bundle(source, dataset, model=model, options=options)
    else:
        if model is not None:
            raise click.UsageError("--model goes with a bundle: a run has one model")
        load_framework()
        from train.evaluation.evaluate_run import evaluate_run

        evaluation = evaluate_run(source, dataset, flips=flips, options=options)
    click.echo(to_json(evaluation) if as_json else report(evaluation), nl=False)
    if evaluation.without_class:
        click.echo(
            f"Note: of {evaluation.without_class} more photographs only the class that they aren't "
            "is known; they count in figures by source alone.",
            err=True,
        )
    for warning in warnings(evaluation):
        click.echo(f"Warning: {warning}", err=True)
    if out:
        click.echo(f"Results in {out}", err=True)
    click.echo(DISCLAIMER, err=True)
