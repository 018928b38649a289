"""Draw curves against the strength, and the worst cases side by side, as URLs."""

import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from calibration.explanations.estimate import Estimate
from calibration.explanations.explained import Floats
from calibration.explanations.map_pairs import OTHER_PERSON
from calibration.explanations.stability.perturbations import STRENGTHS, perturb
from calibration.explanations.stability.perturbed import Image
from calibration.explanations.stability.record import StabilityRecord, WorstCase
from calibration.explanations.stability.shake import read_field
from calibration.explanations.stability.shaken import Shaken
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.overlay import lay_heatmap
from edge_runtime.photo.field import Field
from edge_runtime.results.embedded import data_url, embedded

matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "fundus-edge"

_MAP, _CLASS, _FAINT = "#2f6f8f", "#b3541e", "#9aa3b2"
_SIDE = 220  # pixels


def plot_curves(record: StabilityRecord) -> str:
    """Draw correlation and class kept against the strength, a panel for each perturbation."""
    columns = min(4, len(record.perturbations))
    rows = -(-len(record.perturbations) // columns)
    figure = Figure(figsize=(2.4 * columns, 2 * rows + 0.6), layout="constrained")
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    chance = record.baselines[OTHER_PERSON].measures["pearson"].value
    steps = np.arange(STRENGTHS + 1)
    for panel, (name, of) in zip(axes, record.perturbations.items(), strict=False):
        maps = [at.all["pearson"] for at in of.strengths]
        panel.fill_between(steps, *_band(maps), color=_MAP, alpha=0.2, linewidth=0)
        panel.plot(steps, _line(maps), "o-", color=_MAP, markersize=3, label="map: correlation")
        kept = [1 - (at.changed.value or 0) for at in of.strengths]
        panel.plot(steps, [1, *kept], "s--", color=_CLASS, markersize=3, label="class: share kept")
        if chance is not None:
            panel.axhline(chance, color=_FAINT, linestyle=":", label="maps of others' photos")
        panel.set_title(name, fontsize=9)
        panel.set(ylim=(min(0, (chance or 0) - 0.1), 1.05), xticks=steps)
        panel.tick_params(labelsize=8)
        panel.spines[["top", "right"]].set_visible(False)
    for panel in axes[len(record.perturbations) :]:
        panel.set_axis_off()
    figure.supxlabel("strength, 0 is the photo as it is", fontsize=9)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, fontsize=8, loc="outside upper left", ncols=3)
    return _svg(figure)


def worst_pictures(case: WorstCase, shaken: Shaken, record: StabilityRecord) -> dict[str, str]:
    """Draw a photo and its map, and both after the perturbation, the map carried back.

    Raises:
        PhotoNotFoundError: The photo's file is gone.
        PhotoUnreadableError: It can't be read any more.
    """
    untouched, at = shaken.untouched, shaken.names.index(case.perturbation)
    image, inside = read_field(Path(case.photo), size=record.input_size)
    changed = perturb(image, inside, case.perturbation, amount=case.amount, seed=record.seed)
    before = untouched.maps[case.index, untouched.top[case.index]]
    after = shaken.maps[case.index, at, case.strength - 1]
    return {
        "photo": embedded(image, side=_SIDE),
        "its map": embedded(_overlay(image, before), side=_SIDE),
        "perturbed": embedded(changed.image, side=_SIDE),
        "its map then, carried back": embedded(_overlay(image, after), side=_SIDE),
    }


def _overlay(image: Image, cam: Floats) -> Image:
    height, width = image.shape[:2]
    field = Field.of_box(0, 0, width, height)
    return lay_heatmap(image, heatmap(cam), field, photo_size=(height, width))


def _line(figures: Sequence[Estimate]) -> list[float]:
    """Begin a curve with strength 0, where nothing is changed."""
    return [1.0, *(np.nan if each.value is None else each.value for each in figures)]


def _band(figures: Sequence[Estimate]) -> tuple[list[float], list[float]]:
    spans = [each.interval or (each.value, each.value) for each in figures]
    low, high = (
        [np.nan if end is None else end for end in ends] for ends in zip(*spans, strict=True)
    )
    return [1.0, *low], [1.0, *high]


def _svg(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return data_url(buffer.getvalue(), "image/svg+xml")
