"""Read what a training left: the choices and the model of a run folder."""

import json
import zipfile
from pathlib import Path
from typing import Any

import keras

from edge_runtime.errors import RunInvalidError
from edge_runtime.imaging import PREPROCESSING

_CONFIG_KEYS = ("options", "classes", "input_size", "preprocessing", "dataset", "versions")


def read_run(run: Path) -> tuple[dict[str, Any], keras.Model]:
    """Read a run folder's ``config.json`` and load its ``model.keras``.

    Args:
        run: A run folder of ``fundus-edge train``.

    Returns:
        The configuration and the model, not compiled.

    Raises:
        RunInvalidError: Something is missing or unreadable, or the run was trained with another
            preprocessing than this version's.
    """
    for name in ("config.json", "model.keras"):
        if not (run / name).is_file():
            raise RunInvalidError(run, f"no {name} here")
    try:
        config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunInvalidError(run, "config.json is not JSON") from error
    missing = [key for key in _CONFIG_KEYS if not isinstance(config, dict) or key not in config]
    if missing:
        raise RunInvalidError(run, f"config.json lacks {', '.join(missing)}")
    if config["preprocessing"] != PREPROCESSING:
        raise RunInvalidError(run, "was trained with another preprocessing than this version's")
    try:
        model = keras.saving.load_model(run / "model.keras", compile=False)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise RunInvalidError(run, "model.keras can't be loaded by Keras") from error
    return config, model
