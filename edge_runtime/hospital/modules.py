"""Fill in what DICOM asks of an ophthalmic photograph beside its pixels.

What nobody knows stands there empty where the standard allows it, and is never made up.
"""

import datetime
import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.camera_exif import CameraExif
from edge_runtime.hospital.kinds import OPHTHALMIC_8_BIT

_EMPTY_TEXTS = (
    "PatientName", "PatientBirthDate", "PatientSex", "ReferringPhysicianName", "AccessionNumber",
    "PatientEyeMovementCommanded", "HorizontalFieldOfView", "PupilDilated",
    "EmmetropicMagnification", "IntraOcularPressure", "DetectorType", "PatientOrientation",
)  # fmt: skip
_EMPTY_SEQUENCES = (
    "RefractiveStateSequence", "IlluminationTypeCodeSequence",
    "LightPathFilterTypeStackCodeSequence", "ImagePathFilterTypeStackCodeSequence",
    "LensesCodeSequence", "AcquisitionContextSequence",
)  # fmt: skip
_IN_A_SECOND = 10_000  # numbers; all of a day are less than DICOM's most, 2**31
_RETINA = ("5665001", "SCT", "Retina")
_CAMERA = ("409898007", "SCT", "Fundus Camera")


def add_modules(
    made: Any,
    *,
    patient: tuple[str, str],
    known: Mapping[str, str] = MappingProxyType({}),
    eye: Eye,
    taken: datetime.datetime,
    camera: CameraExif,
    content: str,
    is_annotated: bool,
) -> None:
    """Add the modules to a data set.

    Args:
        made: It, with its pixels.
        patient: The ID and its issuer, "" where unknown.
        known: What else somebody says by keyword: PatientName, PatientBirthDate and PatientSex, and
            StudyInstanceUID, StudyDate and AccessionNumber of the study of the photo.
        eye: Which the photo shows.
        taken: When, by the clock there. The study is of the day and has no time: all of its
            objects must have the same one.
        camera: What took it.
        content: The SHA-256 of the photo's file.
        is_annotated: Whether the picture shows whose it is.
    """
    day, clock = f"{taken:%Y%m%d}", f"{taken:%H%M%S}"
    # photos of nobody in particular share nothing
    of_day = known.get("StudyDate") or day
    study = ("study", *(patient if patient[0] else (content,)), of_day)
    if given := known.get("StudyInstanceUID"):
        study = (*study, given)
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = OPHTHALMIC_8_BIT
    further = [f"{keyword} {word}" for keyword, word in sorted(known.items()) if word]
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = derived_uid(
        "photograph", content, *patient, eye, day + clock, str(is_annotated), *further
    )
    made.PatientID = patient[0]
    if patient[1]:
        made.IssuerOfPatientID = patient[1]
    made.StudyInstanceUID = given or derived_uid(*study)
    made.SeriesInstanceUID = derived_uid("s", *study)
    made.StudyDate, made.StudyTime = of_day, None
    made.ContentDate, made.ContentTime = day, clock
    made.AcquisitionDateTime = day + clock
    made.StudyID, made.SeriesNumber = made.StudyDate, 1
    made.InstanceNumber = _number(taken, content)
    made.Manufacturer = camera.maker
    if camera.model:
        made.ManufacturerModelName = camera.model
    made.BurnedInAnnotation = "YES" if is_annotated else "NO"
    made.SynchronizationFrameOfReferenceUID = derived_uid("clock", *study)
    made.ImageLaterality = eye[0].upper()
    for keyword in _EMPTY_TEXTS:
        setattr(made, keyword, known.get(keyword) or None)
    _add_what_all_have(made)


def _number(taken: datetime.datetime, content: str) -> int:
    """Number a photo by its second in the day, so that it needs no others to be told.

    Those of one second differ by their content, but for one pair in ten thousand.
    """
    second = 3600 * taken.hour + 60 * taken.minute + taken.second
    return 1 + _IN_A_SECOND * second + int(content, 16) % _IN_A_SECOND


def _add_what_all_have(made: Any) -> None:
    made.SpecificCharacterSet, made.Modality = "ISO_IR 192", "OP"
    made.ImageType = ["ORIGINAL", "PRIMARY", "", "COLOR"]
    made.NumberOfFrames, made.FrameIncrementPointer = 1, 0x00181063
    made.FrameTime = "0"
    made.SynchronizationTrigger, made.AcquisitionTimeSynchronized = "NO TRIGGER", "N"
    made.AnatomicRegionSequence = [_code(*_RETINA)]
    made.AcquisitionDeviceTypeCodeSequence = [_code(*_CAMERA)]
    for keyword in _EMPTY_SEQUENCES:
        setattr(made, keyword, [])


def derived_uid(*parts: str) -> str:
    """Derive a UID that is the same for the same words, and for no others.

    Source: DICOM PS3.5, B.2: 2.25 and a number of 128 bits.
    """
    hashed = hashlib.sha256("\0".join(("fundus-edge", *parts)).encode()).digest()
    return f"2.25.{int.from_bytes(hashed[:16], 'big')}"


def _code(value: str, scheme: str, meaning: str) -> Any:
    from pydicom.dataset import Dataset  # noqa: PLC0415 - its extra may not be there

    item: Any = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item
