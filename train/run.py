"""Make a run folder: read the dataset, fit, evaluate, and write down everything."""

import json
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import keras
import numpy as np

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import OutputExistsError
from edge_runtime.imaging import PREPROCESSING
from train.dataset import LabelledPhoto, fingerprint, load_photos, read_dataset
from train.evaluate import evaluate
from train.fit import Examples, fit
from train.model import build_model, check_stage
from train.options import Options
from train.plots import plot_confusion, plot_history


def train_run(
    dataset_root: Path, run: Path, *, options: Options, backbone: keras.Model | None = None
) -> dict[str, Any]:
    """Train on a dataset and write a run folder.

    The folder gets ``config.json`` (every choice, the data's fingerprint, tool versions),
    ``history.csv``, ``model.keras``, ``metrics.json``, ``learning_curves.png`` and one
    ``confusion_<split>.png`` per evaluated split.

    Args:
        dataset_root: The dataset folder, see ``read_dataset``.
        run: The run folder to make.
        options: The choices.
        backbone: In the place of ResNet50, for tests.

    Returns:
        The content of ``metrics.json``: an ``evaluate`` result for each of val_dir and test_dir.

    Raises:
        OutputExistsError: ``run`` exists.
        DatasetError: The dataset can't be used.
        WeightsError: The starting weights can't be used.
        UnknownNameError: The backbone has no such stage to unfreeze.
    """
    if run.exists():
        raise OutputExistsError(run, "choose another run folder")
    keras.utils.set_random_seed(options.seed)
    dataset = read_dataset(dataset_root, seed=options.seed)
    size = (options.input_size, options.input_size)
    classes = len(dataset.classes)
    model = build_model(
        classes=classes,
        size=size,
        weights=options.weights,
        backbone=backbone,
    )
    check_stage(model, options.unfreeze)
    examples = {name: _load(name, photos, size, classes) for name, photos in dataset.splits.items()}
    run.mkdir(parents=True)
    config = {
        "options": asdict(options),
        "classes": dataset.classes,
        "input_size": size,
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
    _write_json(run / "config.json", config)
    model = fit(model, examples["train_dir"], examples["val_dir"], options=options, run=run)
    results: dict[str, Any] = {}
    for name in ("val_dir", "test_dir"):
        if name in examples:
            probabilities = model.predict(examples[name].images, options.batch, verbose=0)
            results[name] = evaluate(
                probabilities, examples[name].labels.argmax(axis=1), dataset.classes
            )
            plot_confusion(results[name], run / f"confusion_{name}.png", title=name)
    _write_json(run / "metrics.json", {**results, "disclaimer": DISCLAIMER})
    plot_history(run / "history.csv", run / "learning_curves.png")
    return results


def _load(
    name: str, photos: tuple[LabelledPhoto, ...], size: tuple[int, int], classes: int
) -> Examples:
    with click.progressbar(length=len(photos), label=f"reading {name}", file=sys.stderr) as bar:
        images = load_photos(photos, size=size, on_photo=lambda: bar.update(1))
    labels = keras.utils.to_categorical([photo.label for photo in photos], classes)
    return Examples(images, labels.astype(np.float32))


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
