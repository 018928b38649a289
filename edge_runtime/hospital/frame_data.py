"""Read the bytes of one frame out of a DICOM file, and tell how many frames are there."""

from msgspec import Struct

from edge_runtime.hospital.bounded import Bounded
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.header import Header, number_of, text_of
from edge_runtime.hospital.pieces import pieces_of, whole_frames
from edge_runtime.hospital.syntaxes import NATIVE

_SUBSAMPLED = "YBR_FULL_422"
_LOST = "is damaged: its pieces don't lead to this photo"


class Form(Struct, frozen=True):
    """How the pixels of a frame are written; ``size`` is (height, width), ``bits`` are in use."""

    size: tuple[int, int]
    samples: int
    allocated: int
    bits: int
    is_signed: bool
    photometric: str
    planar: int

    @property
    def frame_bytes(self) -> int:
        """How long a frame is where it isn't compressed."""
        bytes_each = self.size[0] * self.size[1] * self.samples * self.allocated // 8
        return bytes_each * 2 // 3 if self.photometric == _SUBSAMPLED else bytes_each


def form_of(header: Header) -> Form:
    """Read the form, and check that it is one of a photo.

    Raises:
        ClauseError: It isn't.
    """
    data = header.dataset
    form = Form(
        (number_of(data, "Rows", 0), number_of(data, "Columns", 0)),
        number_of(data, "SamplesPerPixel", 1),
        number_of(data, "BitsAllocated", 0),
        number_of(data, "BitsStored", number_of(data, "BitsAllocated", 0)),
        number_of(data, "PixelRepresentation", 0) == 1,
        text_of(data, "PhotometricInterpretation"),
        number_of(data, "PlanarConfiguration", 0),
    )
    if header.start is None:
        raise ClauseError("has no picture")
    if min(form.size) <= 0 or max(form.size) > 0xFFFF:
        raise ClauseError("is damaged: it has no size")
    if form.samples not in (1, 3) or form.allocated not in (8, 16):
        raise ClauseError(
            f"has {form.samples} samples of {form.allocated} bits a pixel, which isn't read; "
            "export the photo with 8 or 16 bits"
        )
    high = number_of(data, "HighBit", form.bits - 1)
    if not 0 < form.bits <= form.allocated or high != form.bits - 1 or form.planar not in (0, 1):
        raise ClauseError("is damaged: it doesn't say how its pixels are written")
    return form


def count_frames(header: Header) -> tuple[int, int]:
    """Count the frames: as many as the file claims, and as many as lie whole in it.

    Raises:
        ClauseError: It claims a number that makes no sense.
    """
    claimed = number_of(header.dataset, "NumberOfFrames", 1)
    if claimed < 1:
        raise ClauseError(f"is damaged: it claims {claimed} photos")
    if claimed == 1 or header.start is None:
        return 1, 1
    if header.syntax in NATIVE:
        each = form_of(header).frame_bytes
        return claimed, max(0, header.file.size - header.start) // max(1, each)
    with in_words(_LOST):
        return claimed, whole_frames(header, pieces_of(header), claimed)


def is_there_to_its_end(header: Header) -> bool:
    """Tell whether a file reaches as far as its pixels do, which it may not while it is written.

    Raises:
        ClauseError: It claims pixels that make no sense.
    """
    if header.start is None:
        return False
    if header.syntax in NATIVE:
        claimed = number_of(header.dataset, "NumberOfFrames", 1)
        length = max(header.length or 0, claimed * form_of(header).frame_bytes)
        return header.start + length <= header.file.size
    with in_words(_LOST):
        return pieces_of(header).is_ended


def frame_bytes(header: Header, form: Form, index: int) -> bytes:
    """Read a frame; ``index`` counts from 0.

    Raises:
        ClauseError: It isn't there.
    """
    file, start = header.file, header.start or 0
    if header.syntax in NATIVE:
        begins = start + index * form.frame_bytes
        if begins + form.frame_bytes > file.size:
            raise ClauseError("is truncated")
        file.seek(begins)
        return file.read(form.frame_bytes)
    from pydicom.encaps import get_frame  # noqa: PLC0415 - few files need it

    with in_words(_LOST):
        data = header.dataset
        claimed = number_of(data, "NumberOfFrames", 1)
        if claimed > 1:
            file, claimed = _whole_part(header, claimed)
        file.seek(start)
        offsets = data.get("ExtendedOffsetTable"), data.get("ExtendedOffsetTableLengths")
        frame: bytes = get_frame(
            file,
            index,
            extended_offsets=offsets if all(isinstance(each, bytes) for each in offsets) else None,
            number_of_frames=claimed,
        )
    if file.is_short:
        raise ClauseError("is truncated")
    if not frame:
        raise ClauseError(_LOST)
    return frame


def _whole_part(header: Header, claimed: int) -> tuple[Bounded, int]:
    """Give the file up to the last piece that is whole, and how many frames to look for there.

    Of a file that breaks off the frames before stand as they would in one that ended there.
    """
    pieces = pieces_of(header)
    if pieces.is_ended:
        return header.file, claimed
    count = len(pieces.spans)
    is_one_each = whole_frames(header, pieces, claimed) == count
    return Bounded(header.file.file, pieces.end), count if is_one_each else count + 1
