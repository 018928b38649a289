"""Begin a DICOM object in a patient's study, and write it as a file.

Source: DICOM PS3.3, C.7.1.1, C.7.2.1, C.7.3.1, C.7.5.1 and C.12.1.
"""

import datetime
import hashlib
import io
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from edge_runtime.exchange.deidentify.attributes import say_what_was_done
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.modules import derived_uid
from edge_runtime.hospital.syntaxes import EXPLICIT
from edge_runtime.hospital.words import MOST, is_line, plain_name

#: What all objects of a study share, by keyword; the first is without a value in none.
STUDY_WORDS = (
    "StudyInstanceUID", "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate",
    "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip

#: Of results without names what became of dates, beside the words of a study.
MODIFIED = "LongitudinalTemporalInformationModified"

_OPTIONAL = ("IssuerOfPatientID",)
_FORMS = {  # what isn't of such a form is left empty, as all but a UID and an ID may be
    "PatientBirthDate": r"\d{8}", "StudyDate": r"\d{8}", "StudyTime": r"\d{2,6}(?:\.\d{1,6})?",
    "PatientSex": "[MFO]", "StudyID": r"[^\\]{0,16}", "AccessionNumber": r"[^\\]{0,16}",
}  # fmt: skip
_NAMES = "PatientName", "ReferringPhysicianName"
_IDS = {"PatientID": "patient's ID", "IssuerOfPatientID": "issuer of the patient's ID"}
_FIRST = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_MOST = 2**31 - 1  # as IS takes it

#: Who makes the objects, as their equipment.
MAKER = "fundus-edge"


class Series(Struct, frozen=True):
    """Where an object stands in its study; ``number`` is the series's, ``instance`` its own."""

    uid: str
    number: int
    description: str
    modality: str
    instance: int


def plain_words(words: Mapping[str, str]) -> dict[str, str]:
    """Keep of what a file says of patient and study what DICOM takes as it is.

    Raises:
        ClauseError: The patient's ID or its issuer is no value of DICOM; others must not be put
            in its place.
    """
    kept = {}
    for keyword in STUDY_WORDS:
        word = words.get(keyword, "")
        if keyword in _IDS and not is_line(word):
            raise ClauseError(
                f"can't be said in DICOM: the {_IDS[keyword]} isn't one line of {MOST} letters; "
                "give the photos another one"
            )
        form = _FORMS.get(keyword)
        is_one = form is None or re.fullmatch(form, word)
        kept[keyword] = plain_name(word) if keyword in _NAMES else word if is_one else ""
    return kept


def dress(
    made: Any, words: Mapping[str, str], series: Series, *, sop_class: str, version: str
) -> None:
    """Give an object patient, study, series and equipment.

    Args:
        made: It, begun or empty.
        words: Of patient and study, see ``STUDY_WORDS``, and ``MODIFIED`` of results without names.
        series: Where it stands.
        sop_class: Its class's UID.
        version: Of fundus-edge; "" where it doesn't matter to what the object says.
    """
    from pydicom.dataset import FileMetaDataset  # noqa: PLC0415 - its extra may not be there

    if not hasattr(made, "file_meta"):
        made.preamble, made.file_meta = b"\0" * 128, FileMetaDataset()
        made.file_meta.TransferSyntaxUID = EXPLICIT
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = sop_class
    made.SpecificCharacterSet = "ISO_IR 192"
    for keyword in STUDY_WORDS:
        if words.get(keyword) or keyword not in _OPTIONAL:
            setattr(made, keyword, words.get(keyword) or None)
    made.SeriesInstanceUID, made.SeriesNumber = series.uid, series.number
    made.SeriesDescription, made.Modality = series.description, series.modality
    made.InstanceNumber = series.instance
    made.Manufacturer = made.ManufacturerModelName = MAKER
    if version:
        made.SoftwareVersions = version
    if became := words.get(MODIFIED):
        is_clean = "PixelData" in made  # pictures of results without names are
        say_what_was_done(
            made, is_moved=became == "MODIFIED", is_painted=is_clean, has_no_text=is_clean
        )


def number_at(time: str) -> int:
    """Number an object in its series so that one of a later moment has a greater number.

    It is the seconds since 2000, from 1 on, as long as they are what IS takes (until 2068).

    Args:
        time: ISO 8601 with the offset from UTC, or of UTC.
    """
    moment = datetime.datetime.fromisoformat(time)
    since = moment.replace(tzinfo=moment.tzinfo or datetime.UTC) - _FIRST
    return min(max(int(since.total_seconds()), 1), _MOST)


def sealed(made: Any, kind: str) -> tuple[str, bytes]:
    """Write an object as a file's content, with a UID that follows from all that it says.

    So the same object has the same bytes and UID, and no two that differ have one UID.

    Args:
        made: It, with all but its own UID.
        kind: A word for what it is.

    Returns:
        Its UID, and the file's content.

    Raises:
        ClauseError: It holds what DICOM doesn't take.
    """
    content = hashlib.sha256(_bytes(made, "2.25.0")).hexdigest()
    uid = derived_uid(kind, content)
    return uid, _bytes(made, uid)


def _bytes(made: Any, uid: str) -> bytes:
    file = io.BytesIO()
    with in_words("can't be said in DICOM: a word of it is none that DICOM takes"):
        made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = uid
        made.save_as(file, enforce_file_format=True)
    return file.getvalue()
