"""Find the DICOM object that each photo of a person stands in, or make one where there is none."""

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.exchange.capture import capture_photo
from edge_runtime.exchange.codes import IMAGE_QUALITY, QUALITIES
from edge_runtime.exchange.new_object import MAKER, STUDY_WORDS, plain_words
from edge_runtime.exchange.read_results import PersonResults
from edge_runtime.exchange.statements import (
    Coded,
    ImageReference,
    Patient,
    PersonStatements,
    PhotoStatements,
    Statement,
)
from edge_runtime.hospital.camera_exif import read_exif
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.demographics import Demographics
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.hospital.header import read_header, text_of
from edge_runtime.hospital.modules import derived_uid
from edge_runtime.hospital.words import MOST, plain_name
from edge_runtime.hospital.wrap import Said, with_picture, wrap_photo
from edge_runtime.photo.decode import decode, most_bytes, open_photo, read_photo
from edge_runtime.photo.frames import file_of

_NO_UIDS = (
    "its DICOM file doesn't tell the UIDs of study, series and object, so that no report can refer "
    "to it; export it again from the archive"
)
_SIZE = ("Rows", "Columns")
_WORDS = (*STUDY_WORDS, "SOPInstanceUID", "BurnedInAnnotation", *_SIZE)
_UNREADABLE = Statement(IMAGE_QUALITY, Coded(QUALITIES["unreadable"]))


class SourceImage(Struct, frozen=True):
    """A photo's object: how it is referred to, and what it says of patient and study.

    ``made`` is the file's content where the object was made here. ``is_copied`` is false where the
    DICOM file wasn't to be had, so that little is known of patient and study. ``is_annotated`` is
    false where somebody said that the picture doesn't show whose it is: its DICOM file, or who made
    the report. ``size`` is the picture's height and width in pixels, None where that isn't known.
    """

    reference: ImageReference
    words: Mapping[str, str]
    is_annotated: bool
    made: bytes | None = None
    is_copied: bool = True
    size: tuple[int, int] | None = None


def source_image(
    results: PersonResults,
    said: PersonStatements,
    photo: PhotoStatements,
    *,
    issuer: str = "",
    is_annotated: bool = False,
) -> SourceImage | None:
    """Give the object of a photo.

    One that couldn't be read has none, unless it is of a DICOM file that tells its UIDs; so it is
    with all of results without names.

    Args:
        results: Of the person.
        said: Of them.
        photo: One of theirs.
        issuer: Of the IDs that the names of files tell.
        is_annotated: Whether pictures that aren't DICOM show whose they are.

    Raises:
        PhotoNotFoundError: It isn't where it was, so that no object can be made of it.
        PhotoUnreadableError: It is another one now, its DICOM file has no UIDs, or it can't be said
            in DICOM.
    """
    path, facts = results.sources.get(photo.number), results.facts.get(photo.number)
    study = _study(results, said.patient, issuer)
    try:
        if photo.image and facts:
            return _as_it_lies(path, photo.image, facts, _of_its_study(results, facts))
        if path is None or _UNREADABLE in photo.statements:
            return None
        if facts is None:
            whose = Said(
                *_patient(said.patient, issuer), photo.eye, None, is_annotated,
                _name(results, said.patient), *study, *_born(results),
            )  # fmt: skip
            return _made(path, whose, results.sha256[photo.number], photo.number)
    except ClauseError as error:
        raise PhotoUnreadableError(path or Path(photo.name), f"it {error}") from error
    raise PhotoUnreadableError(path, _NO_UIDS)


def words_without_image(
    results: PersonResults, said: PersonStatements, issuer: str
) -> dict[str, str]:
    """Say of what patient and study a report is that no photo has an object for.

    Args:
        results: Of the person.
        said: Of them.
        issuer: Of the IDs that the names of files tell, or that were given at a camp.
    """
    identifier, issuer = _patient(said.patient, "" if results.dates else issuer)
    photos = [f"{number}:{results.sha256[number]}" for number in sorted(results.sha256)]
    (study, accession, day), (born, sex) = _study(results, said.patient, issuer), _born(results)
    time = results.report.time  # of the photos; what is said later goes into the same study
    study = study or derived_uid("study without photos", identifier, issuer, time, *photos)
    return plain_words({
        "StudyInstanceUID": study, "PatientID": identifier, "IssuerOfPatientID": issuer,
        "PatientName": _name(results, said.patient), "AccessionNumber": accession,
        "PatientBirthDate": born, "PatientSex": sex, "StudyDate": day, "StudyID": day,
    })  # fmt: skip


def _patient(patient: Patient, issuer: str) -> tuple[str, str]:
    if not patient.is_known:  # at a camp nobody else is called so, and it is we who say so
        return (patient.identifier, MAKER) if patient.at_camp else ("", "")
    return patient.identifier, patient.issuer if patient.is_dicom else issuer


def _study(results: PersonResults, patient: Patient, issuer: str) -> tuple[str, str, str]:
    """Give UID, accession number and day of the study of a camp's visit, by its clock, or ""."""
    if not (camp := results.camp):
        return "", "", ""
    day = "" if results.dates else camp.visit_day.replace("-", "")
    whose = *_patient(patient, issuer), patient.key, day, str(camp.visit_turn)
    return camp.study_uid or (derived_uid("visit", *whose) if day else ""), camp.accession, day


