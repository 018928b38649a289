"""The FHIR data types that bundles are made of, as HL7 FHIR R4 (4.0.1) has them, in its order.

Of each only the elements that are written. Names are those of FHIR in snake case, and what is empty
isn't written, as FHIR has neither null nor empty lists.
"""

from msgspec import Struct

#: The media type of a PDF.
PDF = "application/pdf"


class Element(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What every data type is."""


class Coding(Element, frozen=True):
    """A code of a terminology; ``system`` is its URI."""

    system: str
    code: str
    display: str = ""


class Extension(Element, frozen=True):
    """What FHIR has no element for, under a URI: a code, or further ones within it."""

    url: str
    extension: "tuple[Extension, ...]" = ()
    value_coding: Coding | None = None


class CodeableConcept(Element, frozen=True):
    """A concept: codes that mean the same, and words; ``extension`` says what it is of."""

    extension: tuple[Extension, ...] = ()
    coding: tuple[Coding, ...] = ()
    text: str = ""


class Identifier(Element, frozen=True, kw_only=True):
    """A name that something has outside of a server: ``value`` within ``system``."""

    type: CodeableConcept | None = None
    system: str = ""
    value: str
    assigner: "Reference | None" = None


class HumanName(Element, frozen=True):
    """A person's name as it was given, in one text."""

    text: str


class Reference(Element, frozen=True):
    """A reference to an entry of the bundle by its ``full_url``, or words alone.

    ``identifier`` is what something of a ``type`` that isn't in the bundle has as a name.
    """

    reference: str = ""
    type: str = ""
    identifier: Identifier | None = None
    display: str = ""


class Quantity(Element, frozen=True):
    """A number with its unit; ``code`` is the unit in ``system``, which is UCUM."""

    value: float
    unit: str
    system: str
    code: str


class Annotation(Element, frozen=True):
    """A note, which is Markdown."""

    text: str


class Attachment(Element, frozen=True, kw_only=True):
    """A document that stands in the bundle.

    ``data`` is base64, ``size`` in bytes before that, ``hash`` its SHA-1 in base64.
    """

    content_type: str
    language: str
    data: str
    size: int = 0
    hash: str = ""
    title: str
    creation: str = ""


class Period(Element, frozen=True):
    """The time from ``start`` to ``end``, both included."""

    start: str
    end: str


class Narrative(Element, frozen=True):
    """What a person reads of a resource: ``div`` is XHTML."""

    status: str
    div: str


class Meta(Element, frozen=True):
    """What is said of a resource as such: that a model made it, and what it is for."""

    security: tuple[Coding, ...] = ()
    tag: tuple[Coding, ...] = ()
