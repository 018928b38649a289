"""Read what a DICOM file says before its pixels, however much it lies."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from edge_runtime.hospital.bounded import TOO_LARGE, Bounded
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.inflate import Inflating, over
from edge_runtime.hospital.syntaxes import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileMetaDataset

_BUDGET = 8 << 20  # bytes of a header: a thousand frames have some 2 MB
_LARGE = 4 << 20  # bytes of one value, as of a maker's own, beyond which it is passed over
_MOST_ELEMENTS = 20_000
_PIECE = 1 << 16
_HOW_MANY = ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "NumberOfFrames")
_LARGE_HEADER = TOO_LARGE.format(_BUDGET >> 20)
_NO_SENSE = "is damaged: what it says of itself makes no sense"
_PIXELS = {0x7FE00008: "float", 0x7FE00009: "double", 0x7FE00010: "whole"}

#: What is read; all else is passed over.
_TAGS = (
    "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID",
    "PatientID", "IssuerOfPatientID", "Modality", "Manufacturer", "ManufacturerModelName",
    "BurnedInAnnotation",
    "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime", "TimezoneOffsetFromUTC",
    "Laterality", "ImageLaterality", "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence", "NumberOfFrames",
    "Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "ICCProfile",
    "ModalityLUTSequence", "RescaleSlope", "RescaleIntercept", "VOILUTSequence", "WindowCenter",
    "WindowWidth", "VOILUTFunction", "PresentationLUTShape",
    "RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData", "BluePaletteColorLookupTableData",
    "ExtendedOffsetTable", "ExtendedOffsetTableLengths",
    "DirectoryRecordSequence", "ImageType", "LongitudinalTemporalInformationModified",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Header:
    """What stands before the pixels, and where those are.

    ``file`` has them from ``start`` on, ``length`` bytes, None where they are in pieces of which
    each tells its own; ``vr`` is how they are written. Without pixels ``start`` is None.
    """

    dataset: "Dataset"
    syntax: str
    file: Bounded
    start: int | None
    length: int | None
    vr: str

    @property
    def sop_class(self) -> str:
        """The UID of the object's class, empty where it has none."""
        return text_of(self.dataset, "SOPClassUID") or text_of(
            self.dataset.file_meta, "MediaStorageSOPClassUID"
        )


def read_header(file: BinaryIO, size: int, *, limit: int, also: Sequence[str] = ()) -> Header:
    """Read the header of a DICOM file; nothing of its pixels is read.

    Args:
        file: The file, which stays open for them.
        size: Its bytes.
        limit: The most bytes that a deflated file may have unpacked.
        also: Keywords of what is read besides what a photo needs; all else is passed over.

    Raises:
        ClauseError: Something is wrong with it.
    """
    with in_words(_NO_SENSE):
        source, syntax, begins = _unpacked(file, size, limit)
        return _read(source, syntax, begins, (*_TAGS, *also))


def read_whole_header(file: BinaryIO, size: int, *, limit: int) -> Header:
    """Read all that a DICOM file says before its pixels; as ``read_header`` but for what it reads.

    Args:
        file: The file.
        size: Its bytes.
        limit: As there.

    Raises:
        ClauseError: Something is wrong with it, or it says more than 8 MB.
    """
    with in_words(_NO_SENSE):
        source, syntax, begins = _unpacked(file, size, limit)
        return _read(source, syntax, begins, None)


def text_of(dataset: Any, keyword: str) -> str:
    r"""Read a value as printable text of at most 200 letters; several with \ between them.

    What parts words, of whatever width, is a space.
    """
    try:
        with warnings.catch_warnings():  # as the first look at a value judges it
            warnings.simplefilter("ignore")
            value = dataset.get(keyword)
        several = isinstance(value, Sequence) and not isinstance(value, str | bytes)
        text = "\\".join(map(str, value)) if several else str("" if value is None else value)
    except Exception:  # damage has no class in common, and one value that is lost isn't the file
        return ""
    spaced = (" " if each.isspace() else each for each in text)  # also one that doesn't break
    return "".join(each for each in spaced if each.isprintable()).strip()[:200]


def number_of(dataset: Any, keyword: str, default: int) -> int:
    """Read a whole number; ``default`` where there is none.

    Raises:
        ClauseError: It isn't one.
    """
    try:
        value = dataset.get(keyword)
        return default if value is None or value == "" else int(value)
    except Exception as error:  # as above
        raise ClauseError(f"is damaged: its {keyword} is no number") from error


