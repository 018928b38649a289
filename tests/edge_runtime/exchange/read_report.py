"""Read a structured report of ours back into the statements that it was written of."""

import io
from pathlib import Path
from typing import Any

from msgspec import Struct

from edge_runtime.errors import ResultsUnreadableError
from edge_runtime.exchange import codes
from edge_runtime.exchange.codes import Code
from edge_runtime.exchange.content import concept_of, read_code, read_statement
from edge_runtime.exchange.statements import ImageReference, Statement
from edge_runtime.exchange.write_report import COMPREHENSIVE_SR
from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.header import read_header, text_of
from edge_runtime.hospital.syntaxes import EXPLICIT
from edge_runtime.results.codings import SIDES

#: The concepts of what is said of a person as a whole.
OF_PERSON = frozenset(
    {codes.ADVICE, codes.ADVICE_WHY, codes.GIVEN_ID, codes.BIRTH_YEAR, codes.REFERRED_TO,
     codes.REFERRED_ON, codes.DUE, codes.DUE_SINCE}
)  # fmt: skip

_MOST_BYTES = 16 << 20
_OTHER = "it is no structured report of fundus-edge, or damaged; export it again"


class ReadPhoto(Struct, frozen=True):
    """What a report says of a photo, as ``PhotoStatements`` has it, and its objects' UIDs."""

    eye: Eye | None
    laterality: Code | None
    source: ImageReference | None
    overlays: tuple[tuple[Code, ImageReference], ...]
    statements: tuple[Statement, ...]


class ReadReport(Struct, frozen=True):
    """What a report says of a person, as ``PersonStatements`` has it."""

    patient: str
    issuer: str
    photos: tuple[ReadPhoto, ...]
    general: tuple[Statement, ...]
    camp: tuple[Statement, ...] = ()


def read_report(file: Path) -> ReadReport:
    """Read a report.

    Args:
        file: What ``dicom report`` wrote.

    Raises:
        ResultsUnreadableError: It is no such file, or damaged.
    """
    from pydicom import dcmread

    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ResultsUnreadableError(file, _OTHER)
        content = file.read_bytes()
    except OSError as error:
        raise ResultsUnreadableError(file, f"{error.strerror}; check the name") from error
    try:
        # within bounds; what is deflated isn't ours, and could be of any size
        header = read_header(io.BytesIO(content), len(content), limit=_MOST_BYTES)
        syntax = text_of(header.dataset.file_meta, "TransferSyntaxUID")
        if (header.sop_class, syntax) != (COMPREHENSIVE_SR, EXPLICIT):
            raise ClauseError(_OTHER)
        with in_words(_OTHER):
            return _read(dcmread(io.BytesIO(content)))
    except (ClauseError, OSError) as error:  # pydicom raises the latter of what is damaged
        raise ResultsUnreadableError(file, _OTHER) from error


def _read(data: Any) -> ReadReport:
    listed = _listed(data)
    parts = {concept_of(each): each for each in data.ContentSequence if each.ValueType != "UIDREF"}
    groups = parts[codes.IMAGING_MEASUREMENTS].get("ContentSequence") or ()
    evaluations = parts[codes.QUALITATIVE_EVALUATIONS].get("ContentSequence") or ()
    general = [*map(read_statement, evaluations)]
    return ReadReport(
        str(data.PatientID),
        str(data.get("IssuerOfPatientID") or ""),
        tuple(_photo(group, listed) for group in groups),
        tuple(each for each in general if each.concept not in OF_PERSON),
        tuple(each for each in general if each.concept in OF_PERSON),
    )


def _photo(group: Any, listed: dict[str, tuple[str, str]]) -> ReadPhoto:
    laterality, source, overlays, statements = None, None, [], []
    for each in group.ContentSequence:
        concept = concept_of(each)
        if concept == codes.FINDING_SITE:
            sides = each.get("ContentSequence") or ()
            laterality = read_code(sides[0].ConceptCodeSequence[0]) if sides else None
        elif concept == codes.SOURCE_OF_MEASUREMENT:
            source = _image(each, listed)
        elif concept == codes.OVERLAY:
            of = read_code(each.ContentSequence[0].ConceptCodeSequence[0])
            overlays.append((of, _image(each, listed)))
        elif each.RelationshipType == "CONTAINS" and concept != codes.IMAGE_REGION:
            statements.append(read_statement(each))
    eyes = {codes.code_of(coding): eye for eye, coding in SIDES.items()}
    eye = None if laterality is None else eyes[laterality]
    return ReadPhoto(eye, laterality, source, tuple(overlays), tuple(statements))


def _image(data: Any, listed: dict[str, tuple[str, str]]) -> ImageReference:
    reference = data.ReferencedSOPSequence[0]
    uid, frame = str(reference.ReferencedSOPInstanceUID), reference.get("ReferencedFrameNumber")
    return ImageReference(
        str(reference.ReferencedSOPClassUID),
        uid,
        *listed[uid],
        None if frame is None else int(frame),
    )


def _listed(data: Any) -> dict[str, tuple[str, str]]:
    """Read in which series and study each object is that the report refers to."""
    found = {}
    for keyword in ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence"):
        for study in data.get(keyword) or ():
            for series in study.ReferencedSeriesSequence:
                for each in series.ReferencedSOPSequence:
                    place = str(series.SeriesInstanceUID), str(study.StudyInstanceUID)
                    found[str(each.ReferencedSOPInstanceUID)] = place
    return found
