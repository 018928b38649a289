"""Fit the classifier in two phases: the head on frozen features, then the last stages."""

import hashlib
from functools import partial
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from train.fitting.augment import augment
from train.fitting.batches import Indices
from train.fitting.feature_cache import (
    Compute,
    Floats,
    is_kept,
    kept_variants,
    read_kept,
    variant_features,
)
from train.fitting.feature_store import AS_IT_IS, stored_features
from train.fitting.live import fit_live
from train.fitting.phase import Work, fit_phase
from train.fitting.trained import what_trains
from train.network.inference import inference
from train.network.model import SplitModel, head_of, pooled_features, split_at, unfreeze
from train.runs.checkpoints import load_best_head, save_model
from train.runs.options import Options
from train.runs.state import STATE_FOLDER

CACHE = f"{STATE_FOLDER}/cache"


def fit(work: Work) -> None:
    """Fit both phases; the model of the epoch with the lowest validation loss is kept.

    Whatever frozen layers make of a variant of a photo is computed once: phase 1 fits the head
    on pooled features, and keeps what enters the first trainable stage, on which phase 2 works.
    Where the cache has too little room for that, phase 2 works on the photos themselves.
    After every epoch the run folder has ``history.csv``, a state to go on from, and the best model
    so far as ``model.keras`` once phase 1 is through.
    """
    options, history = work.options, work.history
    history.write()
    smaller = options.epochs_by_size[:-1]
    history.small_epochs = smaller[-1][1] if smaller else 0
    has_split = options.fine_epochs and not smaller
    split = split_at(work.model, options.unfreeze) if has_split else None
    room = {"photos": len(work.train.images), "others": len(work.val.images)}
    kept = kept_variants(split.frozen, options, **room) if split else 0
    _fit_head(work, split if kept else None, kept)
    if options.fine_epochs:
        unfreeze(work.model, stage=options.unfreeze)
        if split and kept:
            _fit_rest(work, kept)
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


def _fit_head(work: Work, split: SplitModel | None, kept: int) -> None:
    """Phase 1. The first ``kept`` variants also keep what enters the stage."""
    run, variants = work.history.run, work.options.variants
    (run / CACHE).mkdir(parents=True, exist_ok=True)
    compute = _compute(work.model, split)
    parts = [_pooled(work, compute, kept, variant) for variant in (*range(variants), None)]
    rows, val_rows = np.concatenate(parts[:-1]), parts[-1]
    head = head_of(work.model)
    fit_phase(
        work, "head", head, lambda chosen, *_: rows[chosen], copies=variants,
        validation=lambda chosen, *_: val_rows[chosen],
    )  # fmt: skip
    if not work.history.of("fine"):
        load_best_head(run, head)
        save_model(work.model, run)


def _pooled(work: Work, compute: Compute, kept: int, variant: int | None) -> Floats:
    """Take or compute the pooled features of a variant; None for the validation photos."""
    options, run, number = work.options, work.history.run, variant or 0
    images = (work.val if variant is None else work.train).images
    label = "of val_dir" if variant is None else f"{number + 1}/{options.variants}"
    target, every = _kept_at(run, variant), None
    made = partial(
        variant_features, compute, variant=number, options=options, label=f"features {label}"
    )
    if number < kept and not is_kept(target, len(images)):
        every = made(images, kept=target)

    def missing(rows: Indices) -> Floats:
        if every is not None:
            return every[rows]
        return made(images if len(rows) == len(images) else images[rows])

    return stored_features(
        work.features or run / CACHE, pooled_features(work.model), images,
        change=_change(number, options), compute=missing,
    )  # fmt: skip


def _change(variant: int, options: Options) -> str:
    """Say what makes a variant of a photo what it is, for ``stored_features``."""
    if variant == 0:
        return AS_IT_IS
    code = Path(augment.__code__.co_filename).read_bytes()
    made = f"variant {variant}, seed {options.seed}, strength {options.augmentation}"
    return f"{made}, by {hashlib.sha256(code).hexdigest()}"


def _fit_rest(work: Work, kept: int) -> None:
    """Phase 2 on what enters the stage, kept in ``kept`` variants of each photo."""
    run, options = work.history.run, work.options
    trained = what_trains(work.model, options, size=work.model.input.shape[1])
    split = split_at(trained.model, options.unfreeze)
    if split is None:
        raise AssertionError("what is kept enters a stage")
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
    fit_phase(
        work, "fine", split.rest, load, validation=lambda chosen, *_: read_kept(val, chosen),
        give_back=trained.give_back,
    )  # fmt: skip


def _kept_at(run: Path, variant: int | None) -> Path:
    """Say where what enters the stage is kept; None for the validation photos."""
    return run / CACHE / ("val_dir" if variant is None else f"variant_{variant}")
