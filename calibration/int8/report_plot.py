"""Draw what a quantisation costs, layer by layer and tensor by tensor."""

import io
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calibration.int8.report import Report
from edge_runtime.contract import DISCLAIMER

_WORST = 20
_LAYER, _TENSOR = "#b45309", {"weights": "#1d4ed8", "activation": "#0f766e"}
_HOLLOW = "white"


@dataclass(frozen=True)
class _Bar:
    name: str
    decibels: float | None
    colour: str
    is_hollow: bool = False


def report_plot(model: str, report: Report) -> bytes:
    """Draw the layers and tensors of a model that cost most, as a PNG."""
    file = io.BytesIO()
    report_figure(model, report).savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def report_figure(model: str, report: Report) -> Figure:
    """Draw the figure of ``report_plot``; layers that were kept in float have hollow bars."""
    figure = Figure(figsize=(11, 6.5), dpi=90, layout="constrained")
    left, right = figure.subplots(1, 2)
    kept = report.layers_in_float
    layers = [
        _Bar(row.name, row.last_conv_sqnr_db, _LAYER, row.name in kept) for row in report.layers
    ]
    _bars(left, layers, "Last convolution, with this layer alone quantised")
    hollow = [_Bar("kept in float: what it would have cost", None, _LAYER, True)] if kept else []
    _legend(left, [_Bar("quantised", None, _LAYER), *hollow])
    tensors = [_Bar(row.name, row.sqnr_db, _TENSOR[row.kind]) for row in report.tensors]
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
        color=["white" if row.is_hollow else row.colour for row in shown],
        edgecolor=[row.colour for row in shown],
    )
    axes.set_yticks(places, [_short(row.name) for row in shown], fontsize=8)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=10)
    axes.margins(x=0.12)
    axes.bar_label(drawn, fmt="%.1f", padding=3, fontsize=7)


def _legend(axes: Axes, entries: list[_Bar]) -> None:
    handles = [
        axes.barh(
            0, 0, color="white" if e.is_hollow else e.colour, edgecolor=e.colour, label=e.name
        )
        for e in entries
    ]
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.05), ncols=2)


def _short(name: str) -> str:
    """Take the layer's name out of a node's or tensor's: "resnet50_1/conv4_1/Relu:0"."""
    parts = name.split("/")
    return parts[1] if len(parts) > 2 else name
