"""The command ``fundus-edge train``."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from edge_runtime.commands.cache_options import OF_PHOTOS, cache_options, chosen_cache
from edge_runtime.system.codec import not_json
from edge_runtime.system.folders import check_writable
from train.errors import OptionInvalidError, RunInvalidError
from train.network.framework import TENSORFLOW, backend, load_framework
from train.runs.options import BFLOAT16, Options, options_from

if TYPE_CHECKING:  # it needs Keras
    from train.evaluation.evaluation import Evaluation


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each choice of a training."""
    for each in reversed(fields(Options)):
        shown: dict[str, Any] = {"default": each.default, "show_default": True}
        if each.default is False:
            shown = {"is_flag": True}
        option = click.option(f"--{each.name.replace('_', '-')}", **shown, **each.metadata)
        command = option(command)
    return command


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--out", "run", required=True, type=click.Path(path_type=Path), help="Run folder to make."
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the interrupted run in --out and its choices, or begin it.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Take the choices of this config.json; options given here replace them.",
)
@click.option("--tensorboard", is_flag=True, help="Write TensorBoard logs into the run folder.")
@click.option(
    "--features",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Keep in this folder what the frozen backbone makes of the photos, and take from it what "
    "an earlier training with the same weights, input size, seed and augmentation kept. For a "
    "phase 2 that works on kept features (see --cache-gb) the backbone runs all the same.",
)
@click.option(
    "--strategy",
    type=click.Choice(["single", "multiworker"]),
    default="single",
    show_default=True,
    help="Train on this machine, or on those of the cluster in TF_CONFIG.",
)
@cache_options(OF_PHOTOS)
@_options
def train(
    dataset: Path,
    run: Path,
    resume: bool,
    config: Path | None,
    tensorboard: bool,
    features: Path | None,
    strategy: str,
    cache: Path | None,
    no_cache: bool,
    **choices: Any,
) -> None:
    """Train the classifier on DATASET and write a run folder.

    DATASET has train_dir/, val_dir/ and test_dir/ with one folder per class, or one folder per
    class, which is then split with the seed. A split that has copies of a photo or photos of one
    patient on more than one side is refused; 'fundus-edge audit' shows them. Phase 1 fits the
    head on the frozen backbone, phase 2 trains the backbone's last stages too. A run that was
    stopped goes on with --resume and ends where it would have ended. With KERAS_BACKEND=jax in
    the environment Keras runs on JAX.
    """
    options = options_from(_choices(run, config, choices, resume=resume))
    if strategy != "single":
        given = {"resume": resume, "ema": options.ema, "sizes": options.sizes, "features": features}
        given["precision bfloat16"] = options.precision == BFLOAT16
        _check_cluster([name for name, value in given.items() if value])
    if features:
        check_writable(features / "features")

    load_framework()
    from train.fitting.plan import Keep
    from train.fitting.run import train_run

    workers = None
    if strategy == "multiworker":
        from train.fitting.multiworker import connect

        workers = connect()
    keep = Keep(features, chosen_cache(cache, no_cache=no_cache), tensorboard)
    results = train_run(dataset, run, options=options, resume=resume, keep=keep, workers=workers)
    for split, found in results.items():
        click.echo(_summary(split, found))
    if results:
        click.echo(f"run folder: {run}")


def _summary(split: str, found: "Evaluation") -> str:
    recall = ", ".join(
        f"{name} {'-' if value is None else format(value, '.3f')}"
        for name, value in found.recall.items()
    )
    return f"{split}: accuracy {found.accuracy:.3f} ({found.photos}); {recall}"


def _choices(
    run: Path, config: Path | None, choices: Mapping[str, object], *, resume: bool
) -> Mapping[str, object]:
    """Put what the command line gives in the place of what a file holds."""
    if resume and config:
        raise click.UsageError("--resume takes the choices of its run: leave --config out")
    source = run / "config.json" if resume and run.exists() else config
    if resume and source and not source.exists():
        raise RunInvalidError(run, "no config.json to go on with: remove it and train anew")
    if not source:
        return choices
    origin = click.get_current_context().get_parameter_source
    given = {name for name in choices if origin(name) is not ParameterSource.DEFAULT}
    return _read_choices(source) | {name: choices[name] for name in given}


def _read_choices(path: Path) -> dict[str, object]:
    """Read the options out of a configuration: a whole ``config.json``, or its options alone."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunInvalidError(path, (error.strerror or str(error)).lower()) from error
    except (ValueError, RecursionError) as error:
        raise RunInvalidError(path, f"isn't JSON: {not_json(error)}") from error
    choices = content.get("options", content) if isinstance(content, dict) else None
    if not isinstance(choices, dict):
        raise OptionInvalidError("options", choices, "a JSON object")
    return choices


def _check_cluster(refused: list[str]) -> None:
    """Refuse what only one machine can do, and Keras on another backend."""
    if refused:
        raise click.UsageError(f"--{refused[0]} goes with --strategy single only")
    if backend() != TENSORFLOW:
        raise click.UsageError("--strategy multiworker needs KERAS_BACKEND=tensorflow")
