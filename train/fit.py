"""Fit the classifier in two phases: the head on frozen features, then the last stage."""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import keras
import numpy as np
import numpy.typing as npt

from train.augment import augment
from train.batches import AugmentedBatches
from train.model import head_of, pooled_features, unfreeze
from train.options import Options

HISTORY_COLUMNS = (
    "phase", "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate",
)  # fmt: skip


@dataclass(frozen=True)
class Examples:
    """Prepared photos, uint8 (N, height, width, 3) RGB, and their one-hot labels (N, C)."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.float32]


def fit(
    model: keras.Model, train: Examples, val: Examples, *, options: Options, run: Path
) -> keras.Model:
    """Fit both phases and return the model of the epoch with the lowest validation loss.

    Writes ``history.csv`` after every epoch and ``model.keras`` at every improvement into ``run``,
    so that a run that is stopped keeps its best model.

    Args:
        model: As ``build_model`` makes it.
        train: What is fitted.
        val: What decides on early stopping, learning rate and the best epoch.
        options: The choices.
        run: An existing run folder.
    """
    with (run / "history.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow(HISTORY_COLUMNS)
    fit_head(model, train, val, options=options, history=run / "history.csv")
    _compile(model, options.learning_rate, options)
    best = float(model.evaluate(val.images, val.labels, batch_size=options.batch, verbose=0)[0])
    model.save(run / "model.keras")
    if options.fine_epochs:
        unfreeze(model, stage=options.unfreeze)
        _compile(model, options.learning_rate, options)
        keep = keras.callbacks.ModelCheckpoint(
            run / "model.keras", save_best_only=True, initial_value_threshold=best
        )
        model.fit(
            AugmentedBatches(
                train.images, train.labels, batch=options.batch, seed=options.seed
            ),
            validation_data=(val.images, val.labels),
            validation_batch_size=options.batch,
            epochs=options.fine_epochs,
            verbose=0,
            callbacks=[
                keep, *_callbacks("fine", options, options.fine_epochs, run / "history.csv")
            ],
        )  # fmt: skip
    best_model = keras.saving.load_model(run / "model.keras", compile=False)
    best_model.save(run / "model.keras")  # again, without the optimiser's state
    return best_model


def fit_head(
    model: keras.Model, train: Examples, val: Examples, *, options: Options, history: Path
) -> None:
    """Fit the head alone.

    The backbone is frozen, so its features of each (photo, augmentation) are computed once and
    all epochs run on them. The first variant of every photo is the photo itself.
    """
    features = pooled_features(model)
    generator = np.random.default_rng(options.seed)
    parts = []
    for variant in range(options.variants):
        images = train.images
        if variant:
            images = np.stack([augment(image, generator) for image in train.images])
        label = f"features {variant + 1}/{options.variants}"
        parts.append(_predict(features, images, options.batch, label))
    val_features = _predict(features, val.images, options.batch, "features of val_dir")
    head = head_of(model)
    _compile(head, options.head_learning_rate, options)
    head.fit(
        np.concatenate(parts),
        np.tile(train.labels, (options.variants, 1)),
        validation_data=(val_features, val.labels),
        batch_size=options.batch,
        epochs=options.head_epochs,
        verbose=0,
        callbacks=[
            *_callbacks("head", options, options.head_epochs, history),
        ],
    )


def _compile(model: keras.Model, learning_rate: float, options: Options) -> None:
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=options.label_smoothing),
        metrics=["accuracy"],
        jit_compile=False,
    )


def _predict(
    model: keras.Model, images: npt.NDArray[np.uint8], batch: int, label: str
) -> npt.NDArray[np.float32]:
    starts = range(0, len(images), batch)
    with click.progressbar(starts, label=label, file=sys.stderr) as bar:
        return np.concatenate([model.predict_on_batch(images[at : at + batch]) for at in bar])


def _callbacks(
    phase: str, options: Options, epochs: int, history: Path
) -> list[keras.callbacks.Callback]:
    return [
        keras.callbacks.EarlyStopping(patience=options.patience, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau(factor=0.3, patience=max(1, options.patience // 2)),
        _Recorder(phase, epochs, history),
    ]


class _Recorder(keras.callbacks.Callback):  # type: ignore[misc]
    """Shows a bar per epoch on stderr and appends each epoch to ``history.csv``."""

    def __init__(self, phase: str, epochs: int, history: Path) -> None:
        super().__init__()
        self._phase, self._epochs, self._history = phase, epochs, history
        self._bar: Any = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._bar = click.progressbar(
            length=self.params["steps"],
            label=f"{self._phase} {epoch + 1}/{self._epochs}",
            file=sys.stderr,
            hidden=not sys.stderr.isatty(),
        )

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._bar.update(1)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._bar.render_finish()
        row = {"phase": self._phase, "epoch": epoch + 1, **(logs or {})}
        with self._history.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, HISTORY_COLUMNS, extrasaction="ignore").writerow(row)
        shown = " ".join(f"{name} {row[name]:.4f}" for name in HISTORY_COLUMNS[2:6])
        click.echo(f"{self._phase} {epoch + 1}/{self._epochs}: {shown}", err=True)
