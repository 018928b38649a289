"""Paint a camp's pictures so that they tell nobody's name."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg

from edge_runtime.exchange.deidentify.pictures import outside_of_field
from edge_runtime.hospital.damage import ClauseError
from edge_runtime.station.intake import OVERLAY, PHOTO
from edge_runtime.station.parcel import Entry

_QUALITY = 90

_Picture = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]


def nameless_pictures(
    folder: Path, number: int, named: str, hide: Callable[[], None] | None
) -> Iterator[Entry]:
    """Paint a photo, and its evidence, black outside of the field; all of it to ``hide`` it.

    One without a field that was found, or that can't be read, is left out.

    Args:
        folder: A person's, of an export.
        number: The photo's there.
        named: What the files are to be called, ``{}`` where their kind stands.
        hide: Is called where nothing of it is shown; None shows it.

    Raises:
        OSError: A file can't be read.
    """
    for file in sorted(folder.glob(f"{PHOTO}-{number:06}-*.jpg")):
        try:
            photo = simplejpeg.decode_jpeg(file.read_bytes())
            outside = outside_of_field(photo)
        except (ValueError, ClauseError):
            continue
        if hide is not None:
            outside[:] = True
            hide()
        ending = file.name.removeprefix(f"{PHOTO}-{number:06}")
        yield Entry(named.format(PHOTO) + ending, _painted(photo, outside))
        overlay = folder / f"{OVERLAY}-{number:06}{ending}"
        if overlay.is_file():
            drawn = simplejpeg.decode_jpeg(overlay.read_bytes())
            yield Entry(named.format(OVERLAY) + ending, _painted(drawn, outside))


def _painted(picture: _Picture, outside: _Mask) -> bytes:
    """Paint a picture as wide as it is, but for the words below it."""
    width = picture.shape[1]
    height = min(picture.shape[0], round(outside.shape[0] * width / outside.shape[1]))
    mask = cv2.resize(
        outside.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST
    ).astype(bool)
    painted = picture.copy()
    painted[:height][mask] = 0
    return bytes(simplejpeg.encode_jpeg(painted, quality=_QUALITY))
