"""Write a measurement of maps as one self-contained HTML page."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from calibration.explanations.faithfulness.faithfulness import MODEL
from calibration.explanations.faithfulness.report import (
    LIMIT_OF_ROAD,
    FaithReport,
    about,
    depth_rows,
    gain_rows,
    kinds_of,
    mean_rows,
    settings_rows,
    similarity_title,
    sufficiency_rows,
    verdicts,
)
from calibration.explanations.faithfulness.weight_randomisation import (
    MOST_ALIKE,
    MOST_LEFT,
    SIMILARITIES,
    Randomisation,
)
from calibration.explanations.panels import as_url, panel
from calibration.explanations.published import publish, to_json
from edge_runtime.errors import printable
from edge_runtime.results.page_template import page_template

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
        settings=settings_rows(report),
        verdicts=verdicts(report),
        kinds=kinds_of(report),
        means=mean_rows(report),
        gains=gain_rows(report),
        sufficiency=sufficiency_rows(report),
        limit_of_road=LIMIT_OF_ROAD,
        curves=_plot_curves(report),
        legend=_legend(report),
        depths=depth_rows(found) if found else [],
        similarities=tuple(map(similarity_title, SIMILARITIES)),
        most_left=MOST_LEFT,
        most_alike=MOST_ALIKE,
        left_out=[
            (printable(each.path.rpartition("/")[2]), each.reason) for each in report.left_out
        ],
        weights=_plot_depths(found) if found else {},
    )


def _legend(report: FaithReport) -> list[tuple[str, str, str]]:
    """Name each kind of map with its colour, its line and its photos."""
    counts = report.result.measures[0].maps
    return [
        (kind, _COLOURS[kind], f"{kind} ({counts[kind].photos} photos)")
        for kind in kinds_of(report)
    ]


def _plot_curves(report: FaithReport) -> dict[str, str]:
    """Draw what is left of probability and logit as the eye goes away or comes back."""
    curves = report.result.curves
    parts: dict[str, tuple[Sequence[float], Mapping[str, tuple[float, ...]]]] = {
        "deletion: hottest replaced by the mean colour": (curves.shares, curves.deletion),
        "insertion: hottest put back into a blurred eye": (curves.shares, curves.insertion),
        "ROAD: hottest removed": (curves.removed, curves.hottest_first),
        "ROAD: coldest removed": (curves.removed, curves.coldest_first),
    }
    found = {}
    for title, (shares, points) in parts.items():
        for scale in ("probability", "logit"):
            figure, axes = panel(height=2.2)
            for kind in kinds_of(report):
                axes.plot(
                    [100 * share for share in shares],
                    points[f"{kind} {scale}"],
                    color=_COLOURS[kind],
                    linewidth=2.4 if kind == MODEL else 1.2,
                    linestyle="-" if kind in (MODEL, "other photo") else "--",
                )
            axes.set_xlabel("% of the eye", fontsize=8)
            found[f"{title}, {scale}"] = as_url(figure)
    return found


def _plot_depths(found: Randomisation) -> dict[str, str]:
    """Draw how like the maps stay as layer after layer is shuffled, beside chance."""
    return {similarity_title(name): _depths(found, name) for name in SIMILARITIES}


def _depths(found: Randomisation, name: str) -> str:
    figure, axes = panel(height=3.2)
    places = range(len(found.depths) + 1)
    means = [each.similarity[name] for each in found.depths]
    values = [np.nan if each.value is None else each.value for each in means]
    axes.plot(places, [1.0, *values], "o-", color="#2f6f8f", markersize=4)
    for place, each in zip(places[1:], means, strict=True):
        if each.interval:
            axes.plot([place, place], each.interval, color="#2f6f8f", linewidth=1)
    chance = found.chance[name]
    if chance.value is not None:
        axes.axhline(chance.value, color="#9d1c1c", linestyle="--", linewidth=1)
    labels = ["untouched", *(each.layer for each in found.depths)]
    axes.set_xticks(places, labels, rotation=90, fontsize=7)
    return as_url(figure)
