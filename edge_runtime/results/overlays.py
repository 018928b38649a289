"""The pictures in the folder ``overlays`` of a run: their names, and which of them are whole."""

import hashlib
import os
import re
from collections.abc import Set
from pathlib import Path

import numpy as np
import numpy.typing as npt
from simplejpeg import decode_jpeg, encode_jpeg

from edge_runtime.errors import ResultsUnreadableError, printable

#: The folder.
OVERLAYS = "overlays"

_MOST_BYTES = 100  # of each part of a name; file systems take 255 for all of it
_OURS = re.compile(rf"{OVERLAYS}/\d{{4,}}-[\w.-]*\.jpg")
_MOST_BYTES_OF_ONE = 64 << 20  # an overlay has 1,600 pixels a side at most
_GONE = "it is gone or damaged; make it again: the same 'fundus-edge predict' with --resume"
_START, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_JFIF = b"\xff\xe0\x00\x10JFIF\x00"
_MARK = b"\xff\xfe\x00\x49sha256:"  # a comment of 73 bytes: its length, this word, 64 digits
_QUALITY = 90  # the colours of the scale lose 1 of 255 in the mean


def overlay_file(number: int, photo: Path, class_name: str) -> str:
    """Name an overlay, as ``overlays/name``; a ``class_name`` of "" is left out of it.

    The photo's number in its run keeps photos of one name in two folders from colliding.
    """
    stem, suffix = plain_name(printable(photo.stem)), plain_name(class_name)
    return f"{OVERLAYS}/{number:04d}-{stem}{suffix and f'-{suffix}'}.jpg"


def jpeg(overlay: npt.NDArray[np.uint8]) -> bytes:
    """Compress an overlay, uint8 (height, width, 3), RGB, with its colours at full resolution."""
    return marked(bytes(encode_jpeg(overlay, quality=_QUALITY)))


def marked(picture: bytes) -> bytes:
    """Put into a JPEG a comment with the SHA-256 of all else of it, by which ``whole`` knows it.

    Source: ITU-T T.81, B.2.4.5. Decoders take many a spoilt byte for another picture.
    """
    digest = hashlib.sha256(picture).hexdigest().encode()
    return _START + _MARK + digest + picture[len(_START) :]


def is_ours(file: str) -> bool:
    """Tell whether a file has such a name as ``overlay_file`` gives."""
    return _OURS.fullmatch(file) is not None


def is_whole(picture: Path) -> bool:
    """Tell whether a picture's file is there as it was written, see ``whole``."""
    return whole(picture) is not None


def whole(picture: Path) -> bytes | None:
    """Read a JPEG file; None where it is gone, too large, or not as it was written.

    One that isn't ``marked`` and begins as JFIF does is of an older version: it is whole if it
    decodes without a warning.
    """
    try:
        with picture.open("rb") as file:
            size = os.fstat(file.fileno()).st_size  # room for so much is taken before it is read
            data = file.read(min(size, _MOST_BYTES_OF_ONE) + 1)
    except OSError:
        return None
    if len(data) > _MOST_BYTES_OF_ONE or not data.endswith(_JPEG_END):
        return None
    at = len(_START) + len(_MARK)
    if data.startswith(_START + _MARK):
        return data if marked(_START + data[at + 64 :]) == data else None
    if not data.startswith(_START + _JFIF):
        return None
    try:
        decode_jpeg(data, min_factor=8, strict=True)
    except ValueError:
        return None
    return data


def whole_overlay(overlay: Path) -> bytes:
    """Read an overlay that is to be handed on.

    Raises:
        ResultsUnreadableError: It isn't whole.
    """
    data = whole(overlay)
    if data is None:
        raise ResultsUnreadableError(overlay, _GONE)
    return data


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
