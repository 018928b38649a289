"""Draw maps and photos of the laboratory for a page."""

import cv2
import numpy as np
import numpy.typing as npt

from calibration.explanations.explained import ExplainedPhoto
from calibration.explanations.stored_field import stored_field
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.overlay import colour_heat, lay_heatmap
from edge_runtime.explain.retina_frame import DISC, DISC_DIAMETER, FOVEA, REACH
from edge_runtime.photo.field import Field

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_EMPTY = 225  # grey where a map ends
_INK = (255, 255, 255)


def average_picture(values: Floats, *, most: float, marks: bool, side: int = 240) -> Picture:
    """Draw an average map.

    Args:
        values: float32 (h, w), NaN where it ends.
        most: The value that gets the scale's last colour.
        marks: Whether it is in the common frame, and disc (a ring) and fovea (a cross) are marked.
        side: Pixels.

    Returns:
        uint8 (side, side, 3), RGB.
    """
    size = side, side
    ends = cv2.resize(np.isnan(values).astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    filled = cv2.resize(np.nan_to_num(values), size, interpolation=cv2.INTER_LINEAR)
    picture = np.ascontiguousarray(colour_heat(np.clip(filled / (most or 1.0), 0, 1)))
    picture[ends > 0.5] = _EMPTY
    if marks:
        disc, fovea = (_pixel(point, side) for point in (DISC, FOVEA))
        radius = round(DISC_DIAMETER / 2 / REACH * side / 2)
        cv2.circle(picture, disc, radius, _INK, 1, cv2.LINE_AA)
        cv2.drawMarker(picture, fovea, _INK, cv2.MARKER_CROSS, side // 24, 1, cv2.LINE_AA)
    return picture


def explained_picture(photo: ExplainedPhoto, cam: Floats, *, side: int = 220) -> Picture | None:
    """Draw a photo's round field with a map over it; None where the file is gone or another.

    Args:
        photo: The photo, with what its file was when it was explained.
        cam: float32 (h, w), signed Grad-CAM.
        side: Pixels.

    Returns:
        uint8 (height, height, 3), RGB.
    """
    square = stored_field(photo, size=(side, side))
    return None if square is None else laid_over(square, cam)


def laid_over(square: Picture, cam: Floats) -> Picture:
    """Lay a map, float32 (h, w), over a round field, uint8 (side, side, 3)."""
    side = square.shape[0]
    return lay_heatmap(
        square, heatmap(cam), Field.of_box(0, 0, side, side), photo_size=(side, side)
    )


def _pixel(point: tuple[float, float], side: int) -> tuple[int, int]:
    x, y = ((value / REACH + 1) / 2 * side for value in point)
    return round(x), round(y)
