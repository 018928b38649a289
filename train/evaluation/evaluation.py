"""What an evaluation found, as ``metrics.json`` holds it."""

from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from edge_runtime.bundle.metrics import Interval, Metrics
from edge_runtime.bundle.origin import Leaks
from edge_runtime.contract import DISCLAIMER
from edge_runtime.predict.record import BundleIdentity
from train.evaluation.evidence import Evidence
from train.metrics.reliability import ReliabilityBin


@dataclass(frozen=True)
class BinFigures(ReliabilityBin):
    """A bin of the reliability diagram, and how sure its accuracy is."""

    groups: int
    interval: Interval | None


@dataclass(frozen=True)
class PhotoError:
    """A photo that was given another class than its own."""

    photo: str
    true: str
    predicted: str
    confidence: float


@dataclass(frozen=True)
class DatasetIdentity:
    """A dataset's name, and the fingerprint of the photos of it that were evaluated."""

    name: str
    fingerprint: str


@dataclass(frozen=True)
class ModelIdentity:
    """A model of a bundle, and the gradients by which its maps were made."""

    name: str
    format: str
    precision: str
    sha256: str
    gradients: str


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Which model was measured on which photos, and what it had seen of them before.

    ``title`` stands over any table or plot: the ``split``, and what a reader must know of it.
    ``trained_on`` is how many of the photos the model was fitted to, None where nothing tells;
    ``leaks`` are those of the training's split where these are its held-out photos and it has any;
    ``grouping`` says how the photos' groups were found. Of a bundle also: ``calibrated_on``, how
    many set the ranges of quantised models, and ``chosen_on``, whether training, temperature and
    thresholds were chosen by these photos.
    """

    title: str = ""
    run: str | UnsetType = UNSET
    bundle: BundleIdentity | UnsetType = UNSET
    model: ModelIdentity | UnsetType = UNSET
    dataset: DatasetIdentity | UnsetType = UNSET
    trained_on: int | UnsetType | None = UNSET
    calibrated_on: int | UnsetType | None = UNSET
    leaks: Leaks | None = None
    chosen_on: bool | UnsetType = UNSET
    grouping: str = ""
    test_time_flips: bool | UnsetType = UNSET
    split: str = ""


@dataclass(frozen=True, kw_only=True)
class Evaluation(Metrics, Provenance):
    """Everything that was measured of a model on the photos of one split.

    ``without_class`` is of how many more photos only a class that they aren't is known; they count
    by source alone. Where the quality gate was asked there are ``evidence`` and ``with_gate``, the
    metrics of the photos that it lets pass, None where it lets none. Runs of older versions lack
    some of it.
    """

    without_class: int = 0
    reliability: tuple[BinFigures, ...] = ()
    worst_errors: tuple[PhotoError, ...] = ()
    evidence: Evidence | UnsetType = UNSET
    with_gate: Metrics | UnsetType | None = UNSET
    disclaimer: str = DISCLAIMER
