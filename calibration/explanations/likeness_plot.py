"""Draw how alike maps are, beside what chance gives, as a URL that holds the plot."""

import io
from collections.abc import Mapping

import matplotlib
from matplotlib.figure import Figure

from calibration.explanations.likeness import Measures
from calibration.explanations.map_pairs import TITLES
from edge_runtime.results.embedded import data_url

matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "fundus-edge"

_OWN, _CHANCE = "#2f6f8f", "#8a93a3"
_COLUMNS = 3


def plot_likeness(rows: Mapping[str, Measures], *, chance: frozenset[str]) -> str:
    """Draw the mean and the interval of each row, a panel for each measure.

    Args:
        rows: The measures by what they are of.
        chance: Which of the rows are controls.
    """
    lines = -(-len(TITLES) // _COLUMNS)
    height = lines * (0.24 * len(rows) + 0.75)
    figure = Figure(figsize=(10, height), layout="constrained")
    panels = figure.subplots(lines, _COLUMNS, sharey=True).ravel()
    for axes in panels[len(TITLES) :]:
        axes.set_axis_off()
    for axes, (name, title) in zip(panels, TITLES.items(), strict=False):
        for place, (label, measures) in enumerate(rows.items()):
            found = measures[name]
            colour = _CHANCE if label in chance else _OWN
            if found.interval is not None:
                axes.plot(found.interval, [place, place], color=colour, linewidth=2)
            if found.value is not None:
                axes.plot(found.value, place, "o", color=colour, markersize=5)
        axes.set_title(title, fontsize=8)
        axes.set_yticks(range(len(rows)), list(rows))
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.tick_params(labelsize=8)
        axes.grid(axis="x", color="#dde1e8", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return data_url(buffer.getvalue(), "image/svg+xml")
