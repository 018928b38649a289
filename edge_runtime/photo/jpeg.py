"""Decode a JPEG at the scale that is needed, and notice damage inside its picture."""

import re

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.photo.jpeg_markers import Frame
from edge_runtime.system.stderr import CAN_LISTEN, listen, repeat

# What libjpeg prints of damage, and of headers that it can do without.
_DAMAGE = re.compile(r"Corrupt JPEG data: (?P<what>.*)|Premature end of JPEG file")
_HARMLESS = re.compile(
    r"Warning: unknown JFIF revision|Unknown Adobe color transform|Invalid SOS parameters"
)
_EXTRA = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
_SPARE = 4  # bytes that some cameras leave between picture and end marker, besides zeros

#: Where libjpeg can't be heard: zeros after the scan, in the place of the end marker. It looks
#: ahead by 8 bytes; if it needs more than these it has lost its way, and OpenCV returns nothing.
_PADDING = bytes(16)

_FLAGS = {
    1: cv2.IMREAD_COLOR_RGB,
    # OpenCV names no such flag; grey asks for the scale, RGB for colour, in libjpeg's own order.
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2 | cv2.IMREAD_COLOR_RGB,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4 | cv2.IMREAD_COLOR_RGB,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_COLOR_RGB,
}


def decode(data: bytes, frame: Frame, *, reduction: int) -> npt.NDArray[np.uint8]:
    """Decode a JPEG that ``jpeg_markers.check`` let through, upright.

    Damage inside a scan has no marker, and a JPEG no checksum. libjpeg notices where the picture
    then makes no sense, or ends too early or too late in the file, but only prints that; so it is
    listened to. Where it can't be heard (Windows), a picture that ends too early is noticed if it
    is plain.

    Args:
        data: The file.
        frame: From ``jpeg_markers.check``.
        reduction: 1, 2, 4 or 8: the sides are divided by it, in the decoder's own way.

    Returns:
        uint8 (height', width', 3), RGB; height' is the height over ``reduction``, rounded up.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    whole = data if CAN_LISTEN or not frame.plain else data[: frame.scan_end] + _PADDING
    photo, said = listen(lambda: cv2.imdecode(np.frombuffer(whole, np.uint8), _FLAGS[reduction]))
    if photo is None:
        raise ValueError("is damaged: its picture data end too early")
    if said and _tells_damage(said, data[frame.scan_start : frame.scan_end]):
        raise ValueError("is damaged: its picture data make no sense")
    return np.asarray(photo, np.uint8)


def _tells_damage(said: str, scan: bytes) -> bool:
    """Look for damage in what was printed; pass on what isn't libjpeg's.

    Args:
        said: What was printed while it decoded.
        scan: The data of the last scan; spare bytes at its end are no damage.
    """
    damaged = False
    others = []
    for line in said.splitlines(keepends=True):
        found = _DAMAGE.match(line)
        if found is None:
            others += [] if _HARMLESS.match(line) else [line]
        else:
            extra = _EXTRA.match(found["what"] or "")
            spare = len(scan) - len(scan.rstrip(b"\x00\xff")) + _SPARE
            damaged |= extra is None or int(extra[1]) > spare
    repeat("".join(others))
    return damaged
