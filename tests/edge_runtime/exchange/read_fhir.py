"""Read a FHIR bundle of ours back into the statements that it was made of.

What FHIR isn't told doesn't come back: where overlays lie, what files of DICOM studies are called,
and the photos' numbers in their run, which are counted from 1 in the bundle's order.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from edge_runtime.exchange import codes
from edge_runtime.exchange.codes import Code, code_of
from edge_runtime.exchange.fhir_codes import ANY_EYE, EYES
from edge_runtime.exchange.fhir_datatypes import Coding, Reference
from edge_runtime.exchange.fhir_resources import (
    Bundle,
    Device,
    DiagnosticReport,
    ImagingStudy,
    Observation,
    Patient,
)
from edge_runtime.exchange.fhir_values import code_in, coding, statement_in, value_in
from edge_runtime.exchange.statements import (
    Algorithm,
    EyeStatements,
    ImageReference,
    Number,
    PersonStatements,
    PhotoStatements,
    Statement,
    Text,
)
from edge_runtime.exchange.statements import Patient as PatientStatement
from edge_runtime.explain.landmarks import Eye
from edge_runtime.results.codings import SIDES
from edge_runtime.system.codec import not_json

_Kind = TypeVar("_Kind", Patient, Device, ImagingStudy, Observation, DiagnosticReport)

_EYES: tuple[Eye | None, ...] = ("right", "left", None)
_SOURCE = (codes.PHOTO, codes.OBJECT, codes.FRAME, codes.ACQUIRED)
_MOST_BYTES = 256 << 20


def read_bundle(data: bytes) -> PersonStatements:
    """Read a person's bundle.

    Args:
        data: What ``bundle_json`` gave.

    Raises:
        ValueError: It isn't such a bundle; with a clause that says why.
    """
    if len(data) > _MOST_BYTES:
        raise ValueError("is too large for a person's bundle")
    try:
        bundle = msgspec.json.decode(data, type=Bundle)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = not_json(error) if isinstance(error, UnicodeDecodeError | RecursionError) else error
        raise ValueError(f"isn't a bundle as this version writes it ({why})") from error
    found = _Found(bundle)
    report, device = found.only(DiagnosticReport), found.only(Device)
    whole = [found.at(each, Observation) for each in report.result]
    at_camp = [each for each in whole if _is(each, codes.CAMP_PERSON)]
    of_photos = [each for each in whole if each not in at_camp]
    photos = [found.photo(each, number) for number, each in enumerate(of_photos, 1)]
    if not device.note or not photos:
        raise ValueError("has no photograph, or a model that says nothing of itself")
    return PersonStatements(
        _patient(found.only(Patient)),
        report.issued,
        _algorithm(device),
        tuple(
            EyeStatements(eye, None if eye is None else code_of(SIDES[eye]), those)
            for eye in _EYES
            if (those := tuple(each for each in photos if each.eye == eye))
        ),
        _general(device),
        device.note[0].text,
        tuple(each for whole in at_camp for each in _components(whole)),
    )


class _Found:
    """The resources of a bundle by the names under which others refer to them."""

    def __init__(self, bundle: Bundle) -> None:
        self._by_name = {each.full_url: each.resource for each in bundle.entry}

    def only(self, kind: type[_Kind]) -> _Kind:
        """Give the one resource of a kind."""
        those = [each for each in self._by_name.values() if isinstance(each, kind)]
        if len(those) != 1:
            raise ValueError(f"has {len(those)} of {kind.__name__}, not one")
        return those[0]

    def at(self, reference: Reference, kind: type[_Kind]) -> _Kind:
        """Give the resource that a reference leads to."""
        found = self._by_name.get(reference.reference)
        if not isinstance(found, kind):
            raise ValueError(f"has a reference that leads to no {kind.__name__}")
        return found

    def photo(self, whole: Observation, number: int) -> PhotoStatements:
        """Read a photo; what was said of its classes comes behind its finding, as it was said.

        What people said comes at last.
        """
        eye = _eye(whole)
        members = [self.at(each, Observation) for each in whole.has_member]
        if any(_eye(each) != eye for each in members):
            raise ValueError("has an observation of another eye than the photograph's")
        people = [each for each in members if _is(each, codes.CAMP_PHOTO)]
        statements = _components(whole)
        source = {each.concept: each.value for each in statements if each.concept in _SOURCE}
        said = [each for each in statements if each.concept not in _SOURCE]
        concepts = [each.concept for each in said]
        place = concepts.index(codes.FINDING) + 1 if codes.FINDING in concepts else len(said)
        shares = [
            statement_in(each.code, value_in(each.value_quantity, None, ""))
            for each in members
            if each not in people
        ]
        return PhotoStatements(
            number,
            _text(source.get(codes.PHOTO)),
            eye,
            self._image(whole, source),
            whole.issued,
            _text(source.get(codes.ACQUIRED)),
            (*said[:place], *shares, *said[place:], *(s for p in people for s in _components(p))),
            (),
        )

    def _image(self, whole: Observation, source: Mapping[Code, object]) -> ImageReference | None:
        uid, frame = _text(source.get(codes.OBJECT)), source.get(codes.FRAME)
        for reference in whole.derived_from:
            study = self.at(reference, ImagingStudy)
            for series in study.series:
                for each in series.instance:
                    if each.uid == uid and study.identifier:
                        return ImageReference(
                            each.sop_class.code.removeprefix("urn:oid:"),
                            uid,
                            series.uid,
                            study.identifier[0].value.removeprefix("urn:oid:"),
                            int(frame.value) if isinstance(frame, Number) else None,
                        )
        return None


def _is(observation: Observation, code: Code) -> bool:
    return observation.code.coding == (coding(code),)


def _components(observation: Observation) -> list[Statement]:
    return [
        statement_in(
            each.code, value_in(each.value_quantity, each.value_codeable_concept, each.value_string)
        )
        for each in observation.component
    ]


def _eye(observation: Observation) -> Eye | None:
    """Tell the eye: from its code, and from nothing else."""
    site = observation.body_site
    if site is None or not site.coding:
        raise ValueError("has an observation that doesn't say of which part of the body it is")
    told: dict[tuple[Coding, ...], Eye | None] = {(ANY_EYE,): None}
    told |= {(code, ANY_EYE): eye for eye, code in EYES.items()}
    if site.coding not in told:
        raise ValueError("has an observation of another part of the body than one eye")
    return told[site.coding]


def _patient(patient: Patient) -> PatientStatement:
    """Read whose it is."""
    kinds = {code: kind for kind, code in codes.PATIENT_KINDS.items()}
    for each in patient.identifier:
        if each.type and each.type.coding:
            kind = kinds.get(code_in(each.type.coding[0]))
            if kind is None:
                break
            issuer = each.assigner.display if each.assigner else ""
            name = patient.name[0].text if patient.name else ""
            born = int(patient.birth_date) if patient.birth_date.isdecimal() else None
            return PatientStatement(each.value, issuer, *kind, name, born)
    raise ValueError("doesn't say whose it is")


def _algorithm(device: Device) -> Algorithm:
    names = {each.type: each.name for each in device.device_name}
    versions = {statement_in(each.type, Text("")).concept: each.value for each in device.version}
    precision = [each for each in _general(device) if each.concept == codes.PRECISION]
    try:
        return Algorithm(
            names["user-friendly-name"], versions[codes.VERSION],
            versions[codes.BUNDLE_IDENTITY], names["model-name"], _text(precision[0].value),
        )  # fmt: skip
    except (KeyError, IndexError) as error:
        raise ValueError("doesn't say which model spoke") from error


def _general(device: Device) -> tuple[Statement, ...]:
    return tuple(
        statement_in(
            each.type,
            value_in(
                each.value_quantity[0] if each.value_quantity else None,
                each.value_code[0] if each.value_code else None,
                "",
            ),
        )
        for each in device.property
    )


def _text(value: object) -> str:
    return value.text if isinstance(value, Text) else ""
