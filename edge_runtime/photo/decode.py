"""Decode a photo file to RGB, at no more pixels than are needed."""

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import PhotoNotFoundError, PhotoTooLargeError, PhotoUnreadableError
from edge_runtime.photo import jpeg, jpeg_markers
from edge_runtime.photo.formats import kind_of, read_size

Photo = npt.NDArray[np.uint8]

#: A JPEG is decoded at half, a quarter or an eighth of its size as long as its shorter side keeps
#: so many pixels: three times those of the model, and enough to lay a heatmap over.
REDUCED_SIDE = 700

#: How a JPEG was read whose picture is whole, and that breaks off behind it.
END_LOST = "its end is lost or damaged, but its picture is whole"

#: What helps against damage, where nothing else does.
_REMEDY = "copy it again from the camera's card, or take the photo anew"

#: What is said of a file without content.
EMPTY = f"the file is empty; {_REMEDY}"

_NO_MEMORY = "there isn't enough memory to decode it; close other programs, or make it smaller"
_BYTES_PER_PIXEL = 8  # 16 bits, four channels, not compressed

cv2.utils.logging.setLogLevel(
    cv2.utils.logging.LOG_LEVEL_SILENT
)  # our sentence says what is wrong with a file, once


class Decoded(Struct, frozen=True, eq=False):
    """A decoded photo.

    ``pixels`` are uint8 (height, width, 3), RGB, upright. ``size`` is the file's true (height,
    width), upright; the pixels are fewer if the photo was decoded at a reduced scale. ``read_as``
    says in clauses how the file was read where that isn't plain.
    """

    pixels: Photo
    size: tuple[int, int]
    read_as: tuple[str, ...] = ()


def most_bytes(max_pixels: int = MAX_PIXELS) -> int:
    """Give the size of the largest file that ``read_photo`` reads, in bytes."""
    return _BYTES_PER_PIXEL * max_pixels + (1 << 20)


def read_photo(path: Path, *, max_pixels: int = MAX_PIXELS) -> bytes:
    """Read a photo file's bytes.

    Args:
        path: The file.
        max_pixels: What ``decode`` will allow; a file that is too large for it isn't read.

    Raises:
        PhotoNotFoundError: There is no file at ``path``.
        PhotoUnreadableError: It is a folder or a device, may not be read, is empty or too large.
    """
    with open_photo(path, max_pixels=max_pixels) as (file, size):
        data = file.read(size)  # not the limit: Python reserves what it is asked for
        if not data:
            raise ValueError(EMPTY)
        return data


@contextmanager
def open_photo(path: Path, *, max_pixels: int = MAX_PIXELS) -> Iterator[tuple[BinaryIO, int]]:
    """Open a photo's file, as ``read_photo`` does; gives it with its size in bytes.

    What fails while it is open is said likewise.
    """
    limit = most_bytes(max_pixels)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            if os.access(path, os.R_OK | os.X_OK):
                raise ValueError("a folder and no photo; name the photos in it")
            raise ValueError("the folder can't be searched; change its permissions or its owner")
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a file but a device or a pipe; name a photo's file")
        if status.st_size > limit:
            raise ValueError(
                f"the file has {status.st_size} bytes, too many for a photo of {max_pixels} "
                "pixels, the limit; raise it with --max-pixels"
            )
        with path.open("rb") as file:
            yield file, status.st_size
    except PhotoUnreadableError:
        raise
    except FileNotFoundError as error:
        if not path.is_symlink():
            raise PhotoNotFoundError(path) from error
        cause = "a link to a file that isn't there; put the file itself there"
        raise PhotoUnreadableError(path, cause) from error
    except (OSError, ValueError, MemoryError) as error:
        raise PhotoUnreadableError(path, why_unread(error)) from error