def _born(results: PersonResults) -> tuple[str, str]:
    """Give birth date and sex as a hospital's worklist has them, "" without."""
    told = results.camp.demographics if results.camp else Demographics()
    return told.birth_date, told.sex


def _name(results: PersonResults, patient: Patient) -> str:
    """Write a name as DICOM takes it: as a hospital has it.

    Else all of it is the first part, as nobody parted it.
    """
    if results.camp and (name := plain_name(results.camp.demographics.name)):
        return name
    return re.sub(r"[\\^=]", " ", patient.name)[:MOST].strip()


def _of_its_study(results: PersonResults, facts: DicomFacts) -> list[Path]:
    """List the files of other photos that are of the same study of the same patient."""
    whose = facts.study_uid, facts.patient_id, facts.issuer
    return [
        results.sources[number]
        for number, each in results.facts.items()
        if number in results.sources and (each.study_uid, each.patient_id, each.issuer) == whose
    ]


def _as_it_lies(
    path: Path | None, image: ImageReference, facts: DicomFacts, others: Sequence[Path]
) -> SourceImage:
    """Copy what a photo's DICOM file says of patient and study, if it is still that file.

    Where it isn't, another file of the study says it as well. Of results without names there is
    none to copy from.
    """
    told = facts.study_uid, facts.patient_id
    for file in filter(None, (path, *others)):
        found = _read_words(file)
        if found and (found["StudyInstanceUID"], found["PatientID"]) == told:
            break
    else:
        known = (facts.study_uid, facts.patient_id, facts.issuer)
        names = ("StudyInstanceUID", "PatientID", "IssuerOfPatientID")
        words = plain_words(dict(zip(names, known, strict=True)))
        return SourceImage(image, words, is_annotated=True, is_copied=path is None)
    is_same = found["SOPInstanceUID"] == facts.sop_instance_uid
    is_clean = is_same and found["BurnedInAnnotation"] == "NO"
    size = _size(found) if is_same else None
    return SourceImage(image, plain_words(found), is_annotated=not is_clean, size=size)


def _size(found: Mapping[str, str]) -> tuple[int, int] | None:
    rows, columns = (found[each] for each in _SIZE)
    return (int(rows), int(columns)) if rows.isdecimal() and columns.isdecimal() else None


def _read_words(path: Path) -> dict[str, str] | None:
    limit = most_bytes(MAX_PIXELS)
    try:
        with open_photo(file_of(path)) as (opened, size):
            header = read_header(opened, size, limit=limit, also=_WORDS)
            with in_words("is damaged"):
                return {keyword: text_of(header.dataset, keyword) for keyword in _WORDS}
    except (PhotoNotFoundError, PhotoUnreadableError, ClauseError):
        return None


def _made(path: Path, said: Said, sha256: str | None, number: int) -> SourceImage:
    """Make the object of a photo that came in another file."""
    data = read_photo(path)
    content = hashlib.sha256(data).hexdigest()
    if sha256 is not None and content != sha256:
        cause = "it isn't the photo that the results are of; classify it again with --resume"
        raise PhotoUnreadableError(path, cause)
    taken, patient = read_exif(data).taken, (said.patient, said.issuer)
    if said.eye and taken:
        return _of_file(wrap_photo(path, said), is_annotated=said.is_annotated)
    day = said.day or (f"{taken:%Y%m%d}" if taken else "")
    # that of those that are wrapped; what has no day is one study of the person
    study = said.study or derived_uid("study", *(patient if patient[0] else (content,)), day)
    words = plain_words({
        "StudyInstanceUID": study, "PatientID": patient[0], "IssuerOfPatientID": patient[1],
        "StudyDate": day, "StudyID": day, "PatientName": said.name,
        "AccessionNumber": said.accession, "PatientBirthDate": said.birth_date,
        "PatientSex": said.sex,
    })  # fmt: skip
    made = with_picture(data, decode(data, path=path).pixels)
    if taken:
        made.ContentDate, made.ContentTime = f"{taken:%Y%m%d}", f"{taken:%H%M%S}"
        made.AcquisitionDateTime = f"{taken:%Y%m%d%H%M%S}"
    reference, made_bytes = capture_photo(
        made, words, eye=said.eye, is_annotated=said.is_annotated, number=number
    )
    size = int(made.Rows), int(made.Columns)
    return SourceImage(reference, words, said.is_annotated, made_bytes, size=size)


def _of_file(data: bytes, *, is_annotated: bool) -> SourceImage:
    also = *STUDY_WORDS, *_SIZE
    header = read_header(io.BytesIO(data), len(data), limit=len(data), also=also)
    told = header.dataset
    reference = ImageReference(
        header.sop_class,
        text_of(told, "SOPInstanceUID"),
        text_of(told, "SeriesInstanceUID"),
        text_of(told, "StudyInstanceUID"),
    )
    said = {keyword: text_of(told, keyword) for keyword in also}
    return SourceImage(reference, plain_words(said), is_annotated, data, size=_size(said))
