"""Evaluate the model of a run folder on a split of a dataset."""

import sys
from pathlib import Path
from typing import Any

import click
import numpy as np

from train.audit_progress import Progress
from train.cache import default_cache
from train.content import contents, fingerprint
from train.dataset import SPLITS, Dataset, load_photos, read_dataset
from train.errors import DatasetError
from train.evaluate_split import evaluate_split
from train.flips import steps
from train.groups import find_groups
from train.held_out import ALL, GROUPING, LEAKS, find_held_out
from train.labelled import class_indices, with_class
from train.new_folder import check_absent
from train.patients import PATIENT_PATTERN
from train.run_folder import photos_of, read_run
from train.table import is_table, read_table


def evaluate_run(
    run: Path,
    root: Path,
    *,
    split: str | None = None,
    patients: str | None = None,
    out: Path | None = None,
    flips: bool = False,
    resamples: int = 2000,
    seed: int = 0,
) -> dict[str, Any]:
    """Evaluate a run's model and write the results, with progress bars on stderr.

    Args:
        run: A run folder of ``fundus-edge train``.
        root: The dataset folder, see ``find_held_out``.
        split: One of ``train.dataset.SPLITS``, or "all"; None for test_dir, or for all of plain
            class folders that the model wasn't trained on.
        patients: Pattern of ``train.patients``, or "none"; None for that of the training.
        out: The folder to make; None to write nothing.
        flips: Whether to predict by the mean over flips.
        resamples: Bootstrap draws of the groups.
        seed: Seed of the draws.

    Returns:
        What ``evaluate_split`` returns, and ``run``; ``dataset``, its name and the fingerprint of
        the photos evaluated; ``without_class``, of how many others only the class that they
        aren't is known; ``trained_on``, how many of them the model was fitted to,
        null in runs that don't tell; ``leaks`` of the training's split if these are held-out
        photos of it and it has any; ``grouping``, how the groups
        were found.

    Raises:
        OutputExistsError: Something stands at ``out``.
        RunInvalidError: ``run`` lacks something.
        DatasetError: The dataset lacks the split or has classes that the model doesn't know.
        OutputFailedError: The results can't be written.
    """
    if out is not None:
        check_absent(out)
    config, model = read_run(run)
    options = config["options"]
    classes = tuple(config["classes"])
    size = (config["input_size"][0], config["input_size"][1])
    split = split or _held_out_split(
        root, classes, options["seed"], config["dataset"]["fingerprint"]
    )
    every = find_held_out(
        root, split=split, classes=classes, seed=options["seed"], with_excluded=True
    )
    found = with_class(every)
    if not found:
        raise DatasetError(root, f"no photo of '{split}' has a class to measure", expected="")
    evaluated = Dataset(root, classes, {split: found})
    with _bar(len(found), f"reading {split}") as bar:
        images = load_photos(found, size=size, on_photo=lambda: bar.update(1))
    pattern = patients or options.get("patients", PATIENT_PATTERN)
    with Progress(len(found)) as progress:
        groups = find_groups(
            found,
            patient_pattern=None if pattern == "none" else pattern,
            cache=default_cache(), on_photo=progress.on_photo, on_share=progress.on_share,
        )  # fmt: skip
    used = photos_of(run, config)
    trained_on = None
    caution, leaks = "", None
    if used is not None:
        hashes = [row.sha256 for row in contents(evaluated)]
        trained_on = sum(sha256 in used["train_dir"] for sha256 in hashes)
        held_out = used["val_dir"] | used["test_dir"]
        if trained_on:
            caution = f"the model was trained on {trained_on} of these"
        elif any(sha256 in held_out for sha256 in hashes):
            leaks = config["dataset"].get("leaks")
            caution = LEAKS if leaks and leaks.get("groups") else ""
    with _bar(steps(len(found), flips=flips), "predicting") as bar:
        return evaluate_split(
            model,
            images,
            np.array(class_indices(found)),
            groups.ids,
            classes,
            photos=[photo.path.relative_to(root).as_posix() for photo in found],
            name=split,
            out=out,
            flips=flips,
            resamples=resamples,
            seed=seed,
            caution=caution,
            origin={
                "run": run.resolve().name,
                "dataset": {"name": root.resolve().name, "fingerprint": fingerprint(evaluated)},
                "without_class": len(every) - len(found),
                "trained_on": trained_on,
                "leaks": leaks if caution == LEAKS else None,
                "grouping": GROUPING,
            },
            on_step=lambda: bar.update(1),
        )


def _held_out_split(root: Path, classes: tuple[str, ...], seed: int, trained_on: str) -> str:
    """Choose what was held out: test_dir, but all of an unsplit dataset of another source."""
    if is_table(root) and read_table(root, classes=classes).splits is not None:
        return "test_dir"
    if any((root / name).is_dir() for name in SPLITS):
        return "test_dir"
    try:
        return "test_dir" if fingerprint(read_dataset(root, seed=seed)) == trained_on else ALL
    except DatasetError:
        return ALL


def _bar(length: int, label: str) -> Any:
    return click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    )
