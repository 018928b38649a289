"""Draw curves against the strength, and the worst cases side by side, as URLs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from calibration.explanations.estimate import Estimate
from calibration.explanations.explained import Floats
from calibration.explanations.map_pairs import OTHER_PERSON
from calibration.explanations.panels import as_url, panel
from calibration.explanations.stability.perturbations import STRENGTHS, perturb
from calibration.explanations.stability.perturbed import Image
from calibration.explanations.stability.record import StabilityRecord, UnderPerturbation, WorstCase
from calibration.explanations.stability.shake import read_field
from calibration.explanations.stability.shaken import Shaken
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.overlay import lay_heatmap
from edge_runtime.photo.field import Field
from edge_runtime.results.embedded import embedded

_MAP, _CLASS, _FAINT = "#2f6f8f", "#b3541e", "#9aa3b2"
_SIDE = 220  # pixels


def plot_curves(record: StabilityRecord) -> dict[str, str]:
    """Draw correlation and class kept against the strength, a panel's URL by perturbation."""
    chance = record.baselines[OTHER_PERSON].measures["pearson"].value
    return {name: _curve(of, chance) for name, of in record.perturbations.items()}


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


def _curve(of: UnderPerturbation, chance: float | None) -> str:
    figure, axes = panel(height=1.9)
    steps = np.arange(STRENGTHS + 1)
    maps = [at.all["pearson"] for at in of.strengths]
    axes.fill_between(steps, *_band(maps), color=_MAP, alpha=0.2, linewidth=0)
    axes.plot(steps, _line(maps), "o-", color=_MAP, markersize=3)
    kept = [1 - (at.changed.value or 0) for at in of.strengths]
    axes.plot(steps, [1, *kept], "s--", color=_CLASS, markersize=3)
    if chance is not None:
        axes.axhline(chance, color=_FAINT, linestyle=":")
    axes.set(ylim=(min(0, (chance or 0) - 0.1), 1.05), xticks=steps)
    return as_url(figure)


def _line(figures: Sequence[Estimate]) -> list[float]:
    """Begin a curve with strength 0, where nothing is changed."""
    return [1.0, *(np.nan if each.value is None else each.value for each in figures)]


def _band(figures: Sequence[Estimate]) -> tuple[list[float], list[float]]:
    spans = [each.interval or (each.value, each.value) for each in figures]
    low, high = (
        [np.nan if end is None else end for end in ends] for ends in zip(*spans, strict=True)
    )
    return [1.0, *low], [1.0, *high]
