"""Tell whether two files hold one object, though each be written in a way of its own.

Two ways of writing hold the same where all that they say is equal but how pixels are written, and
where the pixels themselves are, sample by sample. That can be told of ways that lose nothing.
Programs that write pixels anew without loss say how in words (dcmcjpeg does, in
DerivationDescription), which therefore may differ.

Source: DICOM PS3.5, annex A; PS3.3, C.7.6.3.1 and C.7.6.1 (DerivationDescription), for what
depends on how pixels are written.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy.typing as npt
from msgspec import Struct

from edge_runtime.hospital.bounded import Bounded
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.frame_data import count_frames, form_of
from edge_runtime.hospital.header import Header, read_meta, read_whole_header, text_of
from edge_runtime.hospital.samples import stored_frame
from edge_runtime.hospital.syntaxes import LOSSLESS

_PIECE, _META = 1 << 20, 1 << 20
_MOST_PIXELS = 30_000_000  # of all frames; what has more is told by its bytes alone
_NO_SENSE = "is damaged: it can't be compared"
_OF_WRITING = (
    "PhotometricInterpretation", "PlanarConfiguration", "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths", "EncapsulatedPixelDataValueTotalLength", "DerivationDescription",
)  # fmt: skip


class Likeness(Struct, frozen=True):
    """What an object is told by, in hexadecimal digits of SHA-256.

    ``written`` is of its bytes and how they are written, ``said`` of all that it says but its
    pixels, ``pixels`` of the samples. The last two are "" where they can't be compared: the way of
    writing loses something, or it is damaged or too large.
    """

    written: str
    said: str = ""
    pixels: str = ""


def are_alike(one: Likeness, other: Likeness) -> bool:
    """Tell whether two are of one object."""
    if one.written == other.written:
        return True
    return bool(one.said and one.pixels) and (one.said, one.pixels) == (other.said, other.pixels)


def likeness_of(file: Path, *, limit: int) -> Likeness:
    """Read what an object is told by.

    Args:
        file: Its file.
        limit: The most bytes that a deflated one may have unpacked.

    Raises:
        ClauseError: It is no DICOM file.
        OSError: It can't be read.
    """
    written, said, pixels = written_of(file), "", ""
    size = file.stat().st_size
    with file.open("rb") as opened:
        if _syntax(Bounded(opened, size, budget=_META)) in LOSSLESS:
            with suppress(ClauseError, MemoryError):
                header = read_whole_header(opened, size, limit=limit)
                pixels = _pixels(header)
                said = _said(header.dataset)
    return Likeness(written, said, pixels)


def written_of(file: Path) -> str:
    """Hash an object's bytes and how they are written, whoever wrote the file down.

    Raises:
        ClauseError: It is no DICOM file.
        OSError: It can't be read.
    """
    with file.open("rb") as opened:
        source = Bounded(opened, file.stat().st_size, budget=_META)
        written = hashlib.sha256(f"{_syntax(source)}\n".encode())
        opened.seek(source.tell())  # whatever stands before tells who wrote it
        while piece := opened.read(_PIECE):
            written.update(piece)
    return written.hexdigest()


def syntax_of(file: Path) -> str:
    """Read by which transfer syntax an object is written.

    Raises:
        ClauseError: It is no DICOM file.
        OSError: It can't be read.
    """
    with file.open("rb") as opened:
        return _syntax(Bounded(opened, file.stat().st_size, budget=_META))


def _syntax(source: Bounded) -> str:
    return text_of(read_meta(source), "TransferSyntaxUID")


def _said(dataset: Any) -> str:
    """Hash what an object says, written down in one way whatever it was written in."""
    from pydicom.filebase import DicomBytesIO  # noqa: PLC0415 - its extra may not be there
    from pydicom.filewriter import write_dataset  # noqa: PLC0415

    written = DicomBytesIO()
    written.is_implicit_VR = written.is_little_endian = True
    with in_words(_NO_SENSE):
        for keyword in _OF_WRITING:
            if keyword in dataset:
                delattr(dataset, keyword)
        for element in dataset.iterall():  # and by that each is read, and written anew
            if element.VR == "SQ":
                element.is_undefined_length = False
                for item in element.value:
                    item.is_undefined_length_sequence_item = False
        write_dataset(written, dataset)
    return hashlib.sha256(written.getvalue()).hexdigest()


def _pixels(header: Header) -> str:
    form, (frames, there) = form_of(header), count_frames(header)
    if frames > there or frames * form.size[0] * form.size[1] > _MOST_PIXELS:
        return ""
    told = hashlib.sha256(f"{frames} {form.size} {form.samples}".encode())
    for means, samples in _frames(header, frames):
        told.update(f" {means} ".encode())
        told.update(samples.data)
    return told.hexdigest()


def _frames(header: Header, frames: int) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Give of each frame what its samples mean, and these in a row, with the bits in use alone."""
    form = form_of(header)
    for index in range(frames):
        samples, means = stored_frame(header, form, index)
        row = samples.astype("u1" if form.allocated == 8 else "<u2", copy=False).reshape(-1)
        yield means, row & row.dtype.type((1 << form.bits) - 1)
