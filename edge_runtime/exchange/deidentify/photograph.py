"""De-identify the file of a photograph: a new one is made of what may stay."""

import hashlib
import io
from pathlib import Path
from typing import Any

from msgspec import Struct

from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import PhotoTooLargeError, PhotoUnreadableError
from edge_runtime.exchange.deidentify.attributes import Cleaned, attributes_without_person
from edge_runtime.exchange.deidentify.kept import KEPT, READ_TOO
from edge_runtime.exchange.deidentify.pictures import Pictures, pictures_of
from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.frame_data import Form, count_frames, form_of
from edge_runtime.hospital.header import Header, read_header, text_of
from edge_runtime.hospital.kinds import READ, kind_name
from edge_runtime.hospital.samples import is_jpeg
from edge_runtime.photo.decode import most_bytes, open_photo
from edge_runtime.photo.frames import MAX_FRAMES
from edge_runtime.results.people import is_patient
from edge_runtime.version import VERSION

_OPHTHALMIC = "1.2.840.10008.5.1.4.1.1.77.1.5."
_COLOURS = frozenset(
    {"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_RCT", "YBR_ICT", "YBR_FULL",
     "YBR_FULL_422"}
)  # fmt: skip
_OF_ONE_FRAME = ("1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.840.10008.5.1.4.1.1.7")
_ASK = "look at it, then say --looked-at, or --clean-pixels to paint all around the eye black"


class How(Struct, frozen=True):
    """How photographs are de-identified.

    ``moves_dates`` keeps a person's dates, each moved by the same days; otherwise they go.
    ``paints`` makes all outside of the field of view black. ``is_looked_at`` tells that somebody
    looked at each picture and found no text of anybody, in the field where all else is painted.
    ``max_pixels`` are the most that a photo may claim.
    """

    moves_dates: bool = False
    paints: bool = False
    is_looked_at: bool = False
    max_pixels: int = MAX_PIXELS


class Made(Struct, frozen=True, eq=False):
    """A de-identified file: its name below the person's folder, and its content."""

    name: str
    data: bytes


def deidentify_photograph(file: Path, how: How, people: Pseudonyms) -> Made:
    """Make a DICOM file that tells of nobody; the same bytes for the same file and key.

    Args:
        file: A DICOM file of a photograph, or of several as frames.
        how: What is to be done.
        people: Where pseudonyms and UIDs come from.

    Raises:
        PhotoNotFoundError: There is no such file.
        PhotoUnreadableError: It isn't a photograph, is damaged, or nobody says that there is no
            text in its picture.
    """
    with open_photo(file, max_pixels=how.max_pixels) as (opened, size):
        try:
            limit = most_bytes(how.max_pixels)
            header = read_header(opened, size, limit=limit, also=(*KEPT, *READ_TOO))
            return _made(file, header, how, people)
        except ClauseError as error:
            said = f"the DICOM file {error}"
            remedy = "" if "; " in said else "; export or copy it again from the camera or archive"
            raise PhotoUnreadableError(file, said + remedy) from error


def _made(file: Path, header: Header, how: How, people: Pseudonyms) -> Made:
    form, count = _form(file, header, how)
    told = text_of(header.dataset, "BurnedInAnnotation")
    if told != "NO" and not (how.paints or how.is_looked_at):
        said = "says that text stands in its picture" if told == "YES" else (
            "doesn't say whether text stands in its picture"
        )  # fmt: skip
        raise ClauseError(f"{said}; {_ASK}")
    with in_words("is damaged: its picture can't be decoded"):
        pictures = pictures_of(
            header, form, count, is_painted=how.paints, max_pixels=how.max_pixels
        )
    pseudonym = _person(header, pictures, people)
    days = people.days(pseudonym) if how.moves_dates else None
    cleaned = Cleaned(days, how.paints, told == "NO" or how.is_looked_at)
    with in_words("is damaged: what it says of itself makes no sense"):
        made = attributes_without_person(
            header.dataset, pseudonym, people, cleaned, frames=len(pictures.frames)
        )
        if "SOPInstanceUID" not in made:
            made.SOPInstanceUID = people.uid(_content(pictures))
        _add_pixels(made, form, pictures)
        data = _written(made, header.sop_class, pictures.syntax)
    name = people.digest("file", str(made.SOPInstanceUID))[:12]
    return Made(f"{pseudonym}/{pseudonym}_{name}.dcm", data)


