"""Write the report of a quantisation: which layer and which tensor costs what."""

import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from calibration.compare.sqnr import TensorSqnr
from calibration.int8.search import SearchResult
from calibration.models.weights import layer_of
from edge_runtime.bundle.verdict import GateVerdict
from edge_runtime.contract import DISCLAIMER
from edge_runtime.system.codec import plain

#: What the names of all files of a report begin with.
REPORT_STEM = "quantization_report"

_COLOURS = 64
_WORST = 20
_LAYER, _TENSOR = "#b45309", {"weights": "#1d4ed8", "activation": "#0f766e"}
_HOLLOW = "white"


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
    """Put a report together, with what ``layer_costs`` and ``tensor_sqnr`` found."""
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


@dataclass(frozen=True)
class _Bar:
    name: str
    decibels: float | None
    colour: str
    is_hollow: bool = False


def report_plot(model: str, found: Report) -> bytes:
    """Draw the layers and tensors of a model that cost most, as a PNG of few colours."""
    drawn, file = io.BytesIO(), io.BytesIO()
    report_figure(model, found).savefig(drawn, format="png", metadata={"Software": None})
    Image.open(drawn).convert("RGB").quantize(_COLOURS).save(file, format="png", optimize=True)
    return file.getvalue()


def report_figure(model: str, found: Report) -> Figure:
    """Draw the figure of ``report_plot``; layers that were kept in float have hollow bars."""
    figure = Figure(figsize=(11, 6.5), dpi=90, layout="constrained")
    left, right = figure.subplots(1, 2)
    kept = found.layers_in_float
    layers = [
        _Bar(row.name, row.last_conv_sqnr_db, _LAYER, row.name in kept) for row in found.layers
    ]
    _bars(left, layers, "Last convolution, with this layer alone quantised")
    hollow = [_Bar("kept in float: what it would have cost", None, _LAYER, True)] if kept else []
    _legend(left, [_Bar("quantised", None, _LAYER), *hollow])
    tensors = [_Bar(row.name, row.sqnr_db, _TENSOR[row.kind]) for row in found.tensors]
    _bars(right, tensors, "Weights alone; activations with all before them")
    _legend(right, [_Bar(kind, None, colour) for kind, colour in _TENSOR.items()])
    figure.suptitle(f"{model}: signal to quantisation noise, the {_WORST} worst of each")
    figure.supxlabel(f"dB, more is better. {DISCLAIMER}", fontsize=9)
    return figure


def _bars(axes: Axes, rows: list[_Bar], title: str) -> None:
    """Draw rows, the first on top."""
    shown = [row for row in rows if row.decibels is not None][:_WORST]
    places = range(len(shown))
    drawn = axes.barh(
        places,
        [row.decibels or 0.0 for row in shown],
        color=[_HOLLOW if row.is_hollow else row.colour for row in shown],
        edgecolor=[row.colour for row in shown],
    )
    axes.set_yticks(places, [layer_of(row.name) for row in shown], fontsize=8)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=10)
    axes.margins(x=0.12)
    axes.bar_label(drawn, fmt="%.1f", padding=3, fontsize=7)


def _legend(axes: Axes, entries: list[_Bar]) -> None:
    handles = [
        axes.barh(
            0, 0, color=_HOLLOW if e.is_hollow else e.colour, edgecolor=e.colour, label=e.name
        )
        for e in entries
    ]
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.05), ncols=2)
