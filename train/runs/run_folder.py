"""What a run folder holds beside its models: choices, photos and metrics."""

import csv
import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
from msgspec import Struct, field

from edge_runtime.bundle.manifest import Texts, TwoSizes
from edge_runtime.contract import PREPROCESSING
from edge_runtime.errors import FundusError
from edge_runtime.system.codec import plain, read
from edge_runtime.system.files import write_file
from edge_runtime.system.folders import new_folder
from train.data.dataset import SPLITS, Dataset
from train.data.fingerprint import contents, fingerprint
from train.errors import RunInvalidError
from train.network.model import INSIDE
from train.runs.options import Options, options_from

_CONFIG_KEYS = ("options", "classes", "input_size", "preprocessing", "dataset", "versions")


#: The files of a run folder.
CONFIG, METRICS, PHOTOS, MODEL = "config.json", "metrics.json", "photos.csv", "model.keras"

#: What must be the same for a run to go on.
_SAME = ("options", "classes", "preprocessing")


class _Dataset(Struct, frozen=True):
    """What is read of a configuration's ``dataset``."""

    fingerprint: str
    photos: dict[str, int]
    leaks: dict[str, int] = field(default_factory=dict)


class _Config(Struct, frozen=True):
    """What is read of a configuration."""

    options: dict[str, Any]
    classes: Texts
    input_size: TwoSizes
    dataset: _Dataset


def describe_run(dataset: Dataset, *, options: Options) -> dict[str, Any]:
    """Say what a run is made with: the content of ``config.json``.

    Args:
        dataset: What it is trained on.
        options: The choices.
    """
    root = dataset.root.resolve()
    return {
        "options": asdict(options),
        "classes": list(dataset.classes),
        "input_size": [options.input_size, options.input_size],
        "preprocessing": plain(PREPROCESSING),
        "dataset": {
            "path": str(root),
            "name": root.name,
            "fingerprint": fingerprint(dataset),
            "photos": {name: len(photos) for name, photos in dataset.splits.items()},
        },
        "versions": {
            name: version(name)
            for name in ("fundus-edge", keras.backend.backend(), "keras", "numpy")
        },
    }


def begin_run(run: Path, config: dict[str, Any], dataset: Dataset) -> None:
    """Make a run folder with its configuration and the list of its photos.

    It appears with both: a folder without them could neither go on nor be begun again.

    Raises:
        OutputExistsError: There is something at ``run``.
        OutputFailedError: It can't be written there.
    """
    rows = sorted((row.split, row.class_name, row.sha256) for row in contents(dataset))
    with new_folder(run) as folder:
        with (folder / PHOTOS).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["split", "class", "sha256"])
            writer.writerows(rows)
        write_json(folder / CONFIG, config)


def check_same_run(run: Path, config: dict[str, Any]) -> None:
    """Compare a run that shall go on with what was asked for now.

    Raises:
        RunInvalidError: It isn't one, or was begun with other choices or photos.
    """
    try:
        begun = json.loads((run / CONFIG).read_text(encoding="utf-8"))
        begun["options"].keys()
        same = {key: begun[key] == config[key] for key in _SAME}
        same["photos"] = begun["dataset"]["fingerprint"] == config["dataset"]["fingerprint"]
    except OSError as error:
        raise RunInvalidError(run, f"no {CONFIG} to go on with") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunInvalidError(run, f"{CONFIG} can't be gone on with: {error!r}") from error
    for key, is_same in same.items():
        if not is_same:
            raise RunInvalidError(run, f"was begun with other {key}{_named(begun, config, key)}")


def _named(begun: Mapping[str, Any], config: Mapping[str, Any], key: str) -> str:
    """Name the options that differ."""
    if key != "options":
        return ""
    wanted = config[key]
    differ = [name for name in wanted if begun[key].get(name) != wanted[name]]
    return f": {', '.join(differ)}" if differ else ""


def photos_of(run: Path, config: Mapping[str, Any]) -> Mapping[str, frozenset[str]] | None:
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
    if dict(Counter(split for split, _ in rows)) != config["dataset"]["photos"]:
        raise RunInvalidError(run, f"{PHOTOS} isn't the list of the photos that {CONFIG} counts")
    return {name: frozenset(sha256 for split, sha256 in rows if split == name) for name in SPLITS}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    write_file(path, (json.dumps(content, indent=2) + "\n").encode())


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
    for name in (CONFIG, MODEL):
        if not (run / name).is_file():
            raise RunInvalidError(run, f"no {name} here (make a run with 'fundus-edge train')")
    try:
        config = json.loads((run / CONFIG).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise RunInvalidError(run, "config.json is not JSON") from error
    missing = [key for key in _CONFIG_KEYS if not isinstance(config, dict) or key not in config]
    if missing:
        raise RunInvalidError(run, f"config.json lacks {', '.join(missing)}")
    if config["preprocessing"] != plain(PREPROCESSING):
        raise RunInvalidError(run, "was trained with another preprocessing than this version's")
    try:
        model = keras.saving.load_model(run / MODEL, compile=False)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise RunInvalidError(run, "model.keras can't be loaded by Keras") from error
    try:
        _check_config(config, model)
    except ValueError as error:
        raise RunInvalidError(run, f"{CONFIG} {error}") from error
    return config, model


def _check_config(config: Mapping[str, Any], model: keras.Model) -> None:
    """Check the types of what is read from a configuration, and that they fit the model.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    known = read(config, _Config)
    try:
        options_from(known.options)
    except FundusError as error:
        raise ValueError(f"has options that can't be: {error}") from error
    classes = known.classes
    if len(set(classes)) != model.output.shape[-1] or len(set(classes)) != len(classes):
        raise ValueError(f"doesn't name the {model.output.shape[-1]} classes of {MODEL}")
    if any(isinstance(layer, keras.layers.Rescaling) and layer.name == INSIDE
           for layer in model.layers):  # fmt: skip
        raise ValueError("is of an older version, which pooled in another way: train it anew")
    if known.input_size != tuple(model.input.shape[1:3]):
        raise ValueError(f"has another 'input_size' than {MODEL}")
