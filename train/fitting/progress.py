"""Show a training's progress on stderr."""

import sys
import time
from typing import Any

import click
import keras


class EpochLines(keras.callbacks.Callback):  # type: ignore[misc]
    """A bar per epoch with loss and accuracy, then a line with the time that is left at most."""

    def __init__(self, phase: str, epochs: int) -> None:
        super().__init__()
        self._phase, self._epochs = phase, epochs
        self._bar: Any = None
        self._durations_s: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Begin a bar."""
        self._began = time.monotonic()
        self._name = f"{self._phase} {epoch + 1}/{self._epochs}"
        self._bar = click.progressbar(
            length=self.params["steps"],
            label=self._name,
            file=sys.stderr,
            hidden=not sys.stderr.isatty(),
        )

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Show what the epoch has given so far."""
        shown = logs or {}
        self._bar.label = f"{self._name} loss {shown['loss']:.3f} accuracy {shown['accuracy']:.3f}"
        self._bar.update(1)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Say what the epoch gave."""
        self._bar.render_finish()
        self._durations_s.append(time.monotonic() - self._began)
        columns = ("loss", "accuracy", "val_loss", "val_accuracy")
        shown = " ".join(f"{name} {(logs or {})[name]:.4f}" for name in columns)
        average = sum(self._durations_s) / len(self._durations_s)
        left_min = average * (self._epochs - epoch - 1) / 60
        click.echo(f"{self._name}: {shown}; {left_min:.0f} min left at most", err=True)
