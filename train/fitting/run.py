"""Make a run folder: read the dataset, fit, evaluate, and write down everything."""

import shutil
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
import keras
import numpy as np

from edge_runtime.bundle.origin import Leaks
from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import OutputExistsError
from edge_runtime.system.codec import plain
from edge_runtime.system.files import one_sentence
from train.audit.audit import Audit, Leak, audit_dataset
from train.copies.progress import PhotoProgress as AuditProgress
from train.data.dataset import Dataset, read_dataset
from train.data.labelled import with_class
from train.data.leave_out import LEFT_OUT, leave_out
from train.data.patients import say_unknown
from train.data.public_set import note_on
from train.data.sources import classes_held, describe_sources, warnings
from train.data.truth import truth_of
from train.errors import DatasetError, LeakError, TrainingStoppedError
from train.evaluation.answered import Photos
from train.evaluation.evaluation import Evaluation, Provenance
from train.evaluation.held_out import GROUPING, LEAKS
from train.evaluation.measure import evaluate_answers, split_title
from train.evaluation.plots import plot_history
from train.evaluation.results import read_evaluations
from train.evaluation.run_keras import ask_keras
from train.fitting.examples import Examples, load_examples
from train.fitting.feature_store import stored_probabilities
from train.fitting.fit import fit
from train.metrics.intervals import Bootstrap
from train.network.model import build_model, check_stage, head_of, pooled_features
from train.runs.checkpoints import keep_interrupted
from train.runs.options import Options
from train.runs.run_folder import (
    METRICS,
    MODEL,
    begin_run,
    check_same_run,
    describe_run,
    write_json,
)
from train.runs.state import STATE_FOLDER

if TYPE_CHECKING:  # it needs TensorFlow
    from train.fitting.multiworker import Workers


def train_run(
    dataset_root: Path,
    run: Path,
    *,
    options: Options,
    resume: bool = False,
    tensorboard: bool = False,
    features: Path | None = None,
    workers: "Workers | None" = None,
    backbone: keras.Model | None = None,
    cache: Path | None = None,
) -> Mapping[str, Evaluation]:
    """Train on a dataset and write a run folder.

    The folder gets ``config.json`` (every choice, the data's fingerprint, tool versions),
    ``photos.csv`` (what is in each split), ``history.csv``, ``model.keras``, ``metrics.json``,
    ``learning_curves.png`` and a folder ``evaluation_<split>`` for val_dir and test_dir, and for
    left_out if sources were left out; while the training is under way also
    ``state/``, from which it goes on.

    Args:
        dataset_root: The dataset folder, see ``read_dataset``.
        run: The run folder to make.
        options: The choices.
        resume: Go on with the interrupted run in ``run``, made with the same choices and data; a
            complete one is left as it is, and where there is none it is begun.
        tensorboard: Write TensorBoard logs into the run folder.
        features: A folder in which other trainings find what the frozen backbone makes of the
            photos; None to keep that for this one alone.
        workers: The cluster, if there is one; only its first worker writes the run folder.
        backbone: In the place of ResNet50, for tests.
        cache: Folder to keep in what was read of the photos; None keeps nothing.

    Returns:
        What ``metrics.json`` holds: the evaluation in each folder ``evaluation_<split>``.

    Raises:
        OutputExistsError: ``run`` exists.
        RunInvalidError: What stands in ``run`` is no such run, or its state is damaged.
        DatasetError: The dataset can't be used.
        LeakError: Copies or patients stand in more than one split.
        WeightsError: The starting weights can't be used.
        UnknownNameError: The backbone has no such stage to unfreeze, or the dataset no such
            source to leave out.
        TrainingDivergedError: The loss is no number any more.
        OutputFailedError: ``run`` can't be written, or the disk is full.
        TrainingStoppedError: The user stopped it; what it has is kept.
    """
    if workers and workers.index:
        # What this worker keeps while it trains; the run folder is the first worker's.
        run = run.with_name(f".{run.name}.worker{workers.index}")
        shutil.rmtree(run, ignore_errors=True)
    resume = resume and run.exists()
    if run.exists() and not resume:
        raise OutputExistsError(run, "choose another run folder, or go on with --resume")
    keras.utils.set_random_seed(options.seed)
    dataset = leave_out(read_dataset(dataset_root, seed=options.seed), options.leave_out)
    _check_photos(dataset)
    config = describe_run(dataset, options=options)
    if resume:
        check_same_run(run, config)
        if (run / METRICS).exists():
            shutil.rmtree(run / STATE_FOLDER, ignore_errors=True)
            return read_evaluations(run)
    audit = _audit(dataset, options, cache)
    groups = dict(zip(audit.photos, audit.groups.ids.tolist(), strict=True))
    leaks = Leaks(len(audit.leaks), sum(len(leak.photos) for leak in audit.leaks))
    config["dataset"]["leaks"] = plain(leaks)
    held = classes_held(dataset.splits["train_dir"], len(dataset.classes))
    config["dataset"] |= describe_sources(dataset, held)
    for sentence in warnings(dataset.splits["train_dir"], dataset.classes, held):
        click.echo(sentence, err=True)
    size = (options.input_size, options.input_size)
    classes = len(dataset.classes)
    with workers.strategy.scope() if workers else nullcontext():
        model = build_model(classes=classes, size=size, weights=options.weights, backbone=backbone)
    check_stage(model, options.unfreeze)
    splits = dict(dataset.splits)
    if workers:
        photos = splits["train_dir"]
        splits["train_dir"] = tuple(photos[index] for index in workers.share(len(photos)))
    examples = {
        name: load_examples(name, photos, size=size, classes=classes, held=held)
        for name, photos in splits.items()
    }
    logs = run / "tensorboard"
    try:
        with one_sentence(run):
            if not resume:
                begin_run(run, config, dataset)
            with workers.strategy.scope() if workers else nullcontext():
                fit(
                    model, examples["train_dir"], examples["val_dir"], options=options, run=run,
                    features=features, callbacks=lambda phase:
                        [keras.callbacks.TensorBoard(logs / phase)] if tensorboard else [],
                    workers=workers,
                )  # fmt: skip
            if workers and workers.index:
                shutil.rmtree(run)
                return {}
            return _finish(run, dataset, examples, groups, leaks, options, features)
    except KeyboardInterrupt as error:
        raise TrainingStoppedError(run, has_model=keep_interrupted(model, run)) from error


