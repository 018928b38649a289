"""What ``validation.json`` holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from calibration.compare.by_source import PairedBySource
from calibration.compare.comparison import ModelFigures
from calibration.compare.map_drift import DriftByClass, WorstPhoto
from calibration.models.model_under_test import ModelFile
from calibration.validation.options import Settings
from calibration.validation.speed import Speed
from edge_runtime.bundle.manifest import FileEntry
from edge_runtime.bundle.origin import GateVerdict

#: The original's name among the speeds.
ORIGINAL = "(original)"


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
    """A model, all its figures, and what the gates said; ``by_source`` where photos have any."""

    passed: bool
    gates: tuple[GateVerdict, ...]
    by_source: PairedBySource | UnsetType = UNSET
    worst: tuple[WorstPhoto, ...]


@dataclass(frozen=True, kw_only=True)
class ValidationRecord:
    """A whole validation: what was compared with what, on what, and what was found.

    ``gates`` are the limits, ``controls`` the drift of the original's maps against its own of
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
    models: Mapping[str, ModelRecord]
    controls: Mapping[str, DriftByClass]
    speed: Mapping[str, Speed]
