"""Write a measurement of maps as one self-contained HTML page."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calibration.explanations.faithfulness.faithfulness import MODEL
from calibration.explanations.faithfulness.report import (
    LIMIT_OF_ROAD,
    FaithReport,
    about,
    depth_rows,
    gain_rows,
    kinds_of,
    mean_rows,
    sufficiency_rows,
    verdicts,
)
from calibration.explanations.faithfulness.weight_randomisation import (
    MOST_ALIKE,
    MOST_LEFT,
    SIMILARITIES,
    Randomisation,
)
from calibration.explanations.published import publish, to_json
from edge_runtime.errors import printable
from edge_runtime.results.embedded import data_url
from edge_runtime.results.page_template import page_template

matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "fundus-edge"

PAGE, RECORD = "faithfulness.html", "faithfulness.json"

_TEMPLATES = Path(__file__).parent / "templates"
_COLOURS = {
    MODEL: "#2f6f8f", "random": "#9aa3b2", "centre": "#b3541e", "uniform": "#5d6675",
    "other photo": "#1f6b45",
}  # fmt: skip


def write_report(report: FaithReport, folder: Path) -> None:
    """Write ``faithfulness.html`` and ``faithfulness.json`` into a new folder, both or none.

    Raises:
        OutputExistsError: Something stands there.
        OutputFailedError: It can't be written.
    """
    publish(folder, (PAGE, faithfulness_page(report)), (RECORD, to_json(report)))


def faithfulness_page(report: FaithReport) -> str:
    """Write the page; every figure on it stands in ``faithfulness.json`` too."""
    found = report.randomisation
    return page_template("faithfulness.html.jinja", _TEMPLATES).render(
        report=report,
        about=about(report),
        verdicts=verdicts(report),
        kinds=kinds_of(report),
        means=mean_rows(report),
        gains=gain_rows(report),
        sufficiency=sufficiency_rows(report),
        limit_of_road=LIMIT_OF_ROAD,
        curves=_plot_curves(report),
        depths=depth_rows(found) if found else [],
        similarities=SIMILARITIES,
        most_left=MOST_LEFT,
        most_alike=MOST_ALIKE,
        left_out=[
            (printable(each.path.rpartition("/")[2]), each.reason) for each in report.left_out
        ],
        weights=_plot_depths(found) if found else "",
    )


def _plot_curves(report: FaithReport) -> str:
    """Draw what is left of probability and logit as the eye goes away or comes back."""
    curves, counts = report.result.curves, report.result.measures[0].maps
    figure = Figure(figsize=(9, 9.5), layout="constrained")
    parts: list[tuple[str, Sequence[float], Mapping[str, tuple[float, ...]]]] = [
        ("deletion: hottest replaced by the mean colour", curves.shares, curves.deletion),
        ("insertion: hottest put back into a blurred eye", curves.shares, curves.insertion),
        ("ROAD: hottest removed", curves.removed, curves.hottest_first),
        ("ROAD: coldest removed", curves.removed, curves.coldest_first),
    ]
    grid = figure.subplots(4, 2)
    for row, (title, shares, points) in zip(grid, parts, strict=True):
        for axes, scale in zip(row, ("probability", "logit"), strict=True):
            for kind in kinds_of(report):
                axes.plot(
                    [100 * share for share in shares],
                    points[f"{kind} {scale}"],
                    color=_COLOURS[kind],
                    linewidth=2.4 if kind == MODEL else 1.2,
                    linestyle="-" if kind in (MODEL, "other photo") else "--",
                    label=f"{kind} ({counts[kind].photos} photos)",
                )
            _plain(axes, title, "% of the eye", scale)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, fontsize=9, loc="outside upper left", ncols=5)
    return _svg(figure)


def _plot_depths(found: Randomisation) -> str:
    """Draw how like the maps stay as layer after layer is shuffled, beside chance."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    places = range(len(found.depths) + 1)
    for axes, name in zip(figure.subplots(1, 2), SIMILARITIES, strict=True):
        means = [each.similarity[name] for each in found.depths]
        axes.plot(
            places, [1.0, *(each.value for each in means)], "o-", color="#2f6f8f", markersize=4
        )
        for place, each in zip(places[1:], means, strict=True):
            if each.interval:
                axes.plot([place, place], each.interval, color="#2f6f8f", linewidth=1)
        chance = found.chance[name]
        if chance.value is not None:
            axes.axhline(chance.value, color="#9d1c1c", linestyle="--", linewidth=1)
        _plain(axes, f"{name} (dashed: chance)", "", "likeness to the untouched map")
        labels = ["untouched", *(each.layer for each in found.depths)]
        axes.set_xticks(places, labels, rotation=90, fontsize=7)
    return _svg(figure)


def _plain(axes: Axes, title: str, across: str, up: str) -> None:
    axes.set_title(title, fontsize=9)
    axes.set_xlabel(across, fontsize=8)
    axes.set_ylabel(up, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _svg(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return data_url(buffer.getvalue(), "image/svg+xml")
