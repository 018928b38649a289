"""Keep a training's state, so that it goes on after any interruption."""

import csv
import json
import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
import numpy.typing as npt

from edge_runtime.system.files import replacing, replacing_text
from train.errors import RunInvalidError, TrainingDivergedError

HISTORY_COLUMNS = (
    "phase", "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate",
)  # fmt: skip

#: What a run folder holds of a training that is under way.
STATE_FOLDER = "state"
STATE = f"{STATE_FOLDER}/state.npz"

Row = dict[str, Any]


@dataclass
class History:
    """What each epoch gave, kept as ``history.csv`` in the run folder.

    The first ``small_epochs`` of phase "fine" saw smaller pictures: their losses aren't compared
    with the others.
    """

    run: Path
    rows: list[Row]
    small_epochs: int = 0

    def of(self, phase: str) -> list[Row]:
        """List the rows of one phase."""
        return [row for row in self.rows if row["phase"] == phase]

    def compared(self, phase: str) -> list[Row]:
        """List the rows of one phase whose losses are compared."""
        return self.of(phase)[self.small_epochs if phase == "fine" else 0 :]

    def best(self) -> float:
        """Find the lowest validation loss so far; infinity before the first epoch."""
        rows = [*self.compared("head"), *self.compared("fine")]
        return min((row["val_loss"] for row in rows), default=float("inf"))

    def ended(self, phase: str, *, epochs: int, patience: int) -> bool:
        """Tell whether a phase has had its epochs, or ``patience`` of them without a lower loss."""
        losses = [row["val_loss"] for row in self.compared(phase)]
        waited = len(losses) - 1 - int(np.argmin(losses)) if losses else 0
        return len(self.of(phase)) >= epochs or waited >= patience

    def write(self) -> None:
        """Write ``history.csv`` whole."""
        with replacing_text(self.run / "history.csv") as file:
            writer = csv.DictWriter(file, HISTORY_COLUMNS)
            writer.writeheader()
            writer.writerows(self.rows)


class Keeper(keras.callbacks.Callback):  # type: ignore[misc]
    """Adds each epoch to the history, keeps the best model and the state, and stops in time.

    The best model is written before the state: a training that is killed between the two does
    the epoch again, and writes the same.
    """

    def __init__(
        self,
        phase: str,
        history: History,
        *,
        epochs: int,
        patience: int,
        keep_best: Callable[[], None],
    ) -> None:
        super().__init__()
        self._phase, self._history, self._keep_best = phase, history, keep_best
        self._epochs, self._patience = epochs, patience

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write down the epoch, whole or not at all."""
        history = self._history
        best = history.best()
        row = {"phase": self._phase, "epoch": epoch + 1, **(logs or {})}
        row["learning_rate"] = self.model.optimizer.learning_rate
        history.rows.append(
            {name: row[name] if name == "phase" else _plain(row[name]) for name in HISTORY_COLUMNS}
        )
        if not math.isfinite(history.rows[-1]["val_loss"]):
            raise TrainingDivergedError(self._phase, epoch + 1)
        if history.compared(self._phase) and history.rows[-1]["val_loss"] < best:
            self._keep_best()
        save_state(history, _variables(self.model))
        history.write()
        if history.ended(self._phase, epochs=self._epochs, patience=self._patience):
            self.model.stop_training = True


def save_state(history: History, variables: Sequence[Any]) -> None:
    """Write the history and the variables, whole or not at all."""
    rows = np.array(json.dumps(history.rows))
    target = history.run / STATE
    target.parent.mkdir(exist_ok=True)
    with replacing(target) as file:
        np.savez(file, rows, *[np.asarray(value) for value in variables])


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
        raise RunInvalidError(run, f"{STATE} can't be read: {error}") from error
    if not isinstance(rows, list) or not all(map(_is_row, rows)):
        raise RunInvalidError(run, f"{STATE} holds no history of epochs")
    return History(run, rows)


def read_arrays(run: Path, name: str) -> list[npt.NDArray[Any]]:
    """Read the arrays of an archive in a run folder.

    Raises:
        RunInvalidError: It is damaged.
    """
    try:
        with (run / name).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return [archive[each] for each in archive.files]
    except (ValueError, OSError, EOFError, KeyError, BadZipFile, zlib.error) as error:
        cause = f"{name} can't be read: {error}; remove the folder and train anew"
        raise RunInvalidError(run, cause) from error


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


def _is_row(row: object) -> bool:
    """Tell whether this is what a history holds of an epoch."""
    if not isinstance(row, dict) or tuple(row) != HISTORY_COLUMNS:
        return False
    phase, *numbers = row.values()
    return isinstance(phase, str) and all(type(each) in (int, float) for each in numbers)


def _plain(value: Any) -> float | int:
    return value if isinstance(value, int) else float(value)
