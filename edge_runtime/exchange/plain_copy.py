"""Write a DICOM object without compression, where that loses nothing, for archives that want it.

What JPEG baseline lost is lost already, and the object goes on saying so (PS3.3, C.7.6.1.1.5).
"""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_runtime.exchange.dicom_object import DicomObject
from edge_runtime.exchange.errors import NotSendableError
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.frame_data import Form, count_frames, form_of, frame_bytes
from edge_runtime.hospital.header import Header, read_header, text_of
from edge_runtime.hospital.inflate import inflated
from edge_runtime.hospital.samples import stored_frame, stored_samples
from edge_runtime.hospital.syntaxes import (
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    JPEG_2000_LOSSLESS,
    JPEG_BASELINE,
    JPEG_LS_LOSSLESS,
    RLE,
)
from edge_runtime.photo.jpeg_markers import check

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: The ways of writing that every archive should take, the better one first.
PLAIN = (EXPLICIT, IMPLICIT)

_CAN_BE_PLAIN = {
    *PLAIN,
    DEFLATED,
    JPEG_LS_LOSSLESS,
    JPEG_2000_LOSSLESS,
    RLE,
    JPEG_BASELINE,
}
_MOST = 256 << 20  # bytes of the file, and of what it unpacks to
_NO_SENSE = "is damaged: it can't be written anew"


def can_be_plain(what: DicomObject) -> bool:
    """Tell whether an object's way of writing can be undone by us, and nothing more is lost."""
    return what.syntax in _CAN_BE_PLAIN


@contextmanager
def plain_copy(file: Path, what: DicomObject, syntax: str) -> Iterator[Path]:
    """Give a file with the same object under the same UID without compression, for a moment.

    Args:
        file: The object's.
        what: What it is.
        syntax: How it is to be written, one of ``PLAIN``.

    Raises:
        NotSendableError: It is too large or damaged.
        OSError: There is no room.
    """
    if file.stat().st_size > _MOST:
        raise NotSendableError(file, f"it has more than {_MOST >> 20} MB, too much to unpack")
    try:
        with in_words(_NO_SENSE):
            data: Any = _unpacked(file, what)
            data.file_meta.TransferSyntaxUID = syntax
            written = io.BytesIO()
            data.save_as(
                written, enforce_file_format=True, implicit_vr=syntax == IMPLICIT,
                little_endian=True,
            )  # fmt: skip
    except ClauseError as error:
        raise NotSendableError(file, f"the file {error}") from error
    with tempfile.TemporaryDirectory(prefix=".plain-", dir=file.parent) as folder:
        copy = Path(folder, "copy.dcm")
        copy.write_bytes(written.getvalue())
        yield copy


def _unpacked(file: Path, what: DicomObject) -> "Dataset":
    from pydicom.filereader import dcmread, read_dataset  # noqa: PLC0415 - an extra's

    if what.syntax == DEFLATED:
        with file.open("rb") as opened:
            opened.seek(what.starts_at)
            plain = inflated(opened, _MOST)
        data = read_dataset(io.BytesIO(plain), is_implicit_VR=False, is_little_endian=True)
        return _with_meta(data, what)
    data = dcmread(file)
    if what.syntax not in PLAIN:
        _unpack_pixels(file, data, what)
    return data


def _with_meta(data: Any, what: DicomObject) -> "Dataset":
    from pydicom.dataset import FileMetaDataset  # noqa: PLC0415

    data.preamble, data.file_meta = b"\0" * 128, FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID = what.sop_class
    data.file_meta.MediaStorageSOPInstanceUID = what.uid
    return data  # type: ignore[no-any-return]


def _unpack_pixels(file: Path, data: Any, what: DicomObject) -> None:
    """Put an object's pixels in as they are stored, frame after frame."""
    with file.open("rb") as opened:
        header = read_header(opened, file.stat().st_size, limit=_MOST)
        form, (frames, there) = form_of(header), count_frames(header)
        each = form.size[0] * form.size[1] * form.samples * form.allocated // 8
        if frames > there or frames * each > _MOST:
            raise ClauseError("unpacks to more than can be, or than is there")
        if form.photometric == "YBR_ICT":
            raise ClauseError("has colours that were rounded")
        if what.syntax == JPEG_BASELINE:
            pieces, photometric = _from_jpegs(data, header, form, frames)
        else:
            pieces = [stored_samples(header, form, index).tobytes() for index in range(frames)]
            # JPEG 2000 has RGB as the former
            photometric = "RGB" if form.photometric == "YBR_RCT" else form.photometric
    pixels = b"".join(pieces)
    data.PixelData = pixels + b"\0" * (len(pixels) % 2)
    data["PixelData"].VR = "OB" if form.allocated == 8 else "OW"
    data["PixelData"].is_undefined_length = False
    if form.samples == 3:
        data.PlanarConfiguration, data.PhotometricInterpretation = 0, photometric
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        if keyword in data:
            delattr(data, keyword)


def _from_jpegs(data: Any, header: Header, form: Form, frames: int) -> tuple[list[bytes], str]:
    """Decode frames as ``predict`` does, and have the object say what of them it must say now.

    Returns:
        The frames' samples, and what they mean, as Photometric Interpretation says it.
    """
    decoded, photometric, profiles, length = [], form.photometric, set[bytes](), 0
    for index in range(frames):
        jpeg = frame_bytes(header, form, index)
        profiles.add(check(jpeg).profile)
        samples, photometric = stored_frame(header, form, index)
        decoded.append(samples.tobytes())
        length += len(jpeg)
    if len(profiles) > 1:
        raise ClauseError("has frames of several colour profiles")
    profile = profiles.pop()
    if profile and form.samples == 1:
        raise ClauseError("has grey tones with a profile, which DICOM only has for colours")
    if profile:  # which was in the JPEG, and counts before the object's
        data.ICCProfile = profile + b"\0" * (len(profile) % 2)
    if text_of(data, "LossyImageCompression") != "01":  # which only how it was written had said
        data.LossyImageCompression, data.LossyImageCompressionMethod = "01", "ISO_10918_1"
        data.LossyImageCompressionRatio = f"{sum(map(len, decoded)) / length:.2f}"
    return decoded, photometric
