"""Draw a photo with what is marked in it, alone and under its heatmap."""

from collections.abc import Mapping
from types import MappingProxyType

import cv2
import numpy as np
import numpy.typing as npt

from calibration.explanations.lesions.marked_eyes import Floats
from calibration.explanations.lesions.marked_photos import MarkedPhoto
from calibration.explanations.lesions.masks import TARGETS, Marks, read_marks
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.overlay import lay_heatmap
from edge_runtime.photo.field import Field
from edge_runtime.photo.prepare import decode_timed, prepare_timed

Picture = npt.NDArray[np.uint8]

#: The outlines' colours, RGB, with their names.
OUTLINES: Mapping[str, tuple[str, tuple[int, int, int]]] = MappingProxyType({
    "microaneurysms": ("magenta", (255, 60, 255)),
    "haemorrhages": ("white", (255, 255, 255)),
    "hard_exudates": ("cyan", (0, 235, 255)),
    "soft_exudates": ("blue", (70, 120, 255)),
    "optic_disc": ("black", (0, 0, 0)),
})  # fmt: skip

_SIDE = 640  # pixels
_SHOWN = 64  # of 255 that must be marked, so that a place is within the outline


def marked_pictures(photo: MarkedPhoto, cam: Floats) -> tuple[Picture, Picture]:
    """Draw a photo's round field with outlines, and so with the heatmap of a map under them.

    Args:
        photo: The files.
        cam: float32 (h, w), signed Grad-CAM.

    Raises:
        PhotoNotFoundError: The photo's file is gone.
        PhotoUnreadableError: It can't be read any more.
        LesionMasksError: A mask can't.
    """
    size = _SIDE, _SIDE
    prepared = prepare_timed(
        decode_timed(photo.photo.path)[0], size=size, limits=None, decode_ms=0.0
    )
    marks = read_marks(photo.masks, prepared.field, photo_size=prepared.photo_size, size=size)
    heated = lay_heatmap(prepared.image, heatmap(cam), Field.of_box(0, 0, *size), photo_size=size)
    plain = prepared.image.copy()
    for picture in (plain, heated):
        _outline(picture, marks)
    return plain, heated


def _outline(picture: Picture, marks: Marks) -> None:
    """Draw the outlines, in place."""
    for kind, (_, colour) in OUTLINES.items():
        held = (marks.covered[TARGETS.index(kind)] >= _SHOWN).astype(np.uint8)
        contours, _ = cv2.findContours(held, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, contours, -1, colour, 1, cv2.LINE_AA)
