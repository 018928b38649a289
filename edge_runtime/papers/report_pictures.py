"""Read the pictures of a person's report out of the result folder, as large as paper shows them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from edge_runtime.errors import PhotoUnreadableError
from edge_runtime.photo.decode import decode
from edge_runtime.results.embedded import small_jpeg
from edge_runtime.results.legend import without_legend
from edge_runtime.results.overlays import is_ours, whole
from edge_runtime.results.page import DETAILS, picture_file
from edge_runtime.results.person_words import explained, overlay_shows
from edge_runtime.results.structured_report import PhotoReport
from edge_runtime.results.texts import Texts

_SIDE = 640  # pixels: 340 an inch of a picture of 48 mm
_MOST_PIXELS = 4096 * 4096


class Picture(Struct, frozen=True):
    """A picture as JPEG, with its height by its width, and what it shows.

    Of one that is gone or damaged ``jpeg`` is empty, and ``caption`` says so.
    """

    jpeg: bytes
    shape: float
    caption: str
    has_heat: bool


def pictures_of(photo: PhotoReport, texts: Texts, folder: Path) -> tuple[Picture, ...]:
    """Give a photo as taken, and with the evidence laid over.

    Args:
        photo: What is said of it.
        texts: In which language captions are.
        folder: The result folder.
    """
    if photo.quality.status == "unreadable":
        return ()
    shown = [(f"{DETAILS}/{picture_file(photo.number)}", texts.say("picture.photo"))]
    evidence = explained(photo)
    has_heat = evidence is not None and evidence.is_positive
    if evidence and evidence.overlay and is_ours(evidence.overlay):
        shown.append((evidence.overlay, overlay_shows(evidence, texts)))
    found = []
    for place, (file, caption) in enumerate(shown):
        read = _small(folder / file, is_overlay=place > 0)
        lost = Picture(b"", 0.0, texts.say("picture.lost", what=caption), has_heat=False)
        found.append(Picture(*read, caption, place > 0 and has_heat) if read else lost)
    return tuple(found)


def _small(file: Path, *, is_overlay: bool) -> tuple[bytes, float] | None:
    """Read a picture, an overlay without the legend below it; None where it isn't whole."""
    try:
        data = whole(file)
        if data is None:
            return None
        pixels = decode(data, max_pixels=_MOST_PIXELS).pixels
    except PhotoUnreadableError:
        return None
    picture: npt.NDArray[np.uint8] = np.ascontiguousarray(
        without_legend(pixels) if is_overlay else pixels
    )
    return small_jpeg(picture, side=_SIDE, quality=82), picture.shape[0] / picture.shape[1]
