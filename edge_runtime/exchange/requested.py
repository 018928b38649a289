"""Say in DICOM and FHIR which orders of a hospital a report is for."""

from collections.abc import Iterable
from typing import Any

from edge_runtime.exchange.camp_words import Requested
from edge_runtime.exchange.fhir_datatypes import CodeableConcept, Coding, Identifier, Reference

#: Source: HL7 FHIR R4, ImagingStudy.identifier: an accession number is of this type.
_ACCESSION = CodeableConcept(
    coding=(Coding("http://terminology.hl7.org/CodeSystem/v2-0203", "ACSN", "Accession ID"),)
)


def request_items(requests: Iterable[Requested]) -> list[Any]:
    """Give the items of a structured report's Referenced Request Sequence (0040,A370).

    What nobody knows of an order stands there empty; one whose study isn't told has no item.

    Source: DICOM PS3.3, C.17.2, and PS3.17, J.4, of several orders that one study meets.
    """
    from pydicom.dataset import Dataset  # noqa: PLC0415 - its extra may not be there

    items = []
    for each in requests:
        if not each.study_uid:
            continue
        item: Any = Dataset()
        item.ReferencedStudySequence = []
        item.StudyInstanceUID, item.AccessionNumber = each.study_uid, each.accession
        item.RequestedProcedureDescription = each.what.replace("\\", " ")[:64].strip()
        item.RequestedProcedureCodeSequence = []
        item.RequestedProcedureID = ""
        item.PlacerOrderNumberImagingServiceRequest = ""
        item.FillerOrderNumberImagingServiceRequest = ""
        items.append(item)
    return items


def accessions(
    requests: Iterable[Requested], study_uid: str | None = None
) -> tuple[Identifier, ...]:
    """Give the accession numbers of orders as identifiers, or of those of one study alone."""
    told = dict.fromkeys(
        each.accession
        for each in requests
        if study_uid in (None, each.study_uid) and each.accession
    )
    return tuple(Identifier(type=_ACCESSION, value=each) for each in told)


def based_on(requests: Iterable[Requested]) -> tuple[Reference, ...]:
    """Refer to orders by their accession numbers: where they lie in a record isn't known."""
    return tuple(Reference(type="ServiceRequest", identifier=each) for each in accessions(requests))
