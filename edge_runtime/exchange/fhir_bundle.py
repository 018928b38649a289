"""Make of a person's statements a FHIR bundle that a server takes whole, once, or not at all."""

import base64
import hashlib
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from edge_runtime.exchange import codes
from edge_runtime.exchange.camp_words import Requested
from edge_runtime.exchange.fhir_codes import AUTHOR, CREATE, IMAGING_SERVICE, meta
from edge_runtime.exchange.fhir_datatypes import (
    PDF,
    Attachment,
    Identifier,
    Narrative,
    Reference,
)
from edge_runtime.exchange.fhir_entries import Entries
from edge_runtime.exchange.fhir_model import device_resource
from edge_runtime.exchange.fhir_narrative import conclusion, narrative, page, people_decided
from edge_runtime.exchange.fhir_observations import (
    STATUS,
    base_observation,
    class_observations,
    people_observation,
    person_observation,
    photo_observation,
)
from edge_runtime.exchange.fhir_patient import patient_resource
from edge_runtime.exchange.fhir_resources import (
    Agent,
    Bundle,
    DiagnosticReport,
    Entity,
    ImagingStudy,
    Observation,
    Provenance,
)
from edge_runtime.exchange.fhir_study import imaging_studies, in_study
from edge_runtime.exchange.fhir_values import concept, on_days
from edge_runtime.exchange.fhir_words import DICOM_UIDS, URIS, identity, search_for
from edge_runtime.exchange.report_paper import Paper
from edge_runtime.exchange.requested import based_on
from edge_runtime.exchange.statements import PersonStatements, PhotoStatements

#: Who is named beside the model where people said or decided something.
OPERATORS = "Operators of the screening camp"


def person_bundle(
    person: PersonStatements,
    *,
    contents: Mapping[int, str | None],
    system: str = "",
    assigner: str = "",
    paper: Paper | None = None,
    requests: Sequence[Requested] = (),
) -> Bundle:
    """Make a person's transaction: the same statements give the same bundle.

    Args:
        person: What is said, of one photo at least.
        contents: By the numbers of the photos, the SHA-256 of each file's content, None where
            there was none to be had. They tell photos apart; names are made of them, by which
            whoever has such a file knows it again.
        system: The URI of the system that persons' IDs are of; "" where nobody says it.
        assigner: Who issued the ID, where no DICOM file tells it, in words; it finds nobody.
        paper: The same drawn on pages; None to do without. It changes no name.
        requests: The orders of a hospital that the photos are for.

    Source: HL7 FHIR R4 (4.0.1), "RESTful API", batch and transaction.
    """
    entries = Entries()
    first = min(person.photos, key=lambda photo: photo.number)
    subject = _add_patient(
        entries, person, (system, assigner), contents.get(first.number) or first.name
    )
    device = entries.add_named(device_resource(person))
    known = imaging_studies(person.photos, subject, requests, started=person.started)
    studies = _add_studies(entries, known)
    results = []
    if person.camp:
        whole = person_observation(person, subject=subject, device=device)
        results.append(entries.add_named(whole, person.time))
    for photo in person.photos:
        image, content = in_study(photo), contents.get(photo.number) or photo.name
        base = base_observation(
            photo, subject=subject, device=device, disclaimer=person.disclaimer,
            study=studies[image.study_uid] if image else None,
        )  # fmt: skip
        results += _add_photo(entries, photo, base, content, person.time)
    # what was said, unsaid and said again is said anew, or an older report would stay the newest
    said_at = person.time if person.camp else ""
    told = _report(person, subject, results, studies, paper)
    report = entries.add_named(replace(told, based_on=based_on(requests)), said_at)
    entries.add_provenance(_provenance(person, (report, *results), device, studies))
    name = identity(*(each.full_url for each in entries.made))
    return Bundle(
        meta(by_model=True), Identifier(system=URIS, value=name), "transaction", person.time,
        entries.made,
    )  # fmt: skip


def _provenance(
    person: PersonStatements,
    made: tuple[Reference, ...],
    device: Reference,
    studies: Mapping[str, Reference],
) -> Provenance:
    """Say that the model, and people at a camp, made the others of studies or files."""
    others = [each.name for each in person.photos if in_study(each) is None]
    sources = [*studies.values(), *(Reference(display=each) for each in others)]
    people = Agent(AUTHOR, Reference(display=OPERATORS))  # not by their names
    operators = (people,) if people_decided(person) else ()
    return Provenance(
        meta(by_model=True),
        made,
        person.time,
        CREATE,
        (Agent(AUTHOR, device), *operators),
        tuple(Entity("source", each) for each in sources),
    )


def bundle_json(bundle: Bundle) -> bytes:
    """Write a bundle as FHIR's JSON, UTF-8, in the order of FHIR's elements."""
    return msgspec.json.format(msgspec.json.encode(bundle), indent=1) + b"\n"


def _add_patient(
    entries: Entries, person: PersonStatements, whose: tuple[str, str], first_photo: str
) -> Reference:
    system, assigner = whose
    who, by = patient_resource(
        person.patient, system=system, assigner=assigner, first_photo=first_photo
    )
    name = identity("patient", by.system, by.value)
    return entries.add(who, name, search_for("identifier", by.system, by.value))


def _add_studies(entries: Entries, studies: Mapping[str, ImagingStudy]) -> dict[str, Reference]:
    return {
        uid: entries.add(
            study,
            identity("study", uid),
            search_for("identifier", DICOM_UIDS, f"urn:oid:{uid}"),
        )
        for uid, study in studies.items()
    }


def _add_photo(
    entries: Entries, photo: PhotoStatements, base: Observation, content: str, time: str
) -> list[Reference]:
    """Add a photo's observations; the one that holds the others is the result.

    ``time`` is when something was last said of the person.
    """
    parts = [*class_observations(photo, base), people_observation(photo, base, time)]
    members = [entries.add_named(each, content) for each in parts if each]
    whole = photo_observation(photo, base, tuple(members))
    return [entries.add_named(whole, content)]


def _report(
    person: PersonStatements,
    subject: Reference,
    results: list[Reference],
    studies: Mapping[str, Reference],
    paper: Paper | None,
) -> DiagnosticReport:
    words = Attachment(
        content_type="text/html; charset=utf-8",
        language="en",
        data=base64.b64encode(page(person).encode()).decode(),
        title=person.disclaimer,
    )
    drawn = () if paper is None else (_attached(paper, person.disclaimer),)
    moment, period = on_days(person.days)
    return DiagnosticReport(
        meta=meta(by_model=True),
        text=Narrative("generated", narrative(person)),
        identifier=(),
        status=STATUS,
        category=(IMAGING_SERVICE,),
        code=concept(codes.MEASUREMENT_REPORT),
        subject=subject,
        effective_date_time=moment,
        effective_period=period,
        issued=person.time,
        result=tuple(results),
        imaging_study=tuple(studies.values()),
        conclusion=conclusion(person),
        presented_form=(words, *drawn),
    )


def _attached(paper: Paper, disclaimer: str) -> Attachment:
    sha1 = hashlib.sha1(paper.pdf, usedforsecurity=False).digest()  # which FHIR asks for
    return Attachment(
        content_type=PDF,
        language=paper.language,
        data=base64.b64encode(paper.pdf).decode(),
        size=len(paper.pdf),
        hash=base64.b64encode(sha1).decode(),
        title=f"{paper.title}. {disclaimer}",
    )
