"""The pictures in the folder ``overlays`` of a run: their names, and which of them are whole."""

import os
import re
from collections.abc import Set
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.errors import printable

#: The folder.
OVERLAYS = "overlays"

_MOST_BYTES = 100  # of each part of a name; file systems take 255 for all of it
_PNG_END = b"IEND\xaeB`\x82"


def overlay_file(number: int, photo: Path, class_name: str) -> str:
    """Name an overlay, as ``overlays/name``; a ``class_name`` of "" is left out of it.

    The photo's number in its run keeps photos of one name in two folders from colliding.
    """
    stem, suffix = _plain(printable(photo.stem)), _plain(class_name)
    return f"{OVERLAYS}/{number:04d}-{stem}{suffix and f'-{suffix}'}.png"


def png(picture: npt.NDArray[np.uint8]) -> bytes:
    """Compress a picture, uint8 (height, width, 3), RGB."""
    turned = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", turned)[1].tobytes()


def is_whole(picture: Path) -> bool:
    """Tell whether a PNG file is there to its end."""
    try:
        with picture.open("rb") as file:
            file.seek(-len(_PNG_END), os.SEEK_END)
            return file.read() == _PNG_END
    except OSError:
        return False


def clear_orphans(folder: Path, keep: Set[str]) -> None:
    """Delete a result folder's overlays but those to keep; files that aren't ours stay."""
    for file in (folder / OVERLAYS).iterdir():
        is_ours = re.fullmatch(r"\d{4,}-.*\.png|\..*\.partial", file.name)
        if is_ours and f"{OVERLAYS}/{file.name}" not in keep and file.is_file():
            file.unlink()


def _plain(name: str) -> str:
    """Keep letters, digits, dots and dashes, and so many that a file system takes the name."""
    plain = re.sub(r"[^\w.-]+", "_", name)
    return plain.encode()[:_MOST_BYTES].decode(errors="ignore")
