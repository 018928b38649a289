"""Give a person of an exported camp as SR and FHIR take what a run found of one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import UNSET
from msgspec.structs import replace

from edge_runtime.exchange.camp_words import CampWords, EyeWords, PhotoWords
from edge_runtime.exchange.new_object import is_uid
from edge_runtime.exchange.read_results import PersonResults
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.results.people import is_patient
from edge_runtime.results.structured_report import EyeReport, PersonReport, PhotoReport
from edge_runtime.station.camp_report import CampReport
from edge_runtime.station.events import ResultAccepted, ResultOverridden, RetakeAsked

_DECISIONS = ResultAccepted | ResultOverridden | RetakeAsked


def camp_results(
    report: CampReport,
    said: PersonReport,
    *,
    name: str,
    originals: Mapping[int, Path],
    overlays: Mapping[int, Path],
    dates: Literal["", "REMOVED", "MODIFIED"] = "",
) -> PersonResults:
    """Give what a camp knows of a person.

    A photo that has neither an original nor a DICOM file's UIDs has no object: what is said of it
    stands in the report alone. Of a DICOM file without its original the UIDs are known, and neither
    the patient's name nor the study's date.

    Args:
        report: Of the person.
        said: What the model says there.
        name: What the person's files are called.
        originals: The camera's files, by the photos' numbers, as far as they are there.
        overlays: Likewise the pictures of the evidence for the class that the model names.
        dates: As in ``PersonResults``; of a report without names there is nothing to refer to but
            what DICOM files say.
    """
    facts = {
        each.number: each.record.dicom for each in report.photos if each.record.dicom is not UNSET
    }
    sources = {} if dates else _sources(facts, originals)
    shown = {each.name: each for each in overlays.values()}
    eyes = tuple(_with_overlays(each, overlays) for each in said.eyes)
    return PersonResults(
        name,
        replace(said, eyes=eyes),
        facts,
        sources,
        {each.number: each.sha256 for each in report.photos},
        dates,
        camp_words(report),
        shown,
    )


def _sources(facts: Mapping[int, DicomFacts], originals: Mapping[int, Path]) -> dict[int, Path]:
    """Say where photos lie that can be referred to, or of which an object can be made."""
    return {
        number: file
        for number, file in originals.items()
        if number not in facts or is_told(facts[number])
    }


def patients_in(report: CampReport) -> set[tuple[str, str]]:
    """Give the patients' IDs within their issuers that the DICOM files of a person tell."""
    told = (each.record.dicom for each in report.photos if each.record.dicom is not UNSET)
    return {(each.patient_id, each.issuer) for each in told if is_patient(each.patient_id)}


def is_told(facts: DicomFacts) -> bool:
    """Tell whether a DICOM file's UIDs are such that a report can refer to it."""
    return all(map(is_uid, (facts.sop_instance_uid, facts.series_uid, facts.study_uid)))


def camp_words(report: CampReport) -> CampWords:
    """Give what people said of a person, and who decided."""
    by: dict[int, str] = {}
    for each in report.history:
        if isinstance(each.event, _DECISIONS) and not each.undone:
            by[each.event.photo] = each.by
    photos = {
        each.number: PhotoWords(
            each.eye,
            each.eye_told_by,  # type: ignore[arg-type]  # it is one of them
            each.decision or "",
            each.decision_reason,
            by.get(each.number, "") if each.decision else "",
        )
        for each in report.photos
    }
    guessed = {
        each.eye
        for each in report.photos
        if each.eye_told_by == "disc" and each.decision != "retake"
    }
    return CampWords(
        report.person,
        report.since,
        report.given_id,
        report.given_id_is_shared,
        report.name,
        report.birth_year,
        report.advice,
        {eye: EyeWords(each.advice, each.why, eye in guessed) for eye, each in report.eyes.items()},
        report.referral.place,
        report.referral.day,
        photos,
    )


def _with_overlays(eye: EyeReport, overlays: Mapping[int, Path]) -> EyeReport:
    return replace(eye, photos=tuple(_with_overlay(each, overlays) for each in eye.photos))


def _with_overlay(photo: PhotoReport, overlays: Mapping[int, Path]) -> PhotoReport:
    """Say where the overlay lies; a camp keeps that of the class that the model names."""
    file = overlays.get(photo.number)
    evidence = tuple(
        replace(each, overlay=file.name if file and each.class_name == photo.predicted else None)
        for each in photo.evidence
    )
    return replace(photo, evidence=evidence)
