"""Fit the classifier in two phases: the head on frozen features, then the last stages."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
import keras
import numpy as np
import numpy.typing as npt

from train.fitting.augment import augment
from train.fitting.batches import Indices
from train.fitting.examples import Examples
from train.fitting.feature_cache import (
    Compute,
    Floats,
    half_file,
    kept_variants,
    read_rows,
    variant_features,
    weights_file,
)
from train.fitting.feature_store import AS_IT_IS, FeatureStore
from train.fitting.live import fit_live
from train.fitting.phase import Work, fit_fine, fit_phase
from train.network.inference import inference
from train.network.model import (
    SplitModel,
    head_of,
    pooled_features,
    split_at,
    unfreeze,
)
from train.runs.checkpoints import load_best_head, save_best_head, save_model
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
    kept = 0
    if split:
        room = {"photos": len(train.images), "others": len(val.images)}
        kept = kept_variants(split.frozen, **room, cache_gb=options.cache_gb)
        kept = _enough(min(kept, options.variants), options)
    work = Work(model, train, val, options, history, callbacks, workers)
    _fit_head(work, split if kept else None, kept, features)
    if options.fine_epochs:
        unfreeze(model, stage=options.unfreeze)
        if split and kept:
            _fit_rest(work, split, kept)
        else:
            fit_live(work)


def _enough(kept: int, options: Options) -> int:
    """Say how many variants phase 2 works on; 0 if it takes new ones of the photos instead."""
    if not options.cache_gb or kept == options.variants:
        return kept
    room = f"--cache-gb {options.cache_gb:g} has room for {kept} of {options.variants} variants"
    if kept > 1:
        click.echo(f"{room}: phase 2 sees those alone", err=True)
        return kept
    # One alone would be the photos without any augmentation.
    click.echo(f"{room}: phase 2 computes the frozen stages anew in every epoch", err=True)
    return 0


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


def _fit_head(work: Work, split: SplitModel | None, kept: int, features: Path | None) -> None:
    """Phase 1. The first ``kept`` variants also keep what enters the stage."""
    options, run = work.options, work.history.run
    compute = _compute(work.model, split)
    store = FeatureStore(features, pooled_features(work.model)) if features else None
    limits = {"epochs": options.head_epochs, "patience": options.patience}

    def pooled(
        images: npt.NDArray[np.uint8], target: Path, variant: int, label: str
    ) -> npt.NDArray[np.float32]:
        def computed(photos: npt.NDArray[np.uint8], place: Path) -> Floats:
            return variant_features(
                compute, photos, variant=variant, target=place, batch=options.batch,
                seed=options.seed, strength=options.augmentation, label=f"features {label}",
                keep=variant < kept,
            )  # fmt: skip

        def missing(rows: Indices) -> Floats:
            if len(rows) == len(images):
                return computed(images, target)
            name = f"{target.stem}_{hashlib.sha256(rows.tobytes()).hexdigest()[:16]}.npy"
            return computed(images[rows], target.with_name(name))

        if store is None:
            return computed(images, target)
        if variant < kept:  # what enters the stage is for this training alone, the rest for others
            every = computed(images, target)
            return store.features(
                images, change=_change(variant, options), compute=lambda rows: every[rows]
            )
        return store.features(images, change=_change(variant, options), compute=missing)

    variants = range(options.variants)
    parts = [
        pooled(work.train.images, _cached(run, each), each, f"{each + 1}/{len(variants)}")
        for each in variants
    ]
    val_features = pooled(work.val.images, _cached(run, None), 0, "of val_dir")
    head = head_of(work.model)
    if not work.history.ended("head", **limits):
        rows = np.concatenate(parts)
        fit_phase(
            work, head, "head", lambda chosen, *_: rows[chosen], copies=options.variants,
            validation=lambda chosen, *_: val_features[chosen], rate=options.head_learning_rate,
            keep_best=lambda: save_best_head(run, head), **limits,
        )  # fmt: skip
    if not work.history.of("fine"):
        load_best_head(run, head)
        save_model(work.model, run)


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
    files = [_cached(run, variant) for variant in range(kept)]
    shapes = [each.shape[1:] for each in split.rest.input]

    def load(chosen: Indices, turns: Indices, _: np.random.Generator) -> tuple[Floats, ...]:
        # Every photo goes through its variants in turn, each photo from another one on.
        variants = (chosen + turns) % kept
        inputs = tuple(np.empty((len(chosen), *shape), np.float32) for shape in shapes)
        for variant in np.unique(variants):
            of_it = variants == variant
            for values, read in zip(inputs, _kept(files[variant], chosen[of_it]), strict=True):
                values[of_it] = read
        return inputs

    val_file = _cached(run, None)
    fit_fine(work, split.rest, load, validation=lambda chosen, *_: _kept(val_file, chosen))


def _kept(target: Path, rows: Indices) -> tuple[Floats, ...]:
    """Read what the rest of the network takes of some photos of a variant."""
    return read_rows(half_file(target), rows), read_rows(weights_file(target), rows)


def _cached(run: Path, variant: int | None) -> Path:
    """Name the file of a variant's features; None for those of the validation photos."""
    return run / CACHE / ("val_dir.npy" if variant is None else f"variant_{variant}.npy")
