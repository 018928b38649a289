"""Evaluate the model of a run folder on a split of a dataset."""

from pathlib import Path
from typing import Any

from edge_runtime.system.folders import check_absent
from train.data.dataset import load_photos
from train.evaluation.evaluate_split import evaluate_split
from train.evaluation.evaluated import bar, find_evaluated
from train.evaluation.held_out import GROUPING, LEAKS
from train.network.flips import steps
from train.runs.run_folder import photos_of, read_run


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
    cache: Path | None = None,
) -> dict[str, Any]:
    """Evaluate a run's model and write the results, with progress bars on stderr.

    Args:
        run: A run folder of ``fundus-edge train``.
        root: The dataset folder, see ``find_held_out``.
        split: One of ``train.data.dataset.SPLITS``, or "all"; None for test_dir, or for all of
            plain class folders that the model wasn't trained on.
        patients: Pattern of ``train.data.patients``, or "none"; None for that of the training.
        out: The folder to make; None to write nothing.
        flips: Whether to predict by the mean over flips.
        resamples: Bootstrap draws of the groups.
        seed: Seed of the draws.
        cache: Folder to keep in what was read of the photos; None keeps nothing.

    Returns:
        What ``evaluate_split`` returns, and ``run``; ``dataset``, its name and the fingerprint of
        the photos evaluated; ``trained_on``, how many of them the model was fitted to,
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
    classes, size = config.classes, config.input_size
    found = find_evaluated(
        root,
        split=split,
        classes=classes,
        seed=config.options.seed,
        patients=patients or config.options.patients,
        trained_on=config.dataset.fingerprint,
        cache=cache,
    )
    with bar(len(found.photos), f"reading {found.split}") as reading:
        images = load_photos(found.photos, size=size, on_photo=lambda: reading.update(1))
    used = photos_of(run, config)
    trained_on = None
    caution, leaks = "", None
    if used is not None:
        trained_on = sum(sha256 in used["train_dir"] for sha256 in found.sha256)
        held_out = used["val_dir"] | used["test_dir"]
        if trained_on:
            caution = f"the model was trained on {trained_on} of these"
        elif any(sha256 in held_out for sha256 in found.sha256):
            leaks = dict(config.dataset.leaks)
            caution = LEAKS if leaks.get("groups") else ""
    with bar(steps(len(found.photos), flips=flips), "predicting") as predicting:
        return evaluate_split(
            model,
            images,
            found.truth,
            found.groups,
            classes,
            photos=found.names,
            name=found.split,
            out=out,
            flips=flips,
            resamples=resamples,
            seed=seed,
            caution=caution,
            origin={
                "run": run.resolve().name,
                "dataset": found.origin(),
                "trained_on": trained_on,
                "leaks": leaks if caution == LEAKS else None,
                "grouping": GROUPING,
            },
            on_step=lambda: predicting.update(1),
        )
