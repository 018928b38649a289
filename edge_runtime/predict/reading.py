"""Read a photo from its file, whatever kind it is of."""

import hashlib
import time
from pathlib import Path

from msgspec import Struct

from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.photo.beside import begins_as_dicom
from edge_runtime.photo.decode import Decoded
from edge_runtime.photo.frames import file_of
from edge_runtime.photo.prepare import decode_timed, ms_since


class Reading(Struct, frozen=True, eq=False):
    """A photo that was read, in so many milliseconds, or ``error``, a sentence that says why not.

    ``sha256`` is that of the file, if it was asked for and could be read; ``dicom`` is what a DICOM
    file says beside its pixels.
    """

    decoded: Decoded | None
    decode_ms: float
    sha256: str | None
    dicom: DicomFacts | None = None
    error: str | None = None


def decode_file(path: Path, *, max_pixels: int = MAX_PIXELS) -> tuple[Decoded, float]:
    """Read and decode a photo, in so many milliseconds.

    Raises:
        PhotoNotFoundError: The file doesn't exist.
        PhotoUnreadableError: It can't be decoded.
    """
    if not begins_as_dicom(file_of(path)):
        return decode_timed(path, max_pixels=max_pixels)
    from edge_runtime.hospital.read import decode_dicom  # noqa: PLC0415 - few photos need it

    started = time.perf_counter()
    return decode_dicom(path, max_pixels=max_pixels), ms_since(started)


def read(path: Path, *, max_pixels: int = MAX_PIXELS, is_hashed: bool = False) -> Reading:
    """Read and decode a photo.

    Args:
        path: Its file, or a photo of a file that holds several, see ``photo.frames``.
        max_pixels: Refuse one that claims more.
        is_hashed: Whether the file's SHA-256 is asked for.
    """
    if begins_as_dicom(file_of(path)):
        from edge_runtime.hospital.read import read_dicom  # noqa: PLC0415 - few photos need it

        started = time.perf_counter()
        found = read_dicom(path, max_pixels=max_pixels, is_hashed=is_hashed)
        return Reading(
            found.decoded,
            ms_since(started),
            found.sha256,
            found.facts,
            found.error,
        )
    sha256: str | None = None

    def on_read(data: bytes) -> None:
        nonlocal sha256
        sha256 = hashlib.sha256(data).hexdigest() if is_hashed else None

    try:
        decoded, decode_ms = decode_timed(path, max_pixels=max_pixels, on_read=on_read)
    except (PhotoNotFoundError, PhotoUnreadableError) as error:
        return Reading(None, 0.0, sha256, error=str(error))
    return Reading(decoded, decode_ms, sha256)
