"""Decode a photo file to RGB."""

import re
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError

Photo = npt.NDArray[np.uint8]

#: File name endings that a folder is searched for. A file named outright may have any ending.
PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"})

cv2.utils.logging.setLogLevel(
    cv2.utils.logging.LOG_LEVEL_SILENT
)  # our sentence says what is wrong with a file, once

_MAGIC = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"BM": "BMP",
    b"RIFF": "WebP",
}


def read_photo(path: Path) -> bytes:
    """Read a photo file's bytes.

    Raises:
        PhotoNotFoundError: There is no file at ``path``.
        PhotoUnreadableError: It is a folder, may not be read, or is empty.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise PhotoNotFoundError(path) from error
    except IsADirectoryError as error:
        raise PhotoUnreadableError(path, "the folder can't be searched") from error
    except OSError as error:
        raise PhotoUnreadableError(path, (error.strerror or str(error)).lower()) from error
    if not data:
        raise PhotoUnreadableError(path, "the file is empty")
    return data


def decode_photo(data: bytes, *, path: Path = Path("photo")) -> Photo:
    """Decode JPEG, PNG, TIFF, BMP or WebP, turned upright by its EXIF orientation.

    A file whose end is missing is refused rather than shown with a grey rest, as decoders do: a
    class would be computed from pixels that the camera never saw. Damage in the middle of a file
    is found only where the decoder fails on it.

    Args:
        data: The file's content.
        path: The name to use in an error.

    Returns:
        uint8 array of shape (height, width, 3), RGB, 0..255. Grey, palette, 16-bit and
        alpha images are brought to this form by OpenCV.

    Raises:
        PhotoUnreadableError: Not one of the formats, damaged or truncated.
    """
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)
    if kind is None:
        raise PhotoUnreadableError(path, "not a JPEG, PNG, TIFF, BMP or WebP file")
    if _is_truncated(data, kind):
        raise PhotoUnreadableError(path, f"the {kind} file is truncated")
    try:
        photo = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error as error:
        raise PhotoUnreadableError(path, f"the {kind} can't be decoded: {error.err}") from error
    if photo is None:
        raise PhotoUnreadableError(path, f"the {kind} file is damaged or truncated")
    return np.asarray(photo, np.uint8)


def _is_truncated(data: bytes, kind: str) -> bool:
    """Tell whether the end that the format promises is missing."""
    if kind == "JPEG":
        return b"\xff\xd9" not in data[_jpeg_scan(data) :]
    if kind == "PNG":
        return b"IEND" not in data
    if kind == "WebP":
        return int.from_bytes(data[4:8], "little") + 8 > len(data)
    if kind == "BMP":
        return int.from_bytes(data[2:6], "little") > len(data)
    return False


def _jpeg_scan(data: bytes) -> int:
    """Find where the first scan begins: an embedded preview has its own end marker before it."""
    position = 2
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            break
        marker = data[position + 1]
        if marker == 0xDA:
            return position
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            position += 1 if marker == 0xFF else 2
            continue
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    scan = re.search(rb"\xff\xda", data)
    return scan.start() if scan else len(data)