def _form(file: Path, header: Header, how: How) -> tuple[Form, int]:
    """Give the form of the frames and their number, once all of it was held against the bounds."""
    if header.sop_class not in READ:
        raise ClauseError(
            f"is no photograph but {kind_name(header.sop_class)}; leave it out, as nothing else is "
            "de-identified here"
        )
    form = form_of(header)
    if form.photometric not in _COLOURS:
        raise ClauseError("has colours of a kind that isn't read; export it in RGB")
    if form.size[0] * form.size[1] > how.max_pixels:
        raise PhotoTooLargeError(file, "DICOM", form.size, how.max_pixels)
    claimed, there = count_frames(header)
    if claimed > MAX_FRAMES:
        raise ClauseError(
            f"claims {claimed} photos, more than the {MAX_FRAMES} that are read; export them in "
            "several files"
        )
    if claimed > there:
        raise ClauseError("is truncated: photos that it claims aren't there")
    return form, claimed


def _person(header: Header, pictures: Pictures, people: Pseudonyms) -> str:
    """Give the pseudonym; a photograph without a patient's ID is of a person of its study."""
    data = header.dataset
    patient = text_of(data, "PatientID")
    if is_patient(patient):
        return people.person(patient, text_of(data, "IssuerOfPatientID"))
    study = text_of(data, "StudyInstanceUID") or text_of(data, "SOPInstanceUID")
    return people.of_study(study or _content(pictures))


def _content(pictures: Pictures) -> str:
    return hashlib.sha256(b"".join(pictures.frames)).hexdigest()


def _add_pixels(made: Any, form: Form, pictures: Pictures) -> None:
    """Add the module of the pixels, as they are written now."""
    from pydicom.encaps import encapsulate  # noqa: PLC0415 - its extra may not be there

    count, sop_class = len(pictures.frames), str(made.SOPClassUID)
    made.SamplesPerPixel, made.PhotometricInterpretation = form.samples, pictures.photometric
    made.Rows, made.Columns = form.size
    made.BitsAllocated, made.BitsStored, made.HighBit = form.allocated, form.bits, form.bits - 1
    made.PixelRepresentation = int(form.is_signed)
    if form.samples == 3:
        made.PlanarConfiguration = 0
    if count > 1 or sop_class not in _OF_ONE_FRAME:
        made.NumberOfFrames = count
    if count > 1 or sop_class.startswith(_OPHTHALMIC):
        made.FrameIncrementPointer, made.FrameTime = 0x00181063, "0"
    if is_jpeg(pictures.syntax):
        made.PixelData = encapsulate(list(pictures.frames))
        made["PixelData"].VR = "OB"
        made["PixelData"].is_undefined_length = True
        return
    content = b"".join(pictures.frames)
    made.PixelData = content + b"\0" * (len(content) % 2)
    made["PixelData"].VR = "OB" if form.allocated == 8 else "OW"


def _written(made: Any, sop_class: str, syntax: str) -> bytes:
    from pydicom.dataset import FileMetaDataset  # noqa: PLC0415 - as above

    made.preamble, made.file_meta = b"\0" * 128, FileMetaDataset()
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = sop_class
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.ImplementationVersionName = f"FUNDUSEDGE{VERSION}"[:16]
    file = io.BytesIO()
    made.save_as(file, enforce_file_format=True)
    return file.getvalue()
