"""Draw the errors that a classifier was surest of, each with what it went by."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.contract import DISCLAIMER
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.overlay import colour_heat, lay_heatmap
from edge_runtime.photo.field import Field

_COLUMNS, _SIDE, _GAP, _LINE, _MARGIN = 3, 224, 6, 22, 24  # pixels
_INK, _PAPER, _FAINT = (235, 235, 235), (24, 24, 24), (170, 170, 170)


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


def draw_contact_sheet(tiles: Sequence[Tile], *, title: str) -> npt.NDArray[np.uint8]:
    """Draw photos in a grid: each as the model saw it, and beside it with its heatmap.

    Args:
        tiles: At least one.
        title: The sheet's first line.

    Returns:
        uint8 (height, width, 3), RGB.
    """
    columns = min(_COLUMNS, len(tiles))
    rows = -(-len(tiles) // columns)
    tile_height, tile_width = _SIDE + 3 * _LINE + _GAP, 2 * _SIDE + _GAP
    head, foot = 2 * _LINE + _MARGIN + _GAP, 2 * _LINE + _MARGIN
    sheet = np.full(
        (
            head + rows * (tile_height + _MARGIN) + foot,
            max(_MARGIN + columns * (tile_width + _MARGIN), 2 * (tile_width + _MARGIN)),
            3,
        ),
        _PAPER,
        np.uint8,
    )
    width = sheet.shape[1] - 2 * _MARGIN
    _write(sheet, title, (_MARGIN, _MARGIN + 14), 19, _INK, width)
    text = "left: as the model saw it; right: Grad-CAM of the predicted class"
    _write(sheet, text, (_MARGIN, _MARGIN + 14 + _LINE), 14, _FAINT, width)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        left, top = (
            _MARGIN + column * (tile_width + _MARGIN),
            head + row * (tile_height + _MARGIN),
        )
        _draw_tile(sheet[top : top + tile_height, left : left + tile_width], tile)
    _draw_foot(sheet, sheet.shape[0] - foot, width)
    return sheet


def _draw_tile(area: npt.NDArray[np.uint8], tile: Tile) -> None:
    """Draw one photo into its part of the sheet, in place."""
    height, width = tile.image.shape[:2]
    heat = heatmap(tile.cam)
    laid = lay_heatmap(
        tile.image, heat, Field.of_box(0, 0, width, height), photo_size=(height, width)
    )
    for left, picture in ((0, tile.image), (_SIDE + _GAP, laid)):
        shrinks = picture.shape[0] > _SIDE
        area[:_SIDE, left : left + _SIDE] = cv2.resize(
            picture, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        )
    if not heat.positive:
        _write(area, "no evidence anywhere", (_SIDE + 2 * _GAP, 20), 13, _INK, _SIDE - 2 * _GAP)
    room = area.shape[1]
    lines = (
        (f"true: {tile.true_class}", 15, _INK),
        (f"predicted: {tile.predicted_class}  {tile.confidence:.1%}", 15, _INK),
        (tile.name, 12, _FAINT),
    )
    for number, (text, size, colour) in enumerate(lines, 1):
        _write(area, text, (0, _SIDE + number * _LINE - 3), size, colour, room)


def _draw_foot(sheet: npt.NDArray[np.uint8], top: int, width: int) -> None:
    """Draw the colour scale and the disclaimer."""
    ramp = colour_heat(np.tile(np.linspace(0, 1, 150), (11, 1)))
    sheet[top + 4 : top + 15, _MARGIN : _MARGIN + 150] = ramp
    text = "evidence for the predicted class, none to strongest"
    _write(sheet, text, (2 * _MARGIN + 150, top + 15), 13, _INK, width - 150 - _MARGIN)
    _write(sheet, DISCLAIMER, (_MARGIN, top + 15 + _LINE), 13, _FAINT, width)


def _write(
    area: npt.NDArray[np.uint8],
    text: str,
    origin: tuple[int, int],
    size: int,
    colour: tuple[int, int, int],
    room: int,
) -> None:
    """Write one line, cut off with an ellipsis where it is wider than ``room`` pixels."""
    font = cv2.FontFace("sans")

    def fits(candidate: str) -> bool:
        return bool(cv2.getTextSize((0, 0), candidate, (0, 0), font, size)[2] <= room)

    shown = text
    while not fits(shown) and len(text) > 1:
        text = text[:-1]
        shown = text + "..."
    canvas = np.ascontiguousarray(area)
    cv2.putText(canvas, shown, origin, colour, font, size)
    area[:] = canvas
