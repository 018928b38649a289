"""What a run is made with: the content of its ``config.json``."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import keras
from msgspec import UNSET, Struct, UnsetType

from edge_runtime.bundle.manifest import Texts, TwoSizes
from edge_runtime.bundle.origin import Leaks
from edge_runtime.contract import PREPROCESSING, Preprocessing
from edge_runtime.errors import FundusError
from edge_runtime.system.codec import plain, read
from train.data.dataset import Dataset
from train.data.fingerprint import fingerprint
from train.errors import RunInvalidError
from train.runs.options import FLOAT32, Options, options_from

CONFIG = "config.json"


class TrainedDataset(Struct, frozen=True, kw_only=True):
    """The dataset of a run, see ``TrainedOn``; runs of older versions don't tell all of it."""

    path: str = ""
    name: str = ""
    fingerprint: str
    photos: Mapping[str, int]
    leaks: Leaks | UnsetType = UNSET
    sources: Mapping[str, tuple[str, ...]] | UnsetType = UNSET


class RunConfig(Struct, frozen=True):
    """All that a run is made with; ``input_size`` is (height, width)."""

    options: Options
    classes: Texts
    input_size: TwoSizes
    preprocessing: Preprocessing
    dataset: TrainedDataset
    versions: Mapping[str, str]


def describe_run(dataset: Dataset, *, options: Options) -> RunConfig:
    """Say what a run is made with, but for its dataset's leaks and sources."""
    root = dataset.root.resolve()
    tools = ("fundus-edge", keras.backend.backend(), "keras", "numpy")
    return RunConfig(
        options,
        dataset.classes,
        (options.input_size, options.input_size),
        PREPROCESSING,
        TrainedDataset(
            path=str(root),
            name=root.name,
            fingerprint=fingerprint(dataset),
            photos={name: len(photos) for name, photos in dataset.splits.items()},
        ),
        {name: version(name) for name in tools},
    )


def check_same_run(run: Path, config: RunConfig) -> None:
    """Compare a run that shall go on with what was asked for now.

    Raises:
        RunInvalidError: It isn't one, or was begun with other choices or photos.
    """
    now = json.loads(json.dumps(plain(config)))
    try:
        begun = json.loads((run / CONFIG).read_text(encoding="utf-8"))
        begun["options"] = {"precision": FLOAT32} | begun["options"]  # older runs had no choice
        same = {key: begun[key] == now[key] for key in ("options", "classes", "preprocessing")}
        same["photos"] = begun["dataset"]["fingerprint"] == config.dataset.fingerprint
        was = begun["options"].get
        differ = ", ".join(name for name, value in now["options"].items() if was(name) != value)
    except OSError as error:
        raise RunInvalidError(run, f"no {CONFIG} to go on with") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        cause = f"{CONFIG} can't be gone on with: it isn't as a training writes it"
        raise RunInvalidError(run, cause) from error
    for key, is_same in same.items():
        if not is_same:
            named = f": {differ}" if key == "options" and differ else ""
            raise RunInvalidError(run, f"was begun with other {key}{named}")


def has_choice(run: Path, name: str) -> bool:
    """Tell whether a run says a choice; one of an older version, or no run, doesn't."""
    try:
        return name in choices_of(run)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def choices_of(run: Path) -> Mapping[str, object]:
    """List the choices that a run was made with by the names of its own version.

    An older version had fewer, and ``read_config`` puts today's defaults in their place.
    """
    content = json.loads((run / CONFIG).read_text(encoding="utf-8"))
    return dict(content["options"])


def read_config(run: Path) -> RunConfig:
    """Read what a run was made with.

    Raises:
        RunInvalidError: It can't be, or the preprocessing was another than this version's.
    """
    try:
        content = json.loads((run / CONFIG).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise RunInvalidError(run, f"{CONFIG} is not JSON") from error
    keys = RunConfig.__struct_fields__
    missing = [key for key in keys if not isinstance(content, dict) or key not in content]
    if missing:
        raise RunInvalidError(run, f"{CONFIG} lacks {', '.join(missing)}")
    if content["preprocessing"] != plain(PREPROCESSING):
        raise RunInvalidError(run, "was trained with another preprocessing than this version's")
    try:
        options = options_from(read(content["options"], dict[str, object], at="options"))
        return read(content | {"options": plain(options)}, RunConfig)
    except FundusError as error:
        cause = f"{CONFIG} has options that can't be: {error}"
        raise RunInvalidError(run, cause) from error
    except ValueError as error:
        raise RunInvalidError(run, f"{CONFIG} {error}") from error
