"""Fit the classifier in two phases: the head on frozen features, then the last stages."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
import numpy.typing as npt

from train.fitting.augment import augment
from train.fitting.batches import Indices
from train.fitting.examples import Examples
from train.fitting.feature_cache import (
    Compute,
    Floats,
    is_kept,
    kept_variants,
    read_kept,
    variant_features,
)
from train.fitting.feature_store import AS_IT_IS, FeatureStore
from train.fitting.live import fit_live
from train.fitting.phase import Work, fit_phase
from train.network.inference import inference
from train.network.model import SplitModel, head_of, pooled_features, split_at, unfreeze
from train.runs.checkpoints import load_best_head, save_model
from train.runs.options import Options
from train.runs.state import STATE_FOLDER, load_history

if TYPE_CHECKING:  # it needs TensorFlow
    from train.fitting.multiworker import Workers

CACHE = f"{STATE_FOLDER}/cache"


def fit(
    model: keras.Model,
    train: Examples,
    val: Examples,
    *,
    options: Options,
    run: Path,
    features: Path | None = None,
    callbacks: Callable[[str], list[keras.callbacks.Callback]] = lambda phase: [],
    workers: "Workers | None" = None,
) -> None:
    """Fit both phases; the model of the epoch with the lowest validation loss is kept in ``run``.

    Whatever frozen layers make of a variant of a photo is computed once: phase 1 fits the head
    on pooled features, and keeps what enters the first trainable stage, on which phase 2 works.
    Where the cache has too little room for that, phase 2 works on the photos themselves.
    After every epoch ``run`` has ``history.csv``, a state to go on from, and the best model so
    far as ``model.keras`` once phase 1 is through.

    Args:
        model: As ``build_model`` makes it.
        train: What is fitted.
        val: What decides on early stopping and the best epoch.
        options: The choices.
        run: An existing run folder; a state in it is gone on from.
        features: A folder in which other trainings find what the frozen backbone makes of a
            photo, see ``train.fitting.feature_store``; None to keep it for this one alone.
        callbacks: More callbacks for a phase, "head" or "fine".
        workers: The cluster, if there is one; ``train`` is then this worker's share, and the
            batch is divided among them.
    """
    history = load_history(run)
    history.write()
    smaller = options.epochs_by_size[:-1]
    history.small_epochs = smaller[-1][1] if smaller else 0
    split = split_at(model, options.unfreeze) if options.fine_epochs and not smaller else None
    room = {"photos": len(train.images), "others": len(val.images)}
    kept = kept_variants(split.frozen, options, **room) if split else 0
    work = Work(model, train, val, options, history, callbacks, workers)
    _fit_head(work, split if kept else None, kept, features or run / CACHE)
    if options.fine_epochs:
        unfreeze(model, stage=options.unfreeze)
        if split and kept:
            _fit_rest(work, split, kept)
        else:
            fit_live(work)


def _compute(model: keras.Model, split: SplitModel | None) -> Compute:
    """Compile what phase 1 needs of each photo, see ``variant_features``."""
    if split is None:
        features = inference(pooled_features(model))
        nothing = np.empty(0, np.float32)
        return lambda images: (features(images), nothing, nothing)
    frozen, pooled = inference(split.frozen), inference(split.pooled)

    def all_three(images: npt.NDArray[np.uint8]) -> tuple[Floats, Floats, Floats]:
        entering, weights = frozen(images)
        return pooled((entering, weights)), entering, weights

    return all_three


def _fit_head(work: Work, split: SplitModel | None, kept: int, features: Path) -> None:
    """Phase 1. The first ``kept`` variants also keep what enters the stage."""
    run, variants = work.history.run, work.options.variants
    (run / CACHE).mkdir(parents=True, exist_ok=True)
    compute = _compute(work.model, split)
    store = FeatureStore(features, pooled_features(work.model))
    rows = np.concatenate([_pooled(work, compute, kept, store, each) for each in range(variants)])
    val_rows = _pooled(work, compute, kept, store, None)
    head = head_of(work.model)
    fit_phase(
        work, "head", head, lambda chosen, *_: rows[chosen], copies=variants,
        validation=lambda chosen, *_: val_rows[chosen],
    )  # fmt: skip
    if not work.history.of("fine"):
        load_best_head(run, head)
        save_model(work.model, run)


def _pooled(
    work: Work, compute: Compute, kept: int, store: FeatureStore, variant: int | None
) -> Floats:
    """Take or compute the pooled features of a variant; None for the validation photos."""
    options, number = work.options, variant or 0
    images = (work.val if variant is None else work.train).images
    label = "of val_dir" if variant is None else f"{number + 1}/{options.variants}"

    def computed(rows: Indices, *, target: Path | None = None) -> Floats:
        return variant_features(
            compute, images if len(rows) == len(images) else images[rows], variant=number,
            options=options, label=f"features {label}", kept=target,
        )  # fmt: skip

    target, change = _kept_at(work.history.run, variant), _change(number, options)
    if number < kept and not is_kept(target, len(images)):
        every = computed(np.arange(len(images)), target=target)
        return store.features(images, change=change, compute=lambda rows: every[rows])
    return store.features(images, change=change, compute=computed)


def _change(variant: int, options: Options) -> str:
    """Say what makes a variant of a photo what it is, for a ``FeatureStore``."""
    if variant == 0:
        return AS_IT_IS
    code = Path(augment.__code__.co_filename).read_bytes()
    made = f"variant {variant}, seed {options.seed}, strength {options.augmentation}"
    return f"{made}, by {hashlib.sha256(code).hexdigest()}"


def _fit_rest(work: Work, split: SplitModel, kept: int) -> None:
    """Phase 2 on what enters the stage, kept in ``kept`` variants of each photo."""
    run = work.history.run
    files = [_kept_at(run, variant) for variant in range(kept)]
    shapes = [each.shape[1:] for each in split.rest.input]

    def load(chosen: Indices, turns: Indices, _: np.random.Generator) -> tuple[Floats, ...]:
        # Every photo goes through its variants in turn, each photo from another one on.
        variants = (chosen + turns) % kept
        inputs = tuple(np.empty((len(chosen), *shape), np.float32) for shape in shapes)
        for variant in np.unique(variants):
            of_it = variants == variant
            for values, read in zip(inputs, read_kept(files[variant], chosen[of_it]), strict=True):
                values[of_it] = read
        return inputs

    val = _kept_at(run, None)
    fit_phase(work, "fine", split.rest, load, validation=lambda chosen, *_: read_kept(val, chosen))


def _kept_at(run: Path, variant: int | None) -> Path:
    """Say where what enters the stage is kept; None for the validation photos."""
    return run / CACHE / ("val_dir" if variant is None else f"variant_{variant}")
