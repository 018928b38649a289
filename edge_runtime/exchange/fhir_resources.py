"""The FHIR resources that bundles hold, as HL7 FHIR R4 (4.0.1) has them, in its order.

Of each only the elements that are written; see ``fhir_datatypes``.
"""

from edge_runtime.exchange.fhir_datatypes import (
    Annotation,
    Attachment,
    CodeableConcept,
    Coding,
    Element,
    HumanName,
    Identifier,
    Meta,
    Narrative,
    Period,
    Quantity,
    Reference,
)


class Resource(Element, frozen=True, tag_field="resourceType"):
    """What every resource is."""


class Patient(Resource, frozen=True, tag="Patient"):
    """The person, of whom nothing is told but how they are called where the photos come from.

    At a camp that may be a name, and a year of birth, YYYY.
    """

    meta: Meta
    identifier: tuple[Identifier, ...]
    name: tuple[HumanName, ...] = ()
    birth_date: str = ""


class DeviceName(Element, frozen=True):
    """How a device is called; ``type`` is of http://hl7.org/fhir/device-nametype."""

    name: str
    type: str


class DeviceVersion(Element, frozen=True):
    """A version of a part of a device."""

    type: CodeableConcept
    value: str


class DeviceProperty(Element, frozen=True):
    """What else is known of a device."""

    type: CodeableConcept
    value_quantity: tuple[Quantity, ...] = ()
    value_code: tuple[CodeableConcept, ...] = ()


class Device(Resource, frozen=True, kw_only=True, tag="Device"):
    """The model that spoke."""

    meta: Meta
    identifier: tuple[Identifier, ...]
    device_name: tuple[DeviceName, ...]
    type: CodeableConcept
    version: tuple[DeviceVersion, ...]
    property: tuple[DeviceProperty, ...] = ()
    note: tuple[Annotation, ...]


class Instance(Element, frozen=True):
    """A DICOM object of a series."""

    uid: str
    sop_class: Coding


class Series(Element, frozen=True, kw_only=True):
    """A DICOM series; ``laterality`` only where all of its photos are of one eye."""

    uid: str
    modality: Coding
    body_site: Coding
    laterality: Coding | None = None
    instance: tuple[Instance, ...]


class ImagingStudy(Resource, frozen=True, kw_only=True, tag="ImagingStudy"):
    """The DICOM study that photos are of, as far as they tell it."""

    meta: Meta
    identifier: tuple[Identifier, ...]
    status: str
    subject: Reference
    started: str = ""
    series: tuple[Series, ...]


class Component(Element, frozen=True):
    """A part of an observation: exactly one of the values."""

    code: CodeableConcept
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_string: str = ""


class Observation(Resource, frozen=True, kw_only=True, tag="Observation"):
    """What was found in one photo of an eye; with ``has_member`` also what belongs to it.

    ``body_site`` has no side where nobody knows the eye.
    """

    meta: Meta
    identifier: tuple[Identifier, ...]
    status: str
    category: tuple[CodeableConcept, ...]
    code: CodeableConcept
    subject: Reference
    effective_date_time: str = ""
    effective_period: Period | None = None
    issued: str = ""
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    data_absent_reason: CodeableConcept | None = None
    note: tuple[Annotation, ...] = ()
    body_site: CodeableConcept | None = None
    method: CodeableConcept | None = None
    device: Reference | None = None
    has_member: tuple[Reference, ...] = ()
    derived_from: tuple[Reference, ...] = ()
    component: tuple[Component, ...] = ()


class DiagnosticReport(Resource, frozen=True, kw_only=True, tag="DiagnosticReport"):
    """The report of a person."""

    meta: Meta
    text: Narrative
    identifier: tuple[Identifier, ...]
    based_on: tuple[Reference, ...] = ()
    status: str
    category: tuple[CodeableConcept, ...]
    code: CodeableConcept
    subject: Reference
    effective_date_time: str = ""
    effective_period: Period | None = None
    issued: str
    result: tuple[Reference, ...]
    imaging_study: tuple[Reference, ...] = ()
    conclusion: str
    presented_form: tuple[Attachment, ...]


class Agent(Element, frozen=True):
    """Who took part."""

    type: CodeableConcept
    who: Reference


class Entity(Element, frozen=True):
    """What was used."""

    role: str
    what: Reference


class Provenance(Resource, frozen=True, tag="Provenance"):
    """How the others came about."""

    meta: Meta
    target: tuple[Reference, ...]
    recorded: str
    activity: CodeableConcept
    agent: tuple[Agent, ...]
    entity: tuple[Entity, ...] = ()


AnyResource = Patient | Device | ImagingStudy | Observation | DiagnosticReport | Provenance


class Request(Element, frozen=True):
    """What a server shall do with an entry: make it, unless one is there that the search finds."""

    method: str
    url: str
    if_none_exist: str


class Entry(Element, frozen=True):
    """A resource of a bundle, under the name by which the others refer to it."""

    full_url: str
    resource: AnyResource
    request: Request


class Bundle(Resource, frozen=True, tag="Bundle"):
    """All of a person's resources, which a server takes as one transaction or not at all."""

    meta: Meta
    identifier: Identifier
    type: str
    timestamp: str
    entry: tuple[Entry, ...]
