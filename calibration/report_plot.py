"""Draw what a quantisation costs, layer by layer and tensor by tensor."""

import io
from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from edge_runtime.contract import DISCLAIMER

_WORST = 20


def report_plot(model: str, report: Mapping[str, Any]) -> bytes:
    """Draw the layers and tensors that cost most.

    Args:
        model: The model's name.
        report: Its part of ``quantization_report.json``.

    Returns:
        A PNG.
    """
    figure = Figure(figsize=(11, 6.5), dpi=90, layout="constrained")
    left, right = figure.subplots(1, 2)
    layers = [(row["name"], row["last_conv_sqnr_db"], "#b45309") for row in report["layers"]]
    _bars(left, layers, "Last convolution, with this layer alone quantised")
    colours = {"weights": "#1d4ed8", "activation": "#0f766e"}
    tensors = [(row["name"], row["sqnr_db"], colours[row["kind"]]) for row in report["tensors"]]
    _bars(right, tensors, "Weights alone; activations with all before them")
    handles = [right.barh(0, 0, color=colour, label=kind) for kind, colour in colours.items()]
    right.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.05), ncols=2)
    figure.suptitle(f"{model}: signal to quantisation noise, the {_WORST} worst of each")
    figure.supxlabel(f"dB, more is better. {DISCLAIMER}", fontsize=9)
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _bars(axes: Any, rows: list[tuple[str, float | None, str]], title: str) -> None:
    shown = [(name, value, colour) for name, value, colour in rows if value is not None][:_WORST]
    places = range(len(shown))
    axes.barh(places, [value for _, value, _ in shown], color=[colour for *_, colour in shown])
    axes.set_yticks(places, [_short(name) for name, *_ in shown], fontsize=8)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=10)
    axes.margins(x=0.12)
    for place, (_, value, _) in zip(places, shown, strict=True):
        axes.annotate(f"{value:.1f}", (max(value, 0), place), va="center", fontsize=7)


def _short(name: str) -> str:
    """Take the layer's name out of a node's or tensor's: "resnet50_1/conv4_1/Relu:0"."""
    parts = name.split("/")
    return parts[1] if len(parts) > 2 else name
