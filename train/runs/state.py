"""Keep a training's state, so that it goes on after any interruption."""

import csv
import json
import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import astuple

from edge_runtime.system.codec import plain, read
from edge_runtime.system.files import replacing, replacing_text
from train.errors import RunInvalidError, TrainingDivergedError


class Epoch(Struct, frozen=True):
    """What an epoch gave, a row of ``history.csv``: ``epoch`` counts from 1 in each phase."""

    phase: str
    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float


HISTORY_COLUMNS = Epoch.__struct_fields__

#: What a run folder holds of a training that is under way.
STATE_FOLDER = "state"
STATE = f"{STATE_FOLDER}/state.npz"

# What NumPy and zipfile raise for one bit or another that is wrong.
_DAMAGE = (ValueError, OSError, EOFError, KeyError, RuntimeError, BadZipFile, zlib.error)


@dataclass
class History:
    """What each epoch gave, kept as ``history.csv`` in the run folder.

    The first ``small_epochs`` of phase "fine" saw smaller pictures: their losses aren't compared
    with the others.
    """

    run: Path
    rows: list[Epoch]
    small_epochs: int = 0

    def of(self, phase: str) -> list[Epoch]:
        """List the epochs of one phase."""
        return [row for row in self.rows if row.phase == phase]

    def losses(self, phase: str) -> list[float]:
        """List the validation losses of one phase that are compared."""
        skipped = self.small_epochs if phase == "fine" else 0
        return [row.val_loss for row in self.of(phase)[skipped:]]

    def best(self) -> float:
        """Find the lowest validation loss so far; infinity before the first epoch."""
        return min([*self.losses("head"), *self.losses("fine")], default=math.inf)

    def ended(self, phase: str, *, epochs: int, patience: int) -> bool:
        """Tell whether a phase has had its epochs, or ``patience`` of them without a lower loss."""
        losses = self.losses(phase)
        waited = len(losses) - 1 - int(np.argmin(losses)) if losses else 0
        return len(self.of(phase)) >= epochs or waited >= patience

    def write(self) -> None:
        """Write ``history.csv`` whole."""
        with replacing_text(self.run / "history.csv") as file:
            csv.writer(file).writerows([HISTORY_COLUMNS, *map(astuple, self.rows)])


class Keeper(keras.callbacks.Callback):  # type: ignore[misc]
    """Adds each epoch to the history, keeps the best model and the state, and stops in time.

    The best model is written before the state: a training that is killed between the two does
    the epoch again, and writes the same.
    """

    def __init__(
        self, phase: str, history: History, *, epochs: int, patience: int,
        keep_best: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__()
        self._phase, self._history, self._keep_best = phase, history, keep_best
        self._limits = {"epochs": epochs, "patience": patience}

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write down the epoch, whole or not at all."""
        history, best = self._history, self._history.best()
        figures = {**(logs or {}), "learning_rate": self.model.optimizer.learning_rate}
        columns = [float(figures[name]) for name in HISTORY_COLUMNS[2:]]
        history.rows.append(Epoch(self._phase, epoch + 1, *columns))
        if not math.isfinite(history.rows[-1].val_loss):
            raise TrainingDivergedError(self._phase, epoch + 1)
        if history.losses(self._phase) and history.rows[-1].val_loss < best:
            self._keep_best()
        self._save()
        history.write()
        if history.ended(self._phase, **self._limits):
            self.model.stop_training = True

    def _save(self) -> None:
        """Write the history and the variables, whole or not at all."""
        rows = np.array(json.dumps(plain(self._history.rows)))
        target = self._history.run / STATE
        target.parent.mkdir(exist_ok=True)
        with replacing(target) as file:
            np.savez(file, rows, *[np.asarray(value) for value in _variables(self.model)])


def load_history(run: Path) -> History:
    """Read the history out of a run folder's state; without one it is empty.

    Raises:
        RunInvalidError: The state can't be read.
    """
    if not (run / STATE).exists():
        return History(run, [])
    arrays = read_arrays(run, STATE)
    try:
        rows = json.loads(str(arrays[0]))
    except (ValueError, IndexError, RecursionError) as error:
        raise RunInvalidError(run, f"{STATE} holds no history of epochs") from error
    try:
        return History(run, read(rows, list[Epoch]))
    except ValueError as error:
        raise RunInvalidError(run, f"{STATE} holds no history of epochs") from error


def read_arrays(folder: Path, name: str) -> list[npt.NDArray[Any]]:
    """Read the arrays of an archive in a run folder, or another.

    Raises:
        RunInvalidError: It is damaged.
    """
    try:
        with (folder / name).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return [archive[each] for each in archive.files]
    except _DAMAGE as error:
        told = getattr(error, "strerror", None) or "it is damaged"
        cause = f"{name} can't be read: {told.lower()}; remove the folder and train anew"
        raise RunInvalidError(folder, cause) from error


def restore_state(run: Path, model: keras.Model) -> None:
    """Set a compiled model's variables and those of its optimiser to the kept ones.

    Raises:
        RunInvalidError: The state is that of another model.
    """
    model.optimizer.build(model.trainable_variables)
    variables = _variables(model)
    kept = read_arrays(run, STATE)[1:]
    if [value.shape for value in kept] != [tuple(value.shape) for value in variables]:
        raise RunInvalidError(run, f"{STATE} is of another model")
    for variable, value in zip(variables, kept, strict=True):
        variable.assign(value)


def _variables(model: keras.Model) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]
