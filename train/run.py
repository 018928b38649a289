"""Make a run folder: read the dataset, fit, evaluate, and write down everything."""

import json
import shutil
import sys
from contextlib import nullcontext
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import keras
import numpy as np

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import LeakError, OutputExistsError, RunInvalidError, TrainingStoppedError
from edge_runtime.imaging import PREPROCESSING
from train.audit import Audit, Leak, audit_dataset
from train.audit_progress import Progress as AuditProgress
from train.cache import default_cache
from train.dataset import LabelledPhoto, fingerprint, load_photos, read_dataset
from train.evaluate_split import evaluate_split
from train.fit import MODEL, Examples, fit, keep_interrupted
from train.held_out import GROUPING
from train.model import build_model, check_stage
from train.multiworker import Workers
from train.options import Options
from train.plots import plot_history
from train.state import STATE_FOLDER

CONFIG = "config.json"
METRICS = "metrics.json"


def train_run(
    dataset_root: Path,
    run: Path,
    *,
    options: Options,
    resume: bool = False,
    tensorboard: bool = False,
    workers: Workers | None = None,
    allow_leaks: bool = False,
    backbone: keras.Model | None = None,
) -> dict[str, Any]:
    """Train on a dataset and write a run folder.

    The folder gets ``config.json`` (every choice, the data's fingerprint, tool versions),
    ``history.csv``, ``model.keras``, ``metrics.json``, ``learning_curves.png`` and a folder
    ``evaluation_<split>`` for val_dir and test_dir, see ``evaluate_split``; while the training is
    under way also ``state/``, from which it goes on.

    Args:
        dataset_root: The dataset folder, see ``read_dataset``.
        run: The run folder to make.
        options: The choices.
        resume: Go on with the interrupted run in ``run``, made with the same choices and data.
        tensorboard: Write TensorBoard logs into the run folder.
        allow_leaks: Train on a split that leaks, and say so wherever its figures are shown.
        workers: The cluster, if there is one; only its first worker writes the run folder.
        backbone: In the place of ResNet50, for tests.

    Returns:
        The content of ``metrics.json``: an ``evaluate_split`` result for val_dir and test_dir.

    Raises:
        OutputExistsError: ``run`` exists.
        RunInvalidError: There is nothing in ``run`` to go on with.
        DatasetError: The dataset can't be used.
        LeakError: Copies or patients stand in more than one split.
        WeightsError: The starting weights can't be used.
        UnknownNameError: The backbone has no such stage to unfreeze.
        TrainingStoppedError: The user stopped it; what it has is kept.
    """
    if workers and workers.index:
        # What this worker keeps while it trains; the run folder is the first worker's.
        run = run.with_name(f".{run.name}.worker{workers.index}")
        shutil.rmtree(run, ignore_errors=True)
    if run.exists() and not resume:
        raise OutputExistsError(run, "choose another run folder, or go on with --resume")
    keras.utils.set_random_seed(options.seed)
    dataset = read_dataset(dataset_root, seed=options.seed)
    size = (options.input_size, options.input_size)
    classes = len(dataset.classes)
    config: dict[str, Any] = {
        "options": asdict(options),
        "classes": list(dataset.classes),
        "input_size": list(size),
        "preprocessing": PREPROCESSING,
        "dataset": {
            "path": str(dataset_root.resolve()),
            "name": dataset_root.resolve().name,
            "fingerprint": fingerprint(dataset),
            "photos": {name: len(photos) for name, photos in dataset.splits.items()},
        },
        "versions": {
            name: version(name) for name in ("fundus-edge", "tensorflow", "keras", "numpy")
        },
    }
    if resume:
        _check_resumable(run, config)
    with AuditProgress(sum(map(len, dataset.splits.values()))) as progress:
        audit = audit_dataset(
            dataset, with_confounds=False, cache=default_cache(), on_photo=progress.on_photo,
            on_share=progress.on_share,
        )  # fmt: skip
    if audit.leaks and not allow_leaks:
        first = audit.leaks[0]
        raise LeakError(dataset_root, len(audit.leaks), _across(audit, first))
    groups = dict(zip(audit.photos, audit.groups.ids.tolist(), strict=True))
    config["dataset"]["leaks"] = {
        "groups": len(audit.leaks),
        "photos": sum(len(leak.photos) for leak in audit.leaks),
    }
    with workers.strategy.scope() if workers else nullcontext():
        model = build_model(classes=classes, size=size, weights=options.weights, backbone=backbone)
    check_stage(model, options.unfreeze)
    splits = dict(dataset.splits)
    if workers:
        photos = splits["train_dir"]
        splits["train_dir"] = tuple(photos[index] for index in workers.share(len(photos)))
    examples = {name: _load(name, photos, size, classes) for name, photos in splits.items()}
    if not resume:
        run.mkdir(parents=True)
        _write_json(run / CONFIG, config)
    logs = run / "tensorboard"
    try:
        with workers.strategy.scope() if workers else nullcontext():
            fit(
                model, examples["train_dir"], examples["val_dir"], options=options, run=run,
                callbacks=lambda phase:
                    [keras.callbacks.TensorBoard(logs / phase)] if tensorboard else [],
                workers=workers,
            )  # fmt: skip
    except KeyboardInterrupt as error:
        raise TrainingStoppedError(run, has_model=keep_interrupted(model, run)) from error
    if workers and workers.index:
        shutil.rmtree(run)
        return {}
    model = keras.saving.load_model(run / MODEL, compile=False)
    results: dict[str, Any] = {}
    for name in ("val_dir", "test_dir"):
        if name in examples:
            shutil.rmtree(run / f"evaluation_{name}", ignore_errors=True)  # an interrupted one
            photos = dataset.splits[name]
            results[name] = evaluate_split(
                model,
                examples[name].images,
                examples[name].labels.argmax(axis=1),
                np.array([groups[photo.path] for photo in photos]),
                dataset.classes,
                photos=[photo.path.relative_to(dataset_root).as_posix() for photo in photos],
                name=name,
                out=run / f"evaluation_{name}",
                seed=options.seed,
                caution="the split leaks" if audit.leaks else "",
                origin={"grouping": GROUPING, "leaks": config["dataset"]["leaks"]},
            )
    plot_history(run / "history.csv", run / "learning_curves.png")
    _write_json(run / METRICS, {**results, "disclaimer": DISCLAIMER})
    shutil.rmtree(run / STATE_FOLDER)
    return results


