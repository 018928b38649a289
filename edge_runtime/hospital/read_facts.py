"""Read out of a DICOM header of whom a photo is, of which eye, when and by what it was taken."""

import datetime
import re
from typing import Any

from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.hospital.header import Header, text_of
from edge_runtime.hospital.words import MOST

_WHEN = re.compile(
    r"(?P<day>\d{8})(?P<time>\d{2}(?:\d{2}){0,2})?(?:\.(?P<part>\d{1,6}))?(?P<offset>[+-]\d{4})?"
)
_IDS = {"PatientID": "a patient's ID", "IssuerOfPatientID": "an issuer of the patient's ID"}

_NO_SENSE = "is damaged: what it says of its photos makes no sense"


def facts_of(header: Header, frame: int | None) -> DicomFacts:
    """Read the facts of a photo.

    Args:
        header: Of its file.
        frame: Its number in the file from 1; None where it is the only one.

    Raises:
        ClauseError: The header is damaged, or its patient's ID is none: cut off, two would be one.
    """
    data = header.dataset
    for keyword, words in _IDS.items():
        if len(text_of(data, keyword)) > MOST:
            raise ClauseError(
                f"has {words} of more than {MOST} letters; correct it where the file is from"
            )
    with in_words(_NO_SENSE):
        return DicomFacts(
            header.sop_class,
            text_of(data, "SOPInstanceUID"),
            text_of(data, "SeriesInstanceUID"),
            text_of(data, "StudyInstanceUID"),
            text_of(data, "PatientID"),
            text_of(data, "IssuerOfPatientID"),
            _laterality(data, frame or 1),
            acquired=_acquired(data),
            manufacturer=text_of(data, "Manufacturer"),
            device=text_of(data, "ManufacturerModelName"),
            frame=frame,
            modality=text_of(data, "Modality"),
            has_no_text=text_of(data, "BurnedInAnnotation") == "NO",
        )


def _laterality(data: Any, frame: int) -> str:
    """Give the file's word for the eye; where it has several that differ, all of them.

    The image's own counts before the series's, which is for bodies as a whole; but an R of one
    against an L of the other tells neither.
    """
    words = [text_of(data, "ImageLaterality")]
    per_frame = data.get("PerFrameFunctionalGroupsSequence") or []
    shared = data.get("SharedFunctionalGroupsSequence") or []
    for group in (*shared[:1], *per_frame[frame - 1 : frame]):
        anatomy = group.get("FrameAnatomySequence") or []
        words += [text_of(each, "FrameLaterality") for each in anatomy[:1]]
    told, of_series = list(dict.fromkeys(filter(None, words))), text_of(data, "Laterality")
    if not told or (of_series not in told and {of_series, *told} == {"R", "L"}):
        told.append(of_series)
    return "\\".join(told)


def _acquired(data: Any) -> str:
    """Give the moment of acquisition in ISO 8601; empty where there is none that makes sense.

    It is as exact as the file has it: a time that makes no sense leaves the day.
    Where a file was de-identified and says so, what stands there is no moment of anything.
    """
    if text_of(data, "LongitudinalTemporalInformationModified") == "REMOVED":
        return ""
    both = text_of(data, "AcquisitionDate") + text_of(data, "AcquisitionTime")
    told = text_of(data, "AcquisitionDateTime") or both
    return _iso(told, text_of(data, "TimezoneOffsetFromUTC")) or _iso(told[:8])


def _iso(told: str, zone_of_file: str = "") -> str:
    found = _WHEN.fullmatch(told)
    if found is None:
        return ""
    time, offset = found["time"] or "", found["offset"] or zone_of_file
    zone = f"{offset[:3]}:{offset[3:]}" if re.fullmatch(r"[+-]\d{4}", offset) else ""
    part = f".{found['part']:0<6}" if found["part"] and len(time) == 6 else ""
    day = f"{found['day'][:4]}-{found['day'][4:6]}-{found['day'][6:]}"
    clock = ":".join(time[at : at + 2] for at in range(0, len(time), 2))
    written = f"{day}T{clock}{part}{zone}" if clock else day
    try:
        datetime.datetime.fromisoformat(written)
    except ValueError:
        return ""
    return written
