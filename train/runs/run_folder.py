"""What a run folder holds beside its models: choices, photos and metrics."""

import csv
import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import keras

from edge_runtime.system.codec import plain
from edge_runtime.system.files import write_file
from edge_runtime.system.folders import new_folder
from train.data.dataset import SPLITS, Dataset
from train.data.fingerprint import contents
from train.errors import RunInvalidError
from train.network.model import INSIDE
from train.runs.config import CONFIG, RunConfig, read_config

#: The files of a run folder, beside ``CONFIG``.
METRICS, PHOTOS, MODEL = "metrics.json", "photos.csv", "model.keras"


def begin_run(run: Path, config: RunConfig, dataset: Dataset) -> None:
    """Make a run folder with its configuration and the list of its photos.

    It appears with both: a folder without them could neither go on nor be begun again.

    Raises:
        OutputExistsError: There is something at ``run``.
        OutputFailedError: It can't be written there.
    """
    rows = sorted((row.split, row.class_name, row.sha256) for row in contents(dataset))
    with new_folder(run) as folder:
        with (folder / PHOTOS).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("split", "class", "sha256"), *rows])
        write_json(folder / CONFIG, config)


def photos_of(run: Path, config: RunConfig) -> Mapping[str, frozenset[str]] | None:
    """List the SHA-256 of a run's photos by split; None in runs that don't tell.

    Raises:
        RunInvalidError: The list can't be read, or isn't as long as the configuration says.
    """
    if not (run / PHOTOS).exists():
        return None
    try:
        with (run / PHOTOS).open(newline="", encoding="utf-8") as file:
            rows = [(row["split"], row["sha256"]) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise RunInvalidError(run, f"{PHOTOS} can't be read") from error
    if dict(Counter(split for split, _ in rows)) != config.dataset.photos:
        raise RunInvalidError(run, f"{PHOTOS} isn't the list of the photos that {CONFIG} counts")
    return {name: frozenset(sha256 for split, sha256 in rows if split == name) for name in SPLITS}


def write_json(path: Path, content: object) -> None:
    """Write a JSON file whole or not at all, of plain and typed values."""
    write_file(path, (json.dumps(content, indent=2, default=plain) + "\n").encode())


def read_run(run: Path) -> tuple[RunConfig, keras.Model]:
    """Read a run folder's ``config.json`` and load its ``model.keras``.

    Raises:
        RunInvalidError: Something is missing or unreadable, one doesn't fit the other, or the run
            was trained with another preprocessing than this version's.
    """
    for name in (CONFIG, MODEL):
        if not (run / name).is_file():
            raise RunInvalidError(run, f"no {name} here (make a run with 'fundus-edge train')")
    config = read_config(run)
    try:
        model = keras.saving.load_model(run / MODEL, compile=False)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise RunInvalidError(run, f"{MODEL} can't be loaded by Keras") from error
    if not len(set(config.classes)) == len(config.classes) == model.output.shape[-1]:
        cause = f"doesn't name the {model.output.shape[-1]} classes of {MODEL}"
        raise RunInvalidError(run, f"{CONFIG} {cause}")
    if any(isinstance(each, keras.layers.Rescaling) and each.name == INSIDE
           for each in model.layers):  # fmt: skip
        cause = "is of an older version, which pooled in another way: train it anew"
        raise RunInvalidError(run, f"{CONFIG} {cause}")
    if config.input_size != tuple(model.input.shape[1:3]):
        raise RunInvalidError(run, f"{CONFIG} has another 'input_size' than {MODEL}")
    return config, model
