"""The best model of a training so far, as files of its run folder."""

from pathlib import Path

import keras
import numpy as np

from edge_runtime.system.files import replacing, replacing_by_name
from train.network.model import head_of
from train.runs.run_folder import MODEL
from train.runs.state import STATE_FOLDER, read_arrays

BEST_HEAD = f"{STATE_FOLDER}/best_head.npz"


def keep_interrupted(model: keras.Model, run: Path) -> bool:
    """Write the best model of an interrupted phase 1; tell whether there is a best model now.

    Raises:
        RunInvalidError: The best head is damaged.
    """
    if not (run / MODEL).exists() and (run / BEST_HEAD).exists():
        load_best_head(run, head_of(model))
        save_model(model, run)
    return (run / MODEL).exists()


def save_model(model: keras.Model, run: Path) -> None:
    """Write the model whole, under its name only once it is on the disk."""
    with replacing_by_name(run / MODEL) as partial:
        model.save(partial)


def save_best_head(run: Path, head: keras.Model) -> None:
    """Write the weights of phase 1's best head."""
    (run / BEST_HEAD).parent.mkdir(exist_ok=True)
    with replacing(run / BEST_HEAD) as file:
        np.savez(file, *[np.asarray(variable) for variable in head.variables])


def load_best_head(run: Path, head: keras.Model) -> None:
    """Give a head the weights of phase 1's best one.

    Raises:
        RunInvalidError: They are damaged.
    """
    for variable, value in zip(head.variables, read_arrays(run, BEST_HEAD), strict=True):
        variable.assign(value)