def _across(audit: Audit, leak: Leak) -> tuple[Path, ...]:
    """Choose one photo of a leak from each split that it stands in."""
    split_of = dict(zip(audit.photos, audit.splits, strict=True))
    return tuple({split_of[photo]: photo for photo in reversed(leak.photos)}.values())[::-1]


def _check_resumable(run: Path, config: dict[str, Any]) -> None:
    """Compare an interrupted run's configuration with the present one."""
    if (run / METRICS).exists():
        raise RunInvalidError(run, "is complete, there is nothing to go on with")
    try:
        begun = json.loads((run / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunInvalidError(run, f"there is no {CONFIG} to go on with") from error
    for key in ("options", "classes", "preprocessing"):
        if begun.get(key) != config[key]:
            raise RunInvalidError(run, f"was begun with other {key}")
    if begun["dataset"]["fingerprint"] != config["dataset"]["fingerprint"]:
        raise RunInvalidError(run, "was begun with other photos")


def _load(
    name: str, photos: tuple[LabelledPhoto, ...], size: tuple[int, int], classes: int
) -> Examples:
    with click.progressbar(length=len(photos), label=f"reading {name}", file=sys.stderr) as bar:
        images = load_photos(photos, size=size, on_photo=lambda: bar.update(1))
    labels = keras.utils.to_categorical([photo.label for photo in photos], classes)
    return Examples(images, labels.astype(np.float32))


def _write_json(path: Path, content: dict[str, Any]) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)