def _check_photos(dataset: Dataset) -> None:
    """Check that there is something to train on.

    Raises:
        DatasetError: There is not.
    """
    if "train_dir" not in dataset.splits:
        raise DatasetError(dataset.root, "has no photo to train on")
    for split in ("train_dir", "val_dir"):
        if not any(photo.weight for photo in dataset.splits.get(split, ())):
            lacking = "teach" if split == "train_dir" else "judge"
            cause = f"all photos of {split} have the weight 0, so they {lacking} nothing"
            raise DatasetError(dataset.root, cause, expected="")


def _finish(
    run: Path,
    dataset: Dataset,
    examples: Mapping[str, Examples],
    groups: Mapping[Path, int],
    leaks: Leaks,
    options: Options,
    features: Path | None,
) -> Mapping[str, Evaluation]:
    """Evaluate the best model, draw the curves, write the metrics, and drop the state."""
    model = keras.saving.load_model(run / MODEL, compile=False)
    results: dict[str, Evaluation] = {}
    for name in ("val_dir", "test_dir", LEFT_OUT):
        photos = dataset.splits.get(name, ())
        if with_class(photos):
            shutil.rmtree(run / f"evaluation_{name}", ignore_errors=True)
            images = examples[name].images
            said = None
            if features and not options.fine_epochs:  # the backbone is what it was
                backbone, head = pooled_features(model), head_of(model)
                said = stored_probabilities(features, backbone, head, images)
            shown = Photos(
                [photo.path.relative_to(dataset.root).as_posix() for photo in photos],
                truth_of(photos),
                np.array([groups[photo.path] for photo in photos]),
                images,
            )
            results[name] = evaluate_answers(
                ask_keras(model, shown, dataset.classes, probabilities=said),
                Provenance(
                    title=split_title(name, caution=LEAKS if leaks.groups else ""),
                    split=name,
                    grouping=GROUPING,
                    leaks=leaks,
                    test_time_flips=False,
                ),
                out=run / f"evaluation_{name}",
                bootstrap=Bootstrap(seed=options.seed),
            )
    plot_history(run / "history.csv", run / "learning_curves.png")
    write_json(run / METRICS, plain(results) | {"disclaimer": DISCLAIMER})
    shutil.rmtree(run / STATE_FOLDER)
    return results


def _audit(dataset: Dataset, options: Options, cache: Path | None) -> Audit:
    """Group the photos, say what to know, refuse a split that leaks unless that was allowed."""
    with AuditProgress(sum(map(len, dataset.splits.values()))) as progress:
        audit = audit_dataset(
            dataset, patient_pattern=options.patient_pattern, with_confounds=False,
            cache=cache, on_photo=progress.on_photo, on_share=progress.on_share,
        )  # fmt: skip
    unknown = say_unknown(audit.groups.unknown_patients, len(audit.photos))
    for note in filter(None, (unknown, note_on(dataset))):
        click.echo(f"Note: {note}.", err=True)
    if audit.leaks and not options.allow_leaks:
        raise LeakError(dataset.root, len(audit.leaks), _across(audit, audit.leaks[0]))
    return audit


def _across(audit: Audit, leak: Leak) -> tuple[Path, ...]:
    """Choose one photo of a leak from each split that it stands in."""
    split_of = dict(zip(audit.photos, audit.splits, strict=True))
    return tuple({split_of[photo]: photo for photo in reversed(leak.photos)}.values())[::-1]
