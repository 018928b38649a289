"""Fit one phase of a training, and keep what it takes to go on with it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from train.fitting.average import Averaged, averaged
from train.fitting.batches import Batches, Load
from train.fitting.examples import Examples, training_weights, validation_weights
from train.fitting.progress import EpochLines
from train.network.source_loss import SourceLoss, accuracy
from train.runs.checkpoints import save_best_head, save_model
from train.runs.options import Options
from train.runs.state import History, Keeper, restore_state

if TYPE_CHECKING:  # it needs TensorFlow
    from train.fitting.multiworker import Workers


@dataclass(frozen=True)
class Work:
    """What both phases work with.

    ``model`` is as ``build_model`` makes it; ``train`` is fitted, ``val`` decides on early stopping
    and the best epoch. ``history`` is that of an existing run folder. ``features`` is a folder in
    which other trainings find what the frozen backbone makes of a photo, None keeps it for this one
    alone. ``callbacks`` gives more callbacks for a phase, "head" or "fine". Of several ``workers``
    each has a share of the photos in ``train``, and the batch is divided among them.
    """

    model: keras.Model
    train: Examples
    val: Examples
    options: Options
    history: History
    features: Path | None = None
    callbacks: Callable[[str], list[keras.callbacks.Callback]] = lambda phase: []
    workers: "Workers | None" = None


def fit_phase(
    work: Work,
    phase: str,
    model: keras.Model,
    load: Load,
    *,
    validation: Load,
    copies: int = 1,
    until: int | None = None,
    give_back: Callable[[], None] = lambda: None,
) -> None:
    """Fit one phase, "head" or "fine", or what is left of it, and keep its best model.

    Args:
        work: What both phases work with.
        phase: Its name.
        model: The part of the model that the phase trains, ending at its logits.
        load: Gives the inputs of training examples.
        validation: Gives those of validation examples.
        copies: Examples of each training photo; all photos come once, then again.
        until: How many epochs from its beginning to fit now; None for all.
        give_back: Gives the model in ``work`` what was learned, where ``model`` is no part of it.
    """
    options, history = work.options, work.history
    planned, rate = options.head_epochs, options.head_learning_rate
    if phase == "fine":
        planned, rate = options.fine_epochs, options.learning_rate
    limits = {"epochs": until or planned, "patience": options.patience}
    if history.ended(phase, **limits):
        return

    def keep_best() -> None:
        with averaged(model):
            if phase == "head":
                save_best_head(history.run, model)
            else:
                give_back()
                save_model(work.model, history.run)

    done = len(history.of(phase))
    batches = _training_batches(work, load, copies, done)
    _compile(model, options, rate, steps=planned * len(batches), averaged=phase == "fine")
    if done:
        restore_state(history.run, model)
    choices: dict[str, Any] = {
        "validation_data": _validation_batches(work, validation),
        "initial_epoch": done,
        "epochs": limits["epochs"],
        "callbacks": [
            Averaged(),
            Keeper(phase, history, keep_best=keep_best, **limits),
            EpochLines(phase, planned),
            *work.callbacks(phase),
        ],
    }
    if work.workers:
        work.workers.fit(model, batches, **choices)
    else:
        # The batches have an order of their own, which a resumed training has too.
        model.fit(batches, shuffle=False, verbose=0, **choices)


def _compile(
    model: keras.Model, options: Options, rate: float, *, steps: int, averaged: bool
) -> None:
    model.compile(
        optimizer=make_optimizer(options, rate, steps=steps, averaged=averaged),
        loss=SourceLoss(whole_share=options.whole_share, label_smoothing=options.label_smoothing),
        metrics=[accuracy()],
        jit_compile=keras.backend.backend() == "jax",  # TensorFlow is slower with it
    )


def _training_batches(work: Work, load: Load, copies: int, epoch: int) -> Batches:
    """Make this worker's part of each batch, if there are several workers."""
    options, train = work.options, work.train
    return Batches(
        load,
        np.tile(train.labels, (copies, 1)),
        batch=max(1, options.batch // (work.workers.count if work.workers else 1)),
        weights=np.tile(training_weights(train, options), copies),
        cells=np.tile(train.cells, copies),
        temper=options.cell_temper,
        seed=options.seed,
        epoch=epoch,
    )


def _validation_batches(work: Work, load: Load) -> Batches:
    options, val = work.options, work.val
    weights = validation_weights(val, options)
    return Batches(load, val.labels, batch=options.batch, weights=weights, seed=None)


def make_optimizer(
    options: Options, rate: float, *, steps: int, averaged: bool = False
) -> keras.optimizers.Optimizer:
    """Make the optimiser: its rate rises for a twentieth of the steps, then falls as a cosine.

    Args:
        options: The choices.
        rate: The highest learning rate.
        steps: The number of steps at most.
        averaged: Whether it keeps the moving average of the weights, if the options ask for it.
    """
    warmup = max(1, steps // 20)
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 100, max(1, steps - warmup), alpha=0.01, warmup_target=rate, warmup_steps=warmup
    )
    average = {"use_ema": True, "ema_momentum": options.ema} if averaged and options.ema else {}
    decay = {"weight_decay": options.weight_decay}
    kind, choices = {
        "adam": (keras.optimizers.Adam, {}),
        "adamw": (keras.optimizers.AdamW, decay),
        "sgd": (keras.optimizers.SGD, {**decay, "momentum": 0.9, "nesterov": True}),
    }[options.optimizer]
    return kind(schedule, **choices, **average)
