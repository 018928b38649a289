"""Give a person of an exported camp as SR and FHIR take what a run found of one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import UNSET
from msgspec.structs import replace

from edge_runtime.exchange.camp_words import CampWords, EyeWords, PhotoWords
from edge_runtime.exchange.read_results import PersonResults, fields_of
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.hospital.uids import is_uid
from edge_runtime.results.people import is_patient
from edge_runtime.results.structured_report import EyeReport, PersonReport, PhotoReport
from edge_runtime.station.by_dicom import agrees
from edge_runtime.station.camp_report import CampReport
from edge_runtime.station.camp_requests import hospital_words, listed_demographics
from edge_runtime.station.events import ResultAccepted, ResultOverridden, RetakeAsked
from edge_runtime.station.ordered import of_days
from edge_runtime.station.orders import key_of

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
        _without_names(camp_words(report), dates) if dates else camp_words(report),
        shown,
        fields_of({each.number: each.record for each in report.photos}),
        {
            each.number: each.taken
            for each in report.photos
            if each.taken and each.number not in facts and dates != "REMOVED"
        },
    )


def _without_names(words: CampWords, dates: Literal["", "REMOVED", "MODIFIED"]) -> CampWords:
    """Leave out the days where they were removed; who it is the pseudonym alone tells."""
    days = () if dates == "REMOVED" else words.days
    return replace(words, pseudonym=words.given_id, days=days)


def _sources(facts: Mapping[int, DicomFacts], originals: Mapping[int, Path]) -> dict[int, Path]:
    """Say where photos lie that can be referred to, or of which an object can be made."""
    return {
        number: file
        for number, file in originals.items()
        if number not in facts or is_told(facts[number])
    }


def patients_in(report: CampReport) -> set[tuple[str, str]]:
    """Give the patients' IDs within their issuers that the DICOM files of a person tell.

    That of a worklist is among them where there are such files, and it isn't the same.
    """
    told = (each.record.dicom for each in report.photos if each.record.dicom is not UNSET)
    found = {(each.patient_id, each.issuer) for each in told if is_patient(each.patient_id)}
    if found and report.expected and report.expected.patient_id:
        here = report.expected.patient_id, report.expected.issuer
        if not all(agrees(key_of(*each, "", ()), *here) for each in found):
            found.add(here)
    return found


def is_told(facts: DicomFacts) -> bool:
    """Tell whether a DICOM file's UIDs are such that a report can refer to it."""
    return all(map(is_uid, (facts.sop_instance_uid, facts.series_uid, facts.study_uid)))


def of_last_visit(report: CampReport) -> CampReport:
    """Leave out of a report the photos of earlier visits, and the orders of other days.

    An order without a day may be of any.
    """
    last, days = len(report.visits), report.visits[-1].days
    expected = report.expected
    if expected is not None:
        expected = replace(expected, orders=of_days(expected.orders, days))
    photos = tuple(replace(each, visit=1) for each in report.photos if each.visit == last)
    return replace(report, visits=report.visits[-1:], photos=photos, expected=expected)


def _day(report: CampReport) -> str:
    """Give the day of a visit's study; who came up at an earlier one came with the first photo."""
    came = [each.arrived for each in report.photos if each.visit == len(report.visits)]
    is_first = report.since[:10] in report.visits[-1].days
    return (report.since if is_first or not came else came[0])[:10]


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
        report.given_id_is_anothers,
        report.name,
        report.birth_year,
        report.advice,
        {eye: EyeWords(each.advice, each.why, eye in guessed) for eye, each in report.eyes.items()},
        report.referral.place,
        report.referral.day,
        photos,
        *hospital_words(report),
        said_last=report.said_last,
        demographics=listed_demographics(report),
        visit_day=_day(report),
        visit_turn=report.visits[-1].turn,
        days=report.visits[-1].days,
        due=report.due.why if report.due else "",
        due_since=report.due.day if report.due else "",
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
