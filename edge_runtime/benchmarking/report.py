"""What a benchmark tells: ``--json`` prints it as it is, and a person gets a table of it."""

from dataclasses import dataclass
from typing import Literal

from edge_runtime.bundle.verdict import Validation
from edge_runtime.predict.record import BundleIdentity
from edge_runtime.system.machine import Conditions, Processor


@dataclass(frozen=True)
class Model:
    """Which model file was measured, what its validation said, and why to doubt it, if so."""

    name: str
    precision: str
    sha256: str
    validation: Validation
    doubt: str | None


@dataclass(frozen=True)
class Photo:
    """What was predicted: ``file`` is its name, None of a drawn one, ``size`` (height, width)."""

    file: str | None
    size: tuple[int, int]


@dataclass(frozen=True)
class Latency:
    """Of some queries, in milliseconds."""

    p50: float
    p90: float
    p99: float
    max: float
    mean: float


@dataclass(frozen=True)
class Drift:
    """The medians of the first and the last ``window_s`` of a run; ``ratio`` is last to first."""

    window_s: float
    first_p50_ms: float
    last_p50_ms: float
    ratio: float


@dataclass(frozen=True)
class Run:
    """One configuration; ``latency_ms`` is of the "total" and of each stage."""

    model: Model
    bundle: BundleIdentity
    photo: Photo
    threads: int
    providers: tuple[str, ...]
    optimised_model_from_cache: bool
    bundle_ms: float
    load_ms: float
    first_prediction_ms: float
    first_inference_ms: float
    queries: int
    seconds: float
    rule_met: bool
    latency_ms: dict[str, Latency]
    drift: Drift
    peak_rss_mib: float
    conditions: dict[Literal["before", "after"], Conditions]


@dataclass(frozen=True)
class Machine(Processor):
    """On what was measured, and with which version of ONNX Runtime."""

    onnxruntime: str


@dataclass(frozen=True)
class Report:
    """Runs of one machine; ``schema`` counts the form of all this."""

    schema: int
    machine: Machine
    runs: tuple[Run, ...]
