"""Write the report of a quantisation: which layer and which tensor costs what."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calibration.compare.sqnr import TensorSqnr
from calibration.int8.search import SearchResult
from edge_runtime.bundle.origin import GateVerdict
from edge_runtime.contract import DISCLAIMER
from edge_runtime.system.codec import plain

#: What the names of all files of a report begin with.
REPORT_STEM = "quantization_report"


@dataclass(frozen=True)
class ReportedTrial:
    """A quantisation that was evaluated, with the layers that stayed in float."""

    method: str
    layers_in_float: tuple[str, ...]
    passed: bool
    probability_difference_mean: float
    gates: tuple[GateVerdict, ...]


@dataclass(frozen=True)
class ReportedLayer:
    """The SQNR of the last convolution with one layer alone quantised, None without any error."""

    name: str
    last_conv_sqnr_db: float | None


@dataclass(frozen=True)
class ReportedTensor:
    """A tensor's SQNR, None without any error; ``kind`` is "weights" or "activation"."""

    name: str
    kind: str
    sqnr_db: float | None


@dataclass(frozen=True)
class Report:
    """What a search for one target found; layers and tensors are listed worst first."""

    target: str
    method: str
    layers_in_float: tuple[str, ...]
    reason: str
    trials: tuple[ReportedTrial, ...]
    layers: tuple[ReportedLayer, ...]
    tensors: tuple[ReportedTensor, ...]


def report(
    target: str, found: SearchResult, costs: Mapping[str, float], tensors: Sequence[TensorSqnr]
) -> Report:
    """Put a report together.

    Args:
        target: The kind of processor.
        found: All that was tried.
        costs: By layer, from ``layer_costs``.
        tensors: From ``tensor_sqnr``.
    """
    best = found.best
    return Report(
        target,
        best.method,
        best.in_float,
        found.reason,
        tuple(
            ReportedTrial(t.method, t.in_float, t.passed, t.distance, t.verdicts)
            for t in found.trials
        ),
        tuple(ReportedLayer(name, _rounded(cost)) for name, cost in costs.items()),
        tuple(ReportedTensor(t.name, t.kind, _rounded(t.sqnr_db)) for t in tensors),
    )


def report_json(reports: Mapping[str, Report]) -> bytes:
    """Write the reports by model as ``quantization_report.json``."""
    record = {"schema": 1, "disclaimer": DISCLAIMER, "models": plain(reports)}
    return (json.dumps(record, indent=1, allow_nan=False) + "\n").encode()


def _rounded(decibels: float) -> float | None:
    """Make decibels fit for JSON: None where there is no error, -200 where nothing else is."""
    if decibels == math.inf:
        return None
    return round(decibels, 2) if math.isfinite(decibels) else -200.0
