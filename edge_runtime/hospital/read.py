"""Take a photo out of a DICOM file: its pixels, and what the file says beside them."""

import hashlib
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import FundusError, PhotoTooLargeError, PhotoUnreadableError
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.hospital.frame_data import count_frames, form_of
from edge_runtime.hospital.header import read_header, text_of
from edge_runtime.hospital.installed import INSTALL, is_installed
from edge_runtime.hospital.kinds import OVERLAY_MARK, READ, kind_name
from edge_runtime.hospital.read_facts import facts_of
from edge_runtime.photo.decode import Decoded, most_bytes, open_content, open_photo
from edge_runtime.photo.find import Stamp, stamp_of
from edge_runtime.photo.frames import MAX_FRAMES, frame_path, split_frame

_PIECE = 1 << 20


class DicomPhoto(Struct, frozen=True, eq=False):
    """A photo of a DICOM file, or what there is of it.

    ``decoded`` is None where ``error``, a sentence, says why. ``facts`` are None where the file
    couldn't be read so far, ``sha256`` is that of the file, None where nobody asked for it.
    """

    decoded: Decoded | None
    facts: DicomFacts | None
    sha256: str | None
    error: str | None


def read_dicom(
    path: Path, *, max_pixels: int = MAX_PIXELS, is_hashed: bool = False, data: bytes | None = None
) -> DicomPhoto:
    """Read a photo of a DICOM file; whatever is wrong with it becomes a sentence.

    Args:
        path: The file, or one of its photos, see ``photo.frames``.
        max_pixels: The most pixels that it may claim; more are refused before decoding.
        is_hashed: Whether the file's SHA-256 is asked for.
        data: The file's content, where it doesn't lie at ``path``; isn't hashed.
    """
    read = _Reading(path, max_pixels, data)
    try:
        decoded = read.decode(is_hashed=is_hashed)
    except FundusError as error:
        return DicomPhoto(None, read.facts, read.sha256, str(error))
    return DicomPhoto(decoded, read.facts, read.sha256, None)


def decode_dicom(path: Path, *, max_pixels: int = MAX_PIXELS) -> Decoded:
    """Decode a photo of a DICOM file, likewise.

    Raises:
        PhotoUnreadableError: It can't be.
        PhotoNotFoundError: There is no file.
    """
    return _Reading(path, max_pixels).decode(is_hashed=False)


class _Reading:
    """What was found out so far, whatever comes in the way."""

    def __init__(self, path: Path, max_pixels: int, data: bytes | None = None) -> None:
        self.path, self.max_pixels, self._data = path, max_pixels, data
        self.facts: DicomFacts | None = None
        self.sha256: str | None = None

    def decode(self, *, is_hashed: bool) -> Decoded:
        file, _ = split_frame(self.path)
        if is_hashed:
            self.sha256 = _hash(file, stamp_of(file), self.max_pixels)
        if not is_installed():
            raise PhotoUnreadableError(self.path, f"its kind is DICOM, which needs: {INSTALL}")
        try:
            with self._open(file) as (opened, size):
                try:
                    return self._decode(opened, size)
                except ClauseError as error:
                    raise PhotoUnreadableError(self.path, _sentence(error)) from error
        except PhotoUnreadableError as error:  # of the file, which may be called otherwise
            if error.path == self.path:
                raise
            raise PhotoUnreadableError(self.path, error.cause) from error

    def _open(self, file: Path) -> AbstractContextManager[tuple[BinaryIO, int]]:
        if self._data is None:
            return open_photo(file, max_pixels=self.max_pixels)
        return open_content(self._data, path=file)

    def _decode(self, opened: BinaryIO, size: int) -> Decoded:
        from edge_runtime.hospital.pixels import decode_frame  # noqa: PLC0415 - as it is slow

        file, frame = split_frame(self.path)
        header = read_header(opened, size, limit=most_bytes(self.max_pixels))
        self.facts = facts_of(header, frame)
        if header.sop_class not in READ:
            raise ClauseError(
                f"is no photograph but {kind_name(header.sop_class)}; leave it out, or export the "
                "photo that it is about"
            )
        if OVERLAY_MARK in text_of(header.dataset, "ImageType").split("\\"):
            raise ClauseError(
                "is no photograph but a Grad-CAM overlay that fundus-edge made of one; name the "
                "photo that it is of"
            )
        form = form_of(header)
        if form.size[0] * form.size[1] > self.max_pixels:
            raise PhotoTooLargeError(self.path, "DICOM", form.size, self.max_pixels)
        claimed, there = count_frames(header)
        if frame is None and claimed > MAX_FRAMES:
            raise ClauseError(
                f"claims {claimed} photos, more than the {MAX_FRAMES} that are read; export them "
                "in several files"
            )
        if frame is None and claimed > 1:
            first = frame_path(file, 1).name
            raise ClauseError(
                f"has {claimed} photos, which are called {first} and so on; give the file the "
                "ending .dcm, and see that no other file is called so"
            )
        if frame is not None and frame > claimed:
            last = frame_path(file, claimed).name
            raise ClauseError(f"has no photo of this number: its last one is called {last}")
        if frame is not None and frame > there:
            raise ClauseError(f"claims {claimed} photos, and is truncated: it ends with this one")
        with in_words("is damaged: its picture can't be decoded"):
            return decode_frame(header, form, (frame or 1) - 1)


def _sentence(clause: ClauseError) -> str:
    said = f"the DICOM file {clause}"
    return said if "; " in said else f"{said}; export or copy it again from the camera or archive"


@lru_cache(maxsize=1)  # the photos of one file come one after the other
def _hash(file: Path, stamp: Stamp | None, max_pixels: int) -> str:  # noqa: ARG001 - another file
    hashed = hashlib.sha256()
    with open_photo(file, max_pixels=max_pixels) as (opened, _):
        while piece := opened.read(_PIECE):
            hashed.update(piece)
    return hashed.hexdigest()