@contextmanager
def open_content(data: bytes, *, path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open what was read of a photo's file before, likewise; ``path`` is its name in an error."""
    try:
        yield io.BytesIO(data), len(data)
    except PhotoUnreadableError:
        raise
    except (OSError, ValueError, MemoryError) as error:
        raise PhotoUnreadableError(path, why_unread(error)) from error


def why_unread(error: Exception) -> str:
    """Say why a file's content can't be had, and what helps."""
    if isinstance(error, MemoryError):
        return _NO_MEMORY
    if isinstance(error, PermissionError):
        return "permission denied; change the file's permissions or its owner"
    cause = (getattr(error, "strerror", None) or str(error)).lower()
    if getattr(error, "errno", None) == errno.EIO:
        cause += "; the disk or card may be failing, so copy the file elsewhere"
    return cause


def decode(data: bytes, *, path: Path = Path("photo"), max_pixels: int = MAX_PIXELS) -> Decoded:
    """Decode JPEG, PNG, TIFF, BMP or WebP, turned upright by its EXIF orientation.

    A large JPEG is decoded at a reduced scale (see ``REDUCED_SIDE``), which depends on nothing but
    the file, so training and device see the same pixels. Colours are brought to sRGB by the file's
    profile, 16 bits to 8 by those in use, and what is transparent is black.

    A damaged file is refused rather than shown with a grey rest, as decoders do: a class would be
    computed from pixels that the camera never saw. A PNG is checked entirely. A JPEG is checked by
    its markers and by what libjpeg notices of its picture, a TIFF by its checksum (deflate) or by
    the length that it unpacks to (LZW, PackBits). Damage that leaves the length as it was, and
    damage to the pixels of a WebP, a BMP or any other TIFF, can't be noticed: they have no
    checksum.

    Args:
        data: The file's content.
        path: The name to use in an error.
        max_pixels: The most pixels that its header may claim; more are refused before decoding.

    Raises:
        PhotoTooLargeError: It has more pixels than ``max_pixels``.
        PhotoUnreadableError: Not one of the formats, damaged, truncated, animated, with several
            pages, a TIFF with transparent parts or a compression that isn't known.
    """
    kind = ""
    try:
        kind = kind_of(data)
        size = read_size(data, kind)
        if size[0] * size[1] > max_pixels:
            raise PhotoTooLargeError(path, kind, size, max_pixels)
        return decode_jpeg(data) if kind == "JPEG" else _decode_other(data, kind, size)
    except PhotoTooLargeError:
        raise
    except MemoryError as error:
        raise PhotoUnreadableError(path, _NO_MEMORY) from error
    except cv2.error as error:
        cause = _NO_MEMORY if error.code == cv2.Error.StsNoMem else f"can't be decoded; {_REMEDY}"
        raise PhotoUnreadableError(path, f"the {kind} file: {cause}") from error
    except ValueError as error:
        cause = f"the {kind} file {error}" if kind else str(error)
        if "; " not in cause:
            cause += f"; {_REMEDY}"
        raise PhotoUnreadableError(path, cause) from error


def decode_photo(data: bytes, *, path: Path = Path("photo"), max_pixels: int = MAX_PIXELS) -> Photo:
    """Decode as ``decode`` does, and return its pixels only.

    Returns:
        uint8 array of shape (height, width, 3), RGB, 0..255, upright; of a large JPEG at a reduced
        scale. Grey, palette, 16-bit, CMYK and alpha images are brought to this form.
    """
    return decode(data, path=path, max_pixels=max_pixels).pixels


def decode_jpeg(data: bytes, *, turn: bool = True) -> Decoded:
    """Decode a JPEG as ``decode`` does.

    Args:
        data: A JPEG of a size that is allowed.
        turn: Whether it is turned by its EXIF orientation.

    Raises:
        ValueError: With a clause that says what is wrong.
        MemoryError: There is none left.
    """
    frame = jpeg_markers.check(data)
    frame = frame if turn else replace(frame, orientation=1)
    height, width = frame.size
    pixels = jpeg.decode(data, frame, reduction=_reduction(height, width))
    notes = [END_LOST] if frame.fault else []
    if frame.profile:
        from edge_runtime.photo import colour  # noqa: PLC0415 - few photos need it

        pixels, note = colour.to_srgb(pixels, frame.profile)
        notes += filter(None, [note])
    size = (width, height) if frame.orientation > 4 else (height, width)
    return Decoded(pixels, size, tuple(notes))


def _reduction(height: int, width: int) -> int:
    """Choose the scale: the smallest that is large enough, and at which only a square looks so."""
    for reduction in (8, 4, 2):
        rows, columns = -(-height // reduction), -(-width // reduction)
        if min(rows, columns) >= REDUCED_SIDE and (rows != columns or height == width):
            return reduction
    return 1


def _decode_other(data: bytes, kind: str, size: tuple[int, int]) -> Decoded:
    from edge_runtime.photo import raster  # noqa: PLC0415 - most photos are JPEGs

    pixels, notes = raster.decode(data, kind, size)
    return Decoded(pixels, (pixels.shape[0], pixels.shape[1]), notes)
