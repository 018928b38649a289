"""Make a run folder: place, read, prepare, fit, finish."""

import shutil
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import keras
from msgspec import UNSET
from msgspec.structs import replace as with_values

from edge_runtime.bundle.origin import Leaks
from edge_runtime.errors import OutputExistsError, printable
from edge_runtime.system.files import one_sentence
from train.audit.audit import Audit, audit_dataset
from train.copies.progress import progress_bars
from train.data.dataset import Dataset, read_dataset
from train.data.leave_out import leave_out
from train.data.patients import say_unknown
from train.data.public_set import note_on
from train.data.sources import classes_held, describe_sources, warnings
from train.errors import DatasetError, LeakError, PhotosUnreadableError, TrainingStoppedError
from train.evaluation.evaluation import Evaluation
from train.evaluation.results import read_evaluations
from train.fitting.examples import load_examples
from train.fitting.finish import finish
from train.fitting.fit import fit
from train.fitting.phase import Work
from train.fitting.plan import NOTHING_MORE, Keep, Plan
from train.network.bfloat16 import computes_bfloat16
from train.network.framework import TENSORFLOW
from train.network.model import build_model, check_stage
from train.runs.checkpoints import keep_interrupted
from train.runs.config import RunConfig, check_same_run, describe_run, has_choice
from train.runs.options import AUTO, BFLOAT16, FLOAT32, Options
from train.runs.run_folder import METRICS, begin_run
from train.runs.state import STATE_FOLDER, load_history

if TYPE_CHECKING:  # it needs TensorFlow
    from train.fitting.multiworker import Workers


def train_run(
    dataset_root: Path,
    run: Path,
    *,
    options: Options,
    resume: bool = False,
    keep: Keep = NOTHING_MORE,
    workers: "Workers | None" = None,
    backbone: keras.Model | None = None,
) -> Mapping[str, Evaluation]:
    """Train on a dataset and write a run folder.

    It gets ``config.json`` (every choice, the data's fingerprint, tool versions), ``photos.csv``,
    ``history.csv``, ``model.keras``, ``metrics.json``, ``learning_curves.png`` and a folder
    ``evaluation_<split>`` for each split that the model wasn't trained on; while the training is
    under way also ``state/``, from which it goes on.

    Args:
        dataset_root: The dataset folder, see ``read_dataset``.
        run: The run folder to make.
        options: The choices.
        resume: Go on with the interrupted run in ``run``, made with the same choices and data; a
            complete one is left as it is, and where there is none it is begun.
        keep: What to keep beside the results.
        workers: The cluster, if there is one; only its first worker writes the run folder.
        backbone: In the place of ResNet50, for tests.

    Returns:
        What was measured, by split; nothing for other workers than the first.

    Raises:
        OutputExistsError, OutputFailedError: ``run`` exists, or can't be written.
        RunInvalidError: What stands in ``run`` is no such run, or its state is damaged.
        DatasetError, LeakError: The dataset can't be used, or its split leaks.
        WeightsError, UnknownNameError: There are no such weights, stage or source.
        TrainingDivergedError: The loss is no number any more.
        TrainingStoppedError: The user stopped it; what it has is kept.
    """
    run = _place(run, workers, resume=resume)
    begun = resume and run.exists()
    options = _settle(options, workers, begun=run if begun else None)
    keras.utils.set_random_seed(options.seed)
    dataset = _read(dataset_root, options)
    config = describe_run(dataset, options=options)
    if begun:
        check_same_run(run, config)
        if (run / METRICS).exists():
            shutil.rmtree(run / STATE_FOLDER, ignore_errors=True)
            return read_evaluations(run)
    plan = _prepare(run, config, dataset, keep, workers, backbone)
    try:
        with one_sentence(run):
            if not begun:
                begin_run(run, plan.config, dataset)
            _fit(plan)
            return finish(plan)
    except KeyboardInterrupt as error:
        raise TrainingStoppedError(run, has_model=keep_interrupted(plan.model, run)) from error


def _place(run: Path, workers: "Workers | None", *, resume: bool) -> Path:
    """Choose this worker's folder; what stands in its place must be a run to go on with."""
    if workers and workers.index:
        # What this worker keeps while it trains; the run folder is the first worker's.
        run = run.with_name(f".{run.name}.worker{workers.index}")
        shutil.rmtree(run, ignore_errors=True)
    if run.exists() and not resume:
        raise OutputExistsError(run, "choose another run folder, or go on with --resume")
    return run


