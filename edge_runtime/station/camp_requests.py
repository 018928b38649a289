"""Give what a hospital's worklist has of a person of a camp, as SR and FHIR take it."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import UNSET

from edge_runtime.errors import printable
from edge_runtime.exchange.camp_words import Requested
from edge_runtime.hospital.demographics import Demographics
from edge_runtime.hospital.names import readable_name
from edge_runtime.station.camp_report import CampReport, ExpectedAtCamp
from edge_runtime.station.ordered import places_of
from edge_runtime.station.orders import Order
from edge_runtime.station.visit_report import VisitAtCamp


class HospitalWords(NamedTuple):
    """What a worklist has of a person, in the order of ``CampWords``."""

    patient_id: str = ""
    issuer: str = ""
    study_uid: str = ""
    accession: str = ""
    requests: tuple[Requested, ...] = ()


def hospital_words(report: CampReport) -> HospitalWords:
    """Give the patient of a worklist, and the study and the orders that it has for the photos."""
    if report.expected is None:
        return HospitalWords()
    return _hospital(report.expected, report.visits[-1], has_own=_has_own(report))


def _hospital(expected: ExpectedAtCamp, visit: VisitAtCamp, *, has_own: bool) -> HospitalWords:
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
    return HospitalWords(
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


def listed_demographics(report: CampReport) -> Demographics:
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
