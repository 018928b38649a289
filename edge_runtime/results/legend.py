"""Draw an overlay with its legend: class, confidence, scale of the colours and disclaimer."""

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.contract import DISCLAIMER
from edge_runtime.explain.overlay import SHORTEST, blend, lay_heatmap, overlay_size
from edge_runtime.photo.decode import Photo
from edge_runtime.predict.prediction import Prediction

_RETINA = (150, 80, 45)  # what the legend's scale is laid over, as the heatmap is over the photo
_JPEG_ERROR = 8  # levels that JPEG changes an even ground by, and less than from it to black
_INK, _PAPER, _FAINT = (235, 235, 235), (24, 24, 24), (170, 170, 170)


def draw_overlay(
    photo: Photo, prediction: Prediction, class_name: str | None = None, *, is_bare: bool = False
) -> npt.NDArray[np.uint8]:
    """Draw a photo with a class's heatmap over its outlined field of view, and a legend below.

    The heatmap's opacity grows with its value, so what isn't evidence stays as photographed.

    Args:
        photo: uint8 (height, width, 3), RGB, the photo that was predicted, at any scale.
        prediction: Its prediction.
        class_name: The class to explain; None for the predicted one.
        is_bare: Whether to leave the legend out, for a page that says itself what it would say.

    Returns:
        uint8 (height', width', 3), RGB; the photo scaled to a longer side of 640 to 1,600 pixels,
        with the legend under it, if any.

    Raises:
        UnknownNameError: There is no such class.
    """
    name = prediction.class_name if class_name is None else class_name
    heat = prediction.heatmap(name)
    height, width = overlay_size(photo)
    unit = max(width, SHORTEST // 2) / 640
    picture = lay_heatmap(
        photo, heat, prediction.field,
        photo_size=prediction.photo_size, rows_below=0 if is_bare else _legend_rows(unit),
    )  # fmt: skip
    if not is_bare:
        _draw_legend(picture[height:], prediction, name, unit=unit)
    return picture


def captioned(
    overlay: npt.NDArray[np.uint8], title: str, evidence: str, note: str, *, has_scale: bool = True
) -> npt.NDArray[np.uint8]:
    """Put a legend below a bare overlay that is to go about alone.

    Args:
        overlay: uint8 (height, width, 3), RGB.
        title: What the photo came to.
        evidence: What the colours are, to stand beside their scale.
        note: In smaller and fainter letters.
        has_scale: Whether there are colours.

    Returns:
        uint8 (height', width, 3), RGB.
    """
    unit = overlay.shape[1] / 640
    strip = np.empty((_legend_rows(unit), *overlay.shape[1:]), np.uint8)
    _draw_strip(strip, title, evidence, note, unit=unit, has_scale=has_scale)
    return np.concatenate([overlay, strip])


def without_legend(overlay: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Give an overlay without the legend below it, for where words beside it say the same.

    Args:
        overlay: uint8 (height, width, 3), RGB, decoded.

    Returns:
        uint8 (height', width, 3), RGB, a view; all of one that has no legend.
    """
    height, width = overlay.shape[:2]
    rows = _legend_rows(max(width, SHORTEST // 2) / 640)
    edge = overlay[height - rows :, : max(1, width // 100)]
    is_paper = rows < height and np.abs(edge.astype(int) - _PAPER).max() <= _JPEG_ERROR
    return overlay[: height - rows] if is_paper else overlay


def draw_scale(ramp: npt.NDArray[np.uint8]) -> None:
    """Draw the scale of the colours, from no evidence to the strongest, over all of a picture.

    Args:
        ramp: uint8 (height, width, 3), RGB, drawn on in place.
    """
    ramp[:] = _RETINA  # so that a colour of the scale is that of the picture
    if ramp.size:
        steps = np.linspace(0, 255, ramp.shape[1], dtype=np.uint8)
        blend(ramp, np.tile(steps, (ramp.shape[0], 1)))


def _draw_legend(
    strip: npt.NDArray[np.uint8], prediction: Prediction, name: str, *, unit: float
) -> None:
    """Draw class, confidence, colour scale and disclaimer on a strip below the picture."""
    heat = prediction.heatmap(name)
    title = f"{name}  {prediction.probabilities[name]:.1%}"
    if name != prediction.class_name:
        title += f"   (predicted: {prediction.class_name} {prediction.confidence:.1%})"
    evidence = (
        f"evidence, none to strongest (Grad-CAM, {prediction.gradients})"
        if heat.positive
        else f"no evidence for {name} anywhere: nothing to show"
    )
    _draw_strip(strip, title, evidence, DISCLAIMER, unit=unit, has_scale=bool(heat.positive))


def _legend_rows(unit: float) -> int:
    """Give the height of a strip, in pixels."""
    return round(26 * unit) * 3 + round(14 * unit)


def _draw_strip(
    strip: npt.NDArray[np.uint8],
    title: str,
    evidence: str,
    note: str,
    *,
    unit: float,
    has_scale: bool,
) -> None:
    margin, line = round(14 * unit), round(26 * unit)
    strip[:] = _PAPER
    _write(strip, title, (margin, line), round(19 * unit), _INK)
    left = margin
    if has_scale:
        ramp_width, ramp_height = round(150 * unit), round(11 * unit)
        top = line * 2 - ramp_height
        draw_scale(strip[top : top + ramp_height, margin : margin + ramp_width])
        left = margin * 2 + ramp_width
    _write(strip, evidence, (left, line * 2), round(13 * unit), _INK)
    _write(strip, note, (margin, line * 3 - round(4 * unit)), round(12 * unit), _FAINT)


def _write(
    strip: npt.NDArray[np.uint8],
    text: str,
    origin: tuple[int, int],
    height: int,
    colour: tuple[int, int, int],
) -> None:
    cv2.putText(strip, text, origin, colour, cv2.FontFace("sans"), height)
