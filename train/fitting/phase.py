"""Fit one phase of a training, and keep what it takes to go on with it."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from train.fitting.average import Averaged, averaged
from train.fitting.batches import Batches, Load
from train.fitting.examples import Examples, training_weights, validation_weights
from train.fitting.optimizer import make_optimizer
from train.fitting.progress import EpochLines
from train.network.source_loss import SourceLoss, accuracy
from train.runs.checkpoints import save_model
from train.runs.options import Options
from train.runs.state import History, Keeper, restore_state

if TYPE_CHECKING:  # it needs TensorFlow
    from train.fitting.multiworker import Workers


@dataclass(frozen=True)
class Work:
    """What both phases work with: the model, its photos, the choices and the history so far."""

    model: keras.Model
    train: Examples
    val: Examples
    options: Options
    history: History
    callbacks: Callable[[str], list[keras.callbacks.Callback]]
    workers: "Workers | None"


def fit_phase(
    work: Work,
    model: keras.Model,
    phase: str,
    load: Load,
    *,
    validation: Load,
    rate: float,
    epochs: int,
    patience: int,
    keep_best: Callable[[], None],
    copies: int = 1,
    planned: int | None = None,
) -> None:
    """Fit one phase, or what is left of it.

    Args:
        work: What is fitted.
        model: The part of the model that the phase trains, ending at its logits.
        phase: Its name, "head" or "fine".
        load: Gives the inputs of training examples.
        validation: Gives the inputs of validation examples.
        rate: The highest learning rate.
        epochs: How many at most.
        patience: How many without a lower validation loss end it.
        keep_best: Keeps the model as it is.
        copies: Examples of each training photo; all photos come once, then again.
        planned: Epochs that the learning rate is planned for, where this call fits only those up to
            ``epochs``; None for as many.
    """
    options, history, train, val = work.options, work.history, work.train, work.val
    done = len(history.of(phase))
    workers = work.workers
    batch = max(1, options.batch // (workers.count if workers else 1))
    weights = training_weights(train, options)
    batches = Batches(
        load,
        np.tile(train.labels, (copies, 1)),
        batch=batch,
        weights=None if weights is None else np.tile(weights, copies),
        cells=None if train.cells is None else np.tile(train.cells, copies),
        temper=options.cell_temper,
        seed=options.seed,
        epoch=done,
    )
    model.compile(
        optimizer=make_optimizer(
            options, rate, steps=(planned or epochs) * len(batches), averaged=phase == "fine"
        ),
        loss=SourceLoss(whole_share=options.whole_share, label_smoothing=options.label_smoothing),
        metrics=[accuracy()],
        jit_compile=keras.backend.backend() == "jax",  # TensorFlow is slower with it
    )
    if done:
        restore_state(history.run, model)
    average = [Averaged()] if model.optimizer.use_ema else []

    def keep() -> None:
        with averaged(model) if average else nullcontext():
            keep_best()

    choices: dict[str, Any] = {
        "validation_data": Batches(
            validation,
            val.labels,
            batch=options.batch,
            weights=validation_weights(val, options),
            shuffle=False,
        ),
        "initial_epoch": done,
        "epochs": epochs,
        "callbacks": [
            *average,
            Keeper(phase, history, epochs=epochs, patience=patience, keep_best=keep),
            EpochLines(phase, planned or epochs),
            *work.callbacks(phase),
        ],
    }
    if workers:
        workers.fit(model, batches, **choices)
    else:
        # The batches have an order of their own, which a resumed training has too.
        model.fit(batches, shuffle=False, verbose=0, **choices)


def fit_fine(
    work: Work, model: keras.Model, load: Load, *, validation: Load, epochs: int | None = None
) -> None:
    """Fit phase 2, or what is left of it, up to a number of epochs; None for all.

    Args:
        work: What is fitted.
        model: The part of the model that the phase trains, ending at its logits.
        load: Gives the inputs of training examples.
        validation: Gives the inputs of validation examples.
        epochs: How many from the beginning.
    """
    planned = work.options.fine_epochs
    limits = {"epochs": epochs or planned, "patience": work.options.patience}
    if not work.history.ended("fine", **limits):
        fit_phase(
            work, model, "fine", load, validation=validation, rate=work.options.learning_rate,
            keep_best=lambda: save_model(work.model, work.history.run), planned=planned, **limits,
        )  # fmt: skip
