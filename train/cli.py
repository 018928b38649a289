"""The command ``fundus-edge train``."""

import os
from pathlib import Path

import click

from train.options import Options

_DEFAULT = Options()


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--out", "run", required=True, type=click.Path(path_type=Path), help="Run folder to make."
)
@click.option(
    "--weights",
    default=_DEFAULT.weights,
    show_default=True,
    metavar="imagenet|none|PATH",
    help="Starting weights of the backbone, handed to Keras.",
)
@click.option(
    "--input-size",
    default=_DEFAULT.input_size,
    show_default=True,
    type=click.IntRange(32, 1024),
    help="Pixels a side.",
)
@click.option(
    "--batch",
    default=_DEFAULT.batch,
    show_default=True,
    type=click.IntRange(1),
    help="Photos a step.",
)
@click.option(
    "--variants",
    default=_DEFAULT.variants,
    show_default=True,
    type=click.IntRange(1),
    help="Variants of each photo in phase 1: itself and augmented ones.",
)
@click.option(
    "--head-epochs",
    default=_DEFAULT.head_epochs,
    show_default=True,
    type=click.IntRange(1),
    help="Epochs of phase 1.",
)
@click.option(
    "--head-learning-rate",
    default=_DEFAULT.head_learning_rate,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Learning rate of phase 1.",
)
@click.option(
    "--fine-epochs",
    default=_DEFAULT.fine_epochs,
    show_default=True,
    type=click.IntRange(0),
    help="Epochs of phase 2; 0 leaves it out.",
)
@click.option(
    "--learning-rate",
    default=_DEFAULT.learning_rate,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Learning rate of phase 2.",
)
@click.option(
    "--unfreeze",
    default=_DEFAULT.unfreeze,
    show_default=True,
    metavar="STAGE",
    help="First backbone stage that phase 2 trains.",
)
@click.option(
    "--label-smoothing",
    default=_DEFAULT.label_smoothing,
    show_default=True,
    type=click.FloatRange(0, 1, max_open=True),
    help="Share of each label that is spread over all classes.",
)
@click.option(
    "--patience",
    default=_DEFAULT.patience,
    show_default=True,
    type=click.IntRange(1),
    help="Epochs without improvement before a phase ends.",
)
@click.option(
    "--seed",
    default=_DEFAULT.seed,
    show_default=True,
    type=click.IntRange(0, 2**32 - 1),
    help="Seed of all randomness.",
)
def train(
    dataset: Path,
    run: Path,
    weights: str,
    input_size: int,
    batch: int,
    variants: int,
    head_epochs: int,
    head_learning_rate: float,
    fine_epochs: int,
    learning_rate: float,
    unfreeze: str,
    label_smoothing: float,
    patience: int,
    seed: int,
) -> None:
    """Train the classifier on DATASET and write a run folder.

    DATASET has train_dir/, val_dir/ and test_dir/ with one folder per class, or one folder per
    class, which is then split with the seed. Phase 1 fits the head on the frozen backbone, phase
    2 trains the backbone's last stage too.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from train.run import train_run

    options = Options(
        weights=weights,
        input_size=input_size,
        batch=batch,
        variants=variants,
        head_epochs=head_epochs,
        head_learning_rate=head_learning_rate,
        fine_epochs=fine_epochs,
        learning_rate=learning_rate,
        unfreeze=unfreeze,
        label_smoothing=label_smoothing,
        patience=patience,
        seed=seed,
    )
    results = train_run(dataset, run, options=options)
    for split, metrics in results.items():
        recall = ", ".join(f"{name} {value:.3f}" for name, value in metrics["recall"].items())
        click.echo(f"{split}: accuracy {metrics['accuracy']:.3f} ({metrics['photos']}); {recall}")
    click.echo(f"run folder: {run}")
