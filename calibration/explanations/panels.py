"""Write plots as URLs that hold them, a panel each, so that a page sets as many abreast as fit."""

import io

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edge_runtime.results.embedded import data_url

matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "fundus-edge"

_LONGEST = 30  # letters of a label, which else would leave the panel no room
_WIDTH = 3.3  # inches: a phone shows one at this size or larger, and a desk three abreast


def panel(*, height: float) -> tuple[Figure, Axes]:
    """Begin a panel that can be read on a phone.

    Args:
        height: Inches.
    """
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    axes = figure.subplots()
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def short_label(label: str) -> str:
    """Cut the middle out of a label that is too long for a panel, as a path may be."""
    if len(label) <= _LONGEST:
        return label
    return f"{label[: _LONGEST // 3]}\N{HORIZONTAL ELLIPSIS}{label[1 - 2 * _LONGEST // 3 :]}"


def as_url(figure: Figure) -> str:
    """Write a figure as an SVG in a URL; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return data_url(buffer.getvalue(), "image/svg+xml")
