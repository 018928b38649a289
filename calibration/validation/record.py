"""What ``validation.json`` holds: what was made of what, what was found, and what to know of it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from platform import python_version, system

import numpy as np
from msgspec import UNSET, UnsetType

from calibration.compare.by_source import PairedBySource
from calibration.compare.comparison import ModelFigures
from calibration.compare.map_drift import DriftByClass, WorstPhoto
from calibration.models.evaluation_set import EvaluationSet
from calibration.models.model_under_test import ModelFile
from calibration.validation.options import Settings
from calibration.validation.speed import Speed
from edge_runtime.bundle.bundle import Bundle
from edge_runtime.bundle.manifest import FileEntry
from edge_runtime.bundle.metrics import AsPredicted, GateFigures
from edge_runtime.bundle.verdict import GateVerdict
from edge_runtime.system.machine import processor
from train.data.fingerprint import fingerprint
from train.data.labelled import Dataset, class_indices
from train.evaluation.as_predicted import as_predicted_line

#: The original's name among the speeds.
ORIGINAL = "(original)"

#: Below so many photos one of them is more than the share that the agreement gate allows.
FEW_PHOTOS = 100

#: What the quality gate has to do with the gates.
GATES_JUDGE_ALL = (
    "The gates judge all photos, also those that the quality gate of 'predict' refuses: on them "
    "too a model must do as its original does."
)

_PACKAGES = (
    "fundus-edge", "onnxruntime", "ai-edge-litert", "tensorflow", "keras", "numpy",
    "opencv-python-headless", "scikit-learn", "scipy",
)  # fmt: skip

#: Extensions that int8 arithmetic gains by.
_CPU_FLAGS = ("avx2", "avx_vnni", "avx512f", "avx512_vnni")


@dataclass(frozen=True)
class BundleRecord:
    """Which bundle was validated: the hash of its manifest, and every file's."""

    name: str
    identity: str
    created: str
    files: Mapping[str, FileEntry]


@dataclass(frozen=True)
class DataRecord:
    """Which photos were asked about; the fingerprints are those of ``train.data.fingerprint``."""

    name: str
    split: str
    photos: int
    photos_by_class: Mapping[str, int]
    photos_without_class: int
    groups: int
    fingerprint: str
    fingerprint_of_split: str
    is_the_training_data: bool


@dataclass(frozen=True)
class Machine:
    """What the figures were measured on; ``cpu_flags`` are those that int8 gains by."""

    system: str
    cpu: str
    cores: int
    cpu_flags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ModelRecord(ModelFile, ModelFigures):
    """A model, all its figures, and what the gates said; ``by_source`` where photos have any.

    Of the "original" and of the "model", ``confusion`` has C rows of true classes of all photos,
    and ``as_predicted`` what they get behind the quality gate; the gates judge without it.
    """

    passed: bool
    gates: tuple[GateVerdict, ...]
    by_source: PairedBySource | UnsetType = UNSET
    confusion: Mapping[str, tuple[tuple[int, ...], ...]]
    as_predicted: Mapping[str, AsPredicted]
    worst: tuple[WorstPhoto, ...]


@dataclass(frozen=True, kw_only=True)
class ValidationRecord:
    """A whole validation: what was compared with what, on what, and what was found.

    ``gates`` are the limits, ``gate`` what the quality gate of ``predict`` refuses of the photos,
    ``controls`` the drift of the original's maps against its own of
    changed photos, of other photos and of another training, ``speed`` has the original too.
    """

    schema: int = 1
    disclaimer: str
    created: str
    bundle: BundleRecord
    original: ModelFile
    data: DataRecord
    classes: tuple[str, ...]
    settings: Settings
    machine: Machine
    versions: Mapping[str, str]
    passed: bool
    gates: Mapping[str, float]
    gate: GateFigures
    models: Mapping[str, ModelRecord]
    controls: Mapping[str, DriftByClass]
    speed: Mapping[str, Speed]


def bundle_record(bundle: Bundle) -> BundleRecord:
    """Say which bundle it is."""
    manifest = bundle.manifest
    return BundleRecord(manifest.name, bundle.identity, manifest.created, manifest.files)


def data_record(data: EvaluationSet, bundle: Bundle) -> DataRecord:
    """Say which photos were asked about, and whether they are of the bundle's own dataset."""
    dataset, photos = data.dataset, data.photos
    whole, trained_on = fingerprint(dataset), bundle.manifest.origin.dataset
    counts = np.bincount(class_indices(photos), minlength=len(dataset.classes))
    return DataRecord(
        name=dataset.root.resolve().name,
        split=data.split,
        photos=len(photos),
        photos_by_class=dict(zip(dataset.classes, counts.tolist(), strict=True)),
        photos_without_class=len(data.others),
        groups=len(np.unique(data.groups)),
        fingerprint=whole,
        fingerprint_of_split=fingerprint(
            Dataset(dataset.root, dataset.classes, {data.split: photos})
        ),
        is_the_training_data=bool(trained_on and trained_on.fingerprint == whole),
    )


def machine_record() -> Machine:
    """Describe what the figures are measured on."""
    found = processor()
    flags = tuple(flag for flag in _CPU_FLAGS if flag in found.flags)
    return Machine(f"{system()} {found.machine}", found.model, found.cores, flags)


def versions_record() -> dict[str, str]:
    """List the programs that the figures depend on."""
    found = {"python": python_version()}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def as_predict_answers(entry: ModelRecord) -> str:
    """Say what a user gets of a model, whose gates judge photos that get no answer too."""
    found = as_predicted_line(entry.as_predicted["model"])
    return f"{GATES_JUDGE_ALL} As 'predict' answers: {found}."


def cautions(record: ValidationRecord) -> tuple[str, ...]:
    """List what a reader must know of a validation beside its verdict, a sentence each."""
    data, found = record.data, []
    if data.photos < FEW_PHOTOS:
        found.append(
            f"{data.photos} photos are few: intervals are wide, and gates on shares of photos "
            "say little."
        )
    if not data.is_the_training_data:
        found.append("The data isn't the dataset that the model was trained on and measured with.")
    elif data.split == "val_dir":
        found.append(
            "val_dir also chose the model's training and, in a calibrated bundle, its temperature "
            "and thresholds."
        )
    back, in_place = (
        record.controls[key].measures.get("pearson") for key in ("mirrored", "mirrored_in_place")
    )
    if back and in_place and in_place.median > back.median:
        found.append(
            "The original's heatmaps follow the frame rather than the eye: when the photo is "
            f"mirrored, they correlate with the first ones by {back.median:.2f} turned back, but "
            f"by {in_place.median:.2f} in place."
        )
    return tuple(found)
