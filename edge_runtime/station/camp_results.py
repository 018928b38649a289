"""Give a person of an exported camp as SR and FHIR take what a run found of one."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from edge_runtime.errors import printable
from edge_runtime.exchange.camp_words import CampWords, EyeWords, PhotoWords, Requested
from edge_runtime.exchange.read_results import PersonResults, fields_of
from edge_runtime.hospital.demographics import Demographics
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.hospital.names import readable_name
from edge_runtime.hospital.uids import is_uid
from edge_runtime.results.people import is_patient
from edge_runtime.results.structured_report import EyeReport, PersonReport, PhotoReport
from edge_runtime.station.by_dicom import agrees
from edge_runtime.station.camp_report import CampReport, ExpectedAtCamp
from edge_runtime.station.events import ResultAccepted, ResultOverridden, RetakeAsked
from edge_runtime.station.ordered import of_days, places_of
from edge_runtime.station.orders import Order, key_of
from edge_runtime.station.visit_report import VisitAtCamp

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
        *(
            _hospital(report.expected, report.visits[-1], has_own=_has_own(report))
            if report.expected
            else _Hospital()
        ),
        said_last=report.said_last,
        demographics=_demographics(report),
        visit_day=_day(report),
        visit_turn=report.visits[-1].turn,
        days=report.visits[-1].days,
    )


class _Hospital(NamedTuple):
    """What a worklist has of a person, in the order of ``CampWords``."""

    patient_id: str = ""
    issuer: str = ""
    study_uid: str = ""
    accession: str = ""
    requests: tuple[Requested, ...] = ()


def _hospital(expected: ExpectedAtCamp, visit: VisitAtCamp, *, has_own: bool) -> _Hospital:
    """Give the patient of a worklist, and the study that it has for the photos, if it is known.

    Of several it is the one that somebody chose, of all of them the first: one of several may be
    the wrong one. What they all say is known without being asked. ``has_own`` is whether any photo
    doesn't say it itself.
    """
    known = places_of(expected.orders)
    if visit.ordered is not None:
        known = {each: own for each, own in known.items() if {*own} & {*visit.ordered}}
    places = [*known] if visit.ordered is None else [*known][:1]
    studies, numbers = {each.study_uid for each in places}, {each.accession for each in places}
    is_settled = has_own and (visit.ordered is not None or len(known) == 1)
    return _Hospital(
        expected.patient_id,
        expected.issuer,
        studies.pop() if len(studies) == 1 else "",
        numbers.pop() if len(numbers) == 1 else "",
        tuple(Requested(*each, _words(own)) for each, own in known.items()) if is_settled else (),
    )


def _words(orders: Iterable[Order]) -> str:
    return ", ".join(dict.fromkeys(each.what for each in orders if each.what))


def _has_own(report: CampReport) -> bool:
    return any(each.record.dicom is UNSET for each in report.photos)


def is_unasked(report: CampReport) -> bool:
    """Tell whether the photos of a report's last visit may be for several orders, and nobody said.

    So it is where any of them doesn't say it itself, as DICOM files do.
    """
    orders = report.expected.orders if report.expected else ()
    return _has_own(report) and report.visits[-1].ordered is None and len(places_of(orders)) > 1


def _demographics(report: CampReport) -> Demographics:
    """Give what the hospital says of a patient, without what an operator wrote otherwise."""
    if report.expected is None or not report.expected.patient_id:
        return Demographics()
    told = report.expected.demographics
    is_same_year = told.birth_date[:4] == str(report.birth_year)
    return Demographics(
        told.name if printable(readable_name(told.name)) == report.name else "",
        told.birth_date if is_same_year else "",
        told.sex,
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