def _settle(options: Options, workers: "Workers | None", *, begun: Path | None = None) -> Options:
    """Settle what phase 2 computes in, so that the run says it and goes on in the same.

    A run that was begun by a version that had no choice goes on in float32, as it was begun.
    """
    if options.precision != AUTO:
        return options
    can = keras.backend.backend() == TENSORFLOW and not workers and computes_bfloat16()
    if begun and not has_choice(begun, "precision"):
        can = False
    return replace(options, precision=BFLOAT16 if can else FLOAT32)


def _read(root: Path, options: Options) -> Dataset:
    """Read the dataset, without what is left out, and check that there is something to train on."""
    dataset = leave_out(read_dataset(root, seed=options.seed), options.leave_out)
    if "train_dir" not in dataset.splits:
        raise DatasetError(dataset.root, "has no photo to train on")
    for split in ("train_dir", "val_dir"):
        if not any(photo.weight for photo in dataset.splits.get(split, ())):
            lacking = "teach" if split == "train_dir" else "judge"
            cause = f"all photos of {split} have the weight 0, so they {lacking} nothing"
            raise DatasetError(dataset.root, cause, expected="")
    return dataset


def _prepare(
    run: Path, config: RunConfig, dataset: Dataset, keep: Keep,
    workers: "Workers | None", backbone: keras.Model | None,
) -> Plan:  # fmt: skip
    """Look for leaks, say what to know of the sources, build the model and read the photos."""
    options, splits, count = config.options, dict(dataset.splits), len(dataset.classes)
    audit = _audit(dataset, options, keep.cache)
    leaks = Leaks(len(audit.leaks), sum(len(leak.photos) for leak in audit.leaks))
    held = classes_held(splits["train_dir"], count)
    for sentence in warnings(splits["train_dir"], dataset.classes, held):
        click.echo(sentence, err=True)
    sources = describe_sources(dataset.classes, held)
    known = with_values(config.dataset, leaks=leaks, sources=sources or UNSET)
    size = (options.input_size, options.input_size)
    with workers.strategy.scope() if workers else nullcontext():
        model = build_model(classes=count, size=size, weights=options.weights, backbone=backbone)
    check_stage(model, options.unfreeze)
    if workers:
        photos = splits["train_dir"]
        splits["train_dir"] = tuple(photos[index] for index in workers.share(len(photos)))
    examples = {
        name: load_examples(name, photos, size=size, classes=count, held=held)
        for name, photos in splits.items()
    }
    groups = dict(zip(audit.photos, audit.groups.ids.tolist(), strict=True))
    config = with_values(config, dataset=known)
    return Plan(run, config, dataset, groups, examples, model, keep, workers)


def _fit(plan: Plan) -> None:
    """Fit the model, with TensorBoard's logs if they are asked for."""

    def callbacks(phase: str) -> list[keras.callbacks.Callback]:
        logs = plan.run / "tensorboard" / phase
        return [keras.callbacks.TensorBoard(logs)] if plan.keep.tensorboard else []

    with plan.workers.strategy.scope() if plan.workers else nullcontext():
        work = Work(
            plan.model, plan.examples["train_dir"], plan.examples["val_dir"], plan.config.options,
            load_history(plan.run), plan.keep.features, callbacks, plan.workers,
        )  # fmt: skip
        fit(work)


def _audit(dataset: Dataset, options: Options, cache: Path | None) -> Audit:
    """Group the photos, say what to know, refuse a split that leaks unless that was allowed.

    So are photos that can't be read, all of them in one sentence.
    """
    with progress_bars() as on_share:
        audit = audit_dataset(
            dataset, patient_pattern=options.patient_pattern, with_confounds=False,
            cache=cache, on_share=on_share,
        )  # fmt: skip
    if broken := [each for each in audit.problems if each.kind == "unreadable"]:
        sentences = [f"{printable(each.path)}: {each.sentence}" for each in broken]
        raise PhotosUnreadableError(dataset.root, sentences)
    unknown = say_unknown(audit.groups.unknown_patients, len(audit.photos))
    for note in filter(None, (unknown, note_on(dataset))):
        click.echo(f"Note: {note}.", err=True)
    if audit.leaks and not options.allow_leaks:
        split_of = dict(zip(audit.photos, audit.splits, strict=True))
        across = {split_of[photo]: photo for photo in reversed(audit.leaks[0].photos)}
        raise LeakError(dataset.root, len(audit.leaks), tuple(across.values())[::-1])
    return audit
