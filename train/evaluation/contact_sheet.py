"""Draw the errors that a classifier was surest of, each with what it went by."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure, SubFigure

from edge_runtime.contract import DISCLAIMER
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.overlay import lay_heatmap
from edge_runtime.photo.field import Field

_COLUMNS, _DPI = 3, 100
_TILE_WIDTH, _TILE_HEIGHT, _HEAD, _FOOT = 4.6, 2.9, 0.7, 0.7  # inches
_INK, _PAPER, _FAINT = "#ebebeb", "#181818", "#aaaaaa"
_LONGEST_NAME, _LONGEST_TITLE = 56, 56  # characters of usual letters in a tile, and a column


@dataclass(frozen=True, eq=False)
class Tile:
    """One photo of a contact sheet.

    ``image`` is uint8 (height, width, 3), RGB, as the model saw it; ``cam`` float32 (h, w), the
    signed Grad-CAM of the predicted class in logits.
    """

    name: str
    true_class: str
    predicted_class: str
    confidence: float
    image: npt.NDArray[np.uint8]
    cam: npt.NDArray[np.float32]


def worst_errors(
    probabilities: npt.NDArray[np.floating], labels: npt.NDArray[np.integer], *, most: int
) -> npt.NDArray[np.intp]:
    """Choose the wrong predictions of the highest confidence, the worst first.

    Args:
        probabilities: (N, C), rows sum to 1.
        labels: (N,), indices of the true classes.
        most: How many at most.

    Returns:
        Indices into the N photos; fewer than ``most`` if there are fewer errors.
    """
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    order = np.argsort(-probabilities[wrong].max(axis=1), kind="stable")
    return wrong[order[:most]]


def draw_contact_sheet(tiles: Sequence[Tile], target: Path, *, title: str) -> None:
    """Draw photos in a grid as a PNG: each as the model saw it, and beside it with its heatmap.

    Args:
        tiles: At least one.
        target: The file to write.
        title: The sheet's first line.
    """
    columns = min(_COLUMNS, len(tiles))
    rows = -(-len(tiles) // columns)
    size = max(columns, 2) * _TILE_WIDTH, _HEAD + rows * _TILE_HEIGHT + _FOOT
    sheet = Figure(figsize=size, dpi=_DPI, facecolor=_PAPER)
    heights = (_HEAD, rows * _TILE_HEIGHT, _FOOT)
    head, body, foot = sheet.subfigures(3, 1, squeeze=False, height_ratios=heights).ravel()
    room = _LONGEST_TITLE * max(columns, 2)
    head.text(0.02, 0.6, _short(title, room), color=_INK, size=13)
    about = "left: as the model saw it; right: Grad-CAM of the predicted class"
    head.text(0.02, 0.15, about, color=_FAINT, size=10)
    places = body.subfigures(rows, max(columns, 2), squeeze=False).ravel()
    for place, tile in zip(places, tiles, strict=False):
        _draw_tile(place, tile)
    scale = foot.add_axes((0.02, 0.62, 0.12, 0.14))
    scale.imshow(np.linspace(0, 1, 150)[None], aspect="auto", cmap="viridis")
    scale.set_axis_off()
    text = "evidence for the predicted class, none to strongest"
    foot.text(0.15, 0.6, text, color=_INK, size=9)
    foot.text(0.02, 0.2, DISCLAIMER, color=_FAINT, size=9)
    for part in (head, body, foot, *places):
        part.set_facecolor(_PAPER)
    sheet.savefig(target)


def _draw_tile(place: SubFigure, tile: Tile) -> None:
    """Draw one photo into its part of the sheet."""
    height, width = tile.image.shape[:2]
    heat, field = heatmap(tile.cam), Field.of_box(0, 0, width, height)
    laid = lay_heatmap(tile.image, heat, field, photo_size=(height, width))
    for left, picture in ((0.02, tile.image), (0.5, laid)):
        axes = place.add_axes((left, 0.24, 0.46, 0.74))
        axes.imshow(picture)
        axes.set_axis_off()
    if not heat.positive:
        place.text(0.52, 0.9, "no evidence anywhere", color=_INK, size=9)
    predicted = f"predicted: {tile.predicted_class}  {tile.confidence:.1%}"
    lines = (f"true: {tile.true_class}", _INK), (predicted, _INK), (tile.name, _FAINT)
    for number, (text, colour) in enumerate(lines):
        place.text(0.02, 0.17 - 0.08 * number, _short(text, _LONGEST_NAME), color=colour, size=9)


def _short(text: str, room: int) -> str:
    """Cut off what is longer than ``room`` characters, with an ellipsis."""
    text = text.replace("$", r"\$")
    return text if len(text) <= room else text[: room - 3] + "..."
