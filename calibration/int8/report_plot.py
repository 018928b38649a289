"""Draw what a quantisation costs, layer by layer and tensor by tensor."""

import io
from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from edge_runtime.contract import DISCLAIMER

_WORST = 20
_LAYER, _TENSOR = "#b45309", {"weights": "#1d4ed8", "activation": "#0f766e"}
_HOLLOW = "white"


def report_plot(model: str, report: Mapping[str, Any]) -> bytes:
    """Draw the layers and tensors that cost most.

    Args:
        model: The model's name.
        report: Its part of ``quantization_report.json``.

    Returns:
        A PNG.
    """
    file = io.BytesIO()
    report_figure(model, report).savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def report_figure(model: str, report: Mapping[str, Any]) -> Figure:
    """Draw the figure of ``report_plot``; layers that were kept in float have hollow bars."""
    figure = Figure(figsize=(11, 6.5), dpi=90, layout="constrained")
    left, right = figure.subplots(1, 2)
    kept = set(report["layers_in_float"])
    layers = [
        (row["name"], row["last_conv_sqnr_db"], _HOLLOW if row["name"] in kept else _LAYER, _LAYER)
        for row in report["layers"]
    ]
    _bars(left, layers, "Last convolution, with this layer alone quantised")
    entries = [("quantised", _LAYER, _LAYER)]
    if kept:
        entries.append(("kept in float: what it would have cost", _HOLLOW, _LAYER))
    _legend(left, entries)
    tensors = [
        (row["name"], row["sqnr_db"], _TENSOR[row["kind"]], _TENSOR[row["kind"]])
        for row in report["tensors"]
    ]
    _bars(right, tensors, "Weights alone; activations with all before them")
    _legend(right, [(kind, colour, colour) for kind, colour in _TENSOR.items()])
    figure.suptitle(f"{model}: signal to quantisation noise, the {_WORST} worst of each")
    figure.supxlabel(f"dB, more is better. {DISCLAIMER}", fontsize=9)
    return figure


def _bars(axes: Any, rows: list[tuple[str, float | None, str, str]], title: str) -> None:
    """Draw rows of name, decibels, colour of the bar and colour of its edge, the first on top."""
    shown = [
        (name, value, colour, edge) for name, value, colour, edge in rows if value is not None
    ][:_WORST]
    places = range(len(shown))
    axes.barh(
        places,
        [value for _, value, _, _ in shown],
        color=[colour for _, _, colour, _ in shown],
        edgecolor=[edge for *_, edge in shown],
    )
    axes.set_yticks(places, [_short(name) for name, *_ in shown], fontsize=8)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=10)
    axes.margins(x=0.12)
    for place, (_, value, _, _) in zip(places, shown, strict=True):
        axes.annotate(
            f"{value:.1f}",
            (max(value, 0), place),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
        )


def _legend(axes: Any, entries: list[tuple[str, str, str]]) -> None:
    handles = [
        axes.barh(0, 0, color=colour, edgecolor=edge, label=label)
        for label, colour, edge in entries
    ]
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.05), ncols=2)


def _short(name: str) -> str:
    """Take the layer's name out of a node's or tensor's: "resnet50_1/conv4_1/Relu:0"."""
    parts = name.split("/")
    return parts[1] if len(parts) > 2 else name