def read_meta(source: Bounded) -> "FileMetaDataset":
    """Read what stands before the header (group 2), and stop behind it.

    Raises:
        ClauseError: It doesn't say how the file is written, or something is wrong with it.
    """
    from pydicom.dataset import FileMetaDataset  # noqa: PLC0415 - its extra may not be there
    from pydicom.filereader import data_element_generator  # noqa: PLC0415

    with in_words(_NO_SENSE):
        source.seek(132)
        elements = data_element_generator(
            source,  # type: ignore[arg-type]
            is_implicit_VR=False,
            is_little_endian=True,
            stop_when=lambda tag, vr, length: tag >> 16 != 2 or length > _PIECE,
        )
        meta = FileMetaDataset({each.tag: each for each in elements})
        if not text_of(meta, "TransferSyntaxUID"):
            raise ClauseError("is damaged: it doesn't say how it is written")
    return meta


def _unpacked(file: BinaryIO, size: int, limit: int) -> tuple[Bounded, str, Any]:
    """Read what stands before the header, and unpack what is deflated behind it."""
    source = Bounded(file, size, budget=_BUDGET)
    meta = read_meta(source)
    syntax = text_of(meta, "TransferSyntaxUID")
    if syntax != DEFLATED:
        return source, syntax, meta
    begins = source.tell()
    file.seek(begins)
    unpacked = _inflated(file, limit, meta)
    unpacked.seek(0)
    return unpacked, EXPLICIT, meta


def _inflated(file: BinaryIO, limit: int, meta: Any) -> Bounded:
    """Unpack what is deflated, no further than its header and the pixels that this claims.

    Raises:
        ClauseError: There is more, or it is damaged.
    """
    inflating, most = Inflating(file), min(limit, _BUDGET)
    if not inflating.fits(most) and most < limit:
        most = min(limit, _claimed(inflating.unpacked, meta) + _BUDGET)
    if not inflating.fits(most):
        raise ClauseError(
            over(limit) if most == limit else "is damaged: it unpacks to more than it claims to be"
        )
    size = inflating.unpacked.tell()
    return Bounded(inflating.unpacked, size, budget=_BUDGET)


def _claimed(begin: BinaryIO, meta: Any) -> int:
    """Say how many bytes of pixels are claimed by a header of which all is there."""
    source = Bounded(begin, begin.tell())
    begin.seek(0)
    try:
        header = _read(source, EXPLICIT, meta, _HOW_MANY)
    except ClauseError as error:
        raise error if not source.is_short else ClauseError(_LARGE_HEADER) from error
    if header.start is None:
        raise ClauseError(_LARGE_HEADER)
    return max(0, math.prod(number_of(header.dataset, each, 1) for each in _HOW_MANY) // 8)


def _read(source: Bounded, syntax: str, meta: Any, keywords: Sequence[str] | None) -> Header:
    """Read a header; all of it where ``keywords`` is None."""
    from pydicom.datadict import tag_for_keyword  # noqa: PLC0415
    from pydicom.filereader import read_dataset  # noqa: PLC0415

    tags: Any = keywords and [tag_for_keyword(each) for each in keywords]
    count, found = 0, []

    def is_pixels(tag: int, vr: str | None, length: int) -> bool:
        nonlocal count
        count += 1
        if count > _MOST_ELEMENTS:
            raise ClauseError("is damaged: its header doesn't end")
        if tag in _PIXELS:
            found.append((int(tag), vr or "OW", length))
        return bool(found)

    implicit = syntax == IMPLICIT
    dataset = read_dataset(
        source,  # type: ignore[arg-type]
        is_implicit_VR=implicit,
        is_little_endian=syntax != BIG_ENDIAN,
        stop_when=is_pixels,
        defer_size=None if keywords is None else _LARGE,
        specific_tags=tags,
    )
    dataset.file_meta = meta
    # lengths in a header that was cut short are guesses
    if not found and source.is_short:
        raise ClauseError("is truncated")
    if not found:
        return Header(dataset, syntax, source, None, None, "")
    tag, vr, length = found[0]
    if _PIXELS[tag] != "whole":
        raise ClauseError("has pixels with fractions, which aren't a photo's")
    start = source.tell() + (8 if implicit or vr not in ("OB", "OW", "UN", "OF", "OD") else 12)
    body = Bounded(source.file, source.size)  # without the budget
    return Header(dataset, syntax, body, start, None if length == 0xFFFFFFFF else length, vr)
