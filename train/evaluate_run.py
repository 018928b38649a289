"""Evaluate the model of a run folder on a split of a dataset."""

import sys
from pathlib import Path
from typing import Any

import click
import numpy as np

from edge_runtime.errors import DatasetError
from train.audit_progress import Progress
from train.cache import default_cache
from train.dataset import Dataset, fingerprint, load_photos, read_dataset
from train.evaluate_split import check_free, evaluate_split
from train.flips import steps
from train.groups import find_groups
from train.held_out import ALL, GROUPING, find_held_out
from train.run_folder import read_run

#: What is said of figures on photos that the model was fitted to.
TRAINED_ON = "the model was trained on these"


def evaluate_run(
    run: Path,
    root: Path,
    *,
    split: str,
    out: Path | None = None,
    flips: bool = False,
    resamples: int = 2000,
    seed: int = 0,
) -> dict[str, Any]:
    """Evaluate a run's model and write the results, with progress bars on stderr.

    Args:
        run: A run folder of ``fundus-edge train``.
        root: The dataset folder, see ``find_held_out``.
        split: One of ``train.dataset.SPLITS``, or "all".
        out: The folder to make; None to write nothing.
        flips: Whether to predict by the mean over flips.
        resamples: Bootstrap draws of the groups.
        seed: Seed of the draws.

    Returns:
        What ``evaluate_split`` returns, and ``run``; ``dataset``, its name and the fingerprint of
        the photos evaluated; ``trained_on``, whether the model was fitted to them: null where the
        dataset isn't, as a whole, the one that it was trained on; ``grouping``, how the groups
        were found.

    Raises:
        OutputExistsError: Something stands at ``out``.
        RunInvalidError: ``run`` lacks something.
        DatasetError: The dataset lacks the split or has classes that the model doesn't know.
        OutputFailedError: The results can't be written.
    """
    if out is not None:
        check_free(out)
    config, model = read_run(run)
    classes = tuple(config["classes"])
    size = (config["input_size"][0], config["input_size"][1])
    training_seed = config["options"]["seed"]
    found = find_held_out(root, split=split, classes=classes, seed=training_seed)
    with _bar(len(found), f"reading {split}") as bar:
        images = load_photos(found, size=size, on_photo=lambda: bar.update(1))
    with Progress(len(found)) as progress:
        groups = find_groups(
            [photo.path for photo in found], cache=default_cache(), on_photo=progress.on_photo,
            on_share=progress.on_share,
        )  # fmt: skip
    trained_on = None
    if _whole_fingerprint(root, training_seed) == config["dataset"]["fingerprint"]:
        trained_on = split in ("train_dir", ALL)
    with _bar(steps(len(found), flips=flips), "predicting") as bar:
        return evaluate_split(
            model,
            images,
            np.array([photo.label for photo in found]),
            groups.ids,
            classes,
            photos=[photo.path.relative_to(root).as_posix() for photo in found],
            name=split,
            out=out,
            flips=flips,
            resamples=resamples,
            seed=seed,
            caution=TRAINED_ON if trained_on else "",
            origin={
                "run": run.resolve().name,
                "dataset": {
                    "name": root.resolve().name,
                    "fingerprint": fingerprint(Dataset(root, classes, {split: found})),
                },
                "trained_on": trained_on,
                "grouping": GROUPING,
            },
            on_step=lambda: bar.update(1),
        )


def _whole_fingerprint(root: Path, seed: int) -> str | None:
    """Hash the whole dataset; None where it isn't one that a training could have read."""
    try:
        return fingerprint(read_dataset(root, seed=seed))
    except DatasetError:
        return None


def _bar(length: int, label: str) -> Any:
    return click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    )
