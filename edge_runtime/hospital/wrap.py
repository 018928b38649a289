"""Put a photograph into a DICOM file, as an Ophthalmic Photography 8 Bit Image.

Source: DICOM PS3.3, A.41, with the modules that it makes mandatory.
"""

import datetime
import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import PhotoUnreadableError
from edge_runtime.explain.eye_side import side_in_name
from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.camera_exif import read_exif
from edge_runtime.hospital.codestream import jpeg_claim
from edge_runtime.hospital.modules import add_modules
from edge_runtime.hospital.syntaxes import EXPLICIT, JPEG_BASELINE
from edge_runtime.hospital.words import MOST, is_line, plain_name
from edge_runtime.photo import jpeg, jpeg_markers
from edge_runtime.photo.decode import decode, read_photo

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_BASELINE = 0xC0


class Said(Struct, frozen=True):
    """What somebody says of the photos: ``patient`` and its ``issuer`` may be "" where unknown.

    ``eye`` is None where each name tells it, ``taken`` where each photo's EXIF data do; it is the
    time of the clock there. ``is_annotated`` tells that names or numbers of persons stand in the
    pictures. ``name`` is the person's, ``study`` the UID and ``accession`` the accession number
    of the study to which the photos belong, ``day`` that study's day as YYYYMMDD, ``birth_date``
    and ``sex`` as DICOM writes them, "" where nobody tells them.
    """

    patient: str = ""
    issuer: str = ""
    eye: Eye | None = None
    taken: datetime.datetime | None = None
    is_annotated: bool = False
    name: str = ""
    study: str = ""
    accession: str = ""
    day: str = ""
    birth_date: str = ""
    sex: str = ""


def wrap_photo(photo: Path, said: Said, *, max_pixels: int = MAX_PIXELS) -> bytes:
    """Make a DICOM file of a photo; the same bytes for the same photo and words.

    Args:
        photo: Its file.
        said: What is known of it.
        max_pixels: The most pixels that it may have.

    Returns:
        The file's content.

    Raises:
        PhotoNotFoundError: There is no such file.
        PhotoUnreadableError: It can't be decoded, nothing tells its eye or time, or the words are
            no values of DICOM.
    """
    data = read_photo(photo, max_pixels=max_pixels)
    whole = decode(data, path=photo, max_pixels=max_pixels)  # refuses what is damaged
    told = read_exif(data)
    eye, taken = said.eye or side_in_name(photo), said.taken or told.taken
    if eye is None:
        raise PhotoUnreadableError(photo, "its name doesn't say which eye it is; say it with --eye")
    if taken is None:
        raise PhotoUnreadableError(photo, "it doesn't say when it was taken; say it with --time")
    for name, value in (("--patient", said.patient), ("--issuer", said.issuer)):
        if not is_line(value):
            raise PhotoUnreadableError(photo, f"{name} must be one line of {MOST} letters at most")
    if said.name != plain_name(said.name):
        raise PhotoUnreadableError(photo, "the name is none that DICOM takes; correct it")
    made = with_picture(data, whole.pixels)
    known = {
        "PatientName": said.name, "PatientBirthDate": said.birth_date, "PatientSex": said.sex,
        "StudyInstanceUID": said.study, "AccessionNumber": said.accession,
        "StudyDate": said.day if said.study else "",
    }  # fmt: skip
    add_modules(
        made, patient=(said.patient, said.issuer), known=known, eye=eye, taken=taken,
        camera=told, content=hashlib.sha256(data).hexdigest(), is_annotated=said.is_annotated,
    )  # fmt: skip
    file = io.BytesIO()
    made.save_as(file, enforce_file_format=True)
    return file.getvalue()


def with_picture(data: bytes, pixels: npt.NDArray[np.uint8]) -> "Dataset":
    """Begin a data set with a photo: its JPEG where DICOM takes that, else its pixels.

    Args:
        data: The photo's file.
        pixels: uint8 (height, width, 3), RGB, what was decoded of it.
    """
    return with_jpeg(data) if _goes_in(data) else _with_pixels(data, pixels)


def _goes_in(data: bytes) -> bool:
    """Tell whether a photo is a JPEG that DICOM takes as it is: baseline, whole, and upright."""
    if not data.startswith(b"\xff\xd8\xff"):
        return False
    frame, claim = jpeg_markers.check(data), jpeg_claim(data)
    is_baseline = claim.marker == _BASELINE and claim.bits == 8 and claim.samples in (1, 3)
    return is_baseline and frame.orientation == 1 and not frame.fault


def with_jpeg(data: bytes) -> "Dataset":
    """Begin a data set around a baseline JPEG, which stays as it is."""
    from pydicom.encaps import encapsulate  # noqa: PLC0415 - its extra may not be there

    claim = jpeg_claim(data)
    # what has no word for its colours is YCbCr, as JFIF's is; Adobe's 0 is RGB
    is_rgb = b"Adobe\0d" in data[:4096] and _adobe_transform(data) == 0
    made = _begin(claim.size, claim.samples, "RGB" if is_rgb else "YBR_FULL_422", JPEG_BASELINE)
    raw = claim.size[0] * claim.size[1] * claim.samples
    made.LossyImageCompression = "01"
    made.LossyImageCompressionRatio = f"{raw / len(data):.2f}"
    made.LossyImageCompressionMethod = "ISO_10918_1"
    made.PixelData = encapsulate([data])
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    return made


def _adobe_transform(data: bytes) -> int:
    at = data.index(b"Adobe\0d")
    return data[at + 11]


def _with_pixels(data: bytes, pixels: npt.NDArray[np.uint8]) -> "Dataset":
    """Begin a data set with a photo's pixels, a JPEG's at its whole size."""
    if data.startswith(b"\xff\xd8\xff"):
        frame = jpeg_markers.check(data)
        if not frame.profile:
            pixels = jpeg.decode(data, frame, reduction=1)
    made = _begin((pixels.shape[0], pixels.shape[1]), 3, "RGB", EXPLICIT)
    made.LossyImageCompression = "01" if data.startswith(b"\xff\xd8\xff") else "00"
    if made.LossyImageCompression == "01":
        made.LossyImageCompressionRatio = f"{pixels.size / len(data):.2f}"
        made.LossyImageCompressionMethod = "ISO_10918_1"
    content = pixels.tobytes()
    made.PixelData = content + b"\0" * (len(content) % 2)
    made["PixelData"].VR = "OB"
    return made


def _begin(size: tuple[int, int], samples: int, photometric: str, syntax: str) -> "Dataset":
    from pydicom.dataset import Dataset, FileMetaDataset  # noqa: PLC0415

    made: Any = Dataset()
    made.preamble, made.file_meta = b"\0" * 128, FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.Rows, made.Columns = size
    made.SamplesPerPixel = samples
    made.PhotometricInterpretation = photometric if samples == 3 else "MONOCHROME2"
    if samples == 3:
        made.PlanarConfiguration = 0
    else:
        made.PresentationLUTShape = "IDENTITY"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    return made  # type: ignore[no-any-return]
