"""The pictures in the folder ``overlays`` of a run: their names, and which of them are whole."""

import os
import re
from collections.abc import Set
from pathlib import Path

import numpy as np
import numpy.typing as npt
from simplejpeg import encode_jpeg

from edge_runtime.errors import printable

#: The folder.
OVERLAYS = "overlays"

_MOST_BYTES = 100  # of each part of a name; file systems take 255 for all of it
_OURS = re.compile(rf"{OVERLAYS}/\d{{4,}}-[\w.-]*\.jpg")
_JPEG_END = b"\xff\xd9"
_QUALITY = 90  # the colours of the scale lose 1 of 255 in the mean


def overlay_file(number: int, photo: Path, class_name: str) -> str:
    """Name an overlay, as ``overlays/name``; a ``class_name`` of "" is left out of it.

    The photo's number in its run keeps photos of one name in two folders from colliding.
    """
    stem, suffix = plain_name(printable(photo.stem)), plain_name(class_name)
    return f"{OVERLAYS}/{number:04d}-{stem}{suffix and f'-{suffix}'}.jpg"


def jpeg(overlay: npt.NDArray[np.uint8]) -> bytes:
    """Compress an overlay, uint8 (height, width, 3), RGB, with its colours at full resolution."""
    return bytes(encode_jpeg(overlay, quality=_QUALITY))


def is_ours(file: str) -> bool:
    """Tell whether a file has such a name as ``overlay_file`` gives."""
    return _OURS.fullmatch(file) is not None


def is_whole(picture: Path) -> bool:
    """Tell whether a JPEG file is there to its end."""
    try:
        with picture.open("rb") as file:
            file.seek(-len(_JPEG_END), os.SEEK_END)
            return file.read() == _JPEG_END
    except OSError:
        return False


def clear_orphans(folder: Path, keep: Set[str]) -> None:
    """Delete a result folder's overlays but those to keep; files that aren't ours stay."""
    for file in (folder / OVERLAYS).iterdir():
        name = f"{OVERLAYS}/{file.name}"
        is_partial = re.fullmatch(r"\..*\.partial", file.name)
        if (is_ours(name) or is_partial) and name not in keep and file.is_file():
            file.unlink()


def plain_name(name: str) -> str:
    """Keep of a name letters, digits, dots and dashes, and so many that a file system takes it."""
    plain = re.sub(r"[^\w.-]+", "_", name)
    return plain.encode()[:_MOST_BYTES].decode(errors="ignore")
