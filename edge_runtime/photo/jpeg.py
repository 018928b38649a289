"""Decode a JPEG at the scale that is needed, upright, and refuse damage inside its picture."""

import re

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg

from edge_runtime.photo.jpeg_markers import Frame

# What libjpeg says where it has no memory, doesn't read a kind, or can do without a header.
_NO_MEMORY = re.compile(r".*(?:Insufficient memory|Memory allocation failure)")
_FOREIGN = re.compile(r"Unsupported|Unknown Adobe color|.*Could not determine subsampling")
_REVISION = re.compile(r"Warning: unknown JFIF revision")
_PARAMETERS = re.compile(r"Invalid SOS parameters")
_EXTRA = re.compile(r"Corrupt JPEG data: (\d+) extraneous bytes before marker 0xd9")
_SPARE = 4  # bytes that some cameras leave between picture and end marker, besides zeros

_MAJOR_REVISION = re.compile(rb"(\xff\xe0..JFIF\0).", re.DOTALL)
_FLIPS = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}  # by orientation, of 6 and up once transposed


def decode(data: bytes, frame: Frame, *, reduction: int) -> npt.NDArray[np.uint8]:
    """Decode a JPEG that ``jpeg_markers.check`` let through, upright.

    Damage inside a scan has no marker, and a JPEG no checksum. libjpeg notices where the picture
    then makes no sense, or ends too early or too late in the file.

    Args:
        data: The file.
        frame: From ``jpeg_markers.check``.
        reduction: 1, 2, 4 or 8: the sides are divided by it, in the decoder's own way.

    Returns:
        uint8 (height', width', 3), RGB; height' is the upright height over ``reduction``, rounded
        up.

    Raises:
        ValueError: With a clause that says what is wrong.
        MemoryError: libjpeg has no memory left.
    """
    try:
        photo = _decode(data, frame, reduction, strict=True)
    except ValueError as error:
        said = str(error)
        mended = _MAJOR_REVISION.sub(b"\\1\x01", data, count=1) if _REVISION.match(said) else data
        if mended != data:
            return decode(mended, frame, reduction=reduction)
        if _NO_MEMORY.match(said):
            raise MemoryError(said) from error
        if _FOREIGN.match(said):
            foreign = "is damaged, or of a kind that isn't read; save it anew as PNG"
            raise ValueError(foreign) from error
        if not _PARAMETERS.match(said) and not _is_padding(said, data[: frame.scan_end]):
            raise ValueError("is damaged: its picture data make no sense") from error
        photo = _decode(data, frame, reduction, strict=False)
    if frame.orientation > 4:
        photo = cv2.transpose(photo)
    if frame.orientation in _FLIPS:
        photo = cv2.flip(photo, _FLIPS[frame.orientation])
    return np.asarray(photo, np.uint8)


def _decode(data: bytes, frame: Frame, reduction: int, *, strict: bool) -> cv2.typing.MatLike:
    height, width = (-(-side // reduction) for side in frame.size)
    photo = simplejpeg.decode_jpeg(
        data, min_height=height, min_width=width, min_factor=reduction, strict=strict
    )
    return np.asarray(photo, np.uint8)


def _is_padding(said: str, head: bytes) -> bool:
    """Tell whether what libjpeg passed over are spare bytes at the end of the scan.

    Args:
        said: Its words.
        head: The file up to the end of its last scan.
    """
    extra = _EXTRA.match(said)
    return extra is not None and int(extra[1]) <= len(head) - len(head.rstrip(b"\0\xff")) + _SPARE
