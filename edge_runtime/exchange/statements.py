"""What is said of a person, both eyes, in coded statements: all that SR and FHIR write."""

from collections.abc import Mapping

from msgspec import Struct, field

from edge_runtime.errors import printable
from edge_runtime.exchange.codes import NO_UNITS, Code
from edge_runtime.explain.landmarks import Eye


class Coded(Struct, frozen=True, tag="code"):
    """A value that is a code."""

    code: Code


class Number(Struct, frozen=True, tag="number"):
    """A value that is a number, with its unit of UCUM."""

    value: float
    unit: Code = NO_UNITS


class Text(Struct, frozen=True, tag="text"):
    """A value in words."""

    text: str


Value = Coded | Number | Text


class Qualifier(Struct, frozen=True):
    """What a statement is of beside its concept, such as one class (concept ``FINDING``)."""

    concept: Code
    value: Code


class Statement(Struct, frozen=True):
    """One thing that is said: the value of a concept, of a class or a zone where it has any."""

    concept: Code
    value: Value
    qualifiers: tuple[Qualifier, ...] = ()


def measured(concept: Code, value: float, *qualifiers: Qualifier) -> Statement:
    """Say a number without a unit."""
    return Statement(concept, Number(float(value)), qualifiers)


def worded(concept: Code, text: str, *qualifiers: Qualifier) -> Statement:
    """Say words, on one line and printable."""
    return Statement(concept, Text(printable(text).strip()), qualifiers)


class ImageReference(Struct, frozen=True):
    """An object in an archive by its UIDs; ``frame`` counts from 1 in a file of several photos."""

    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str
    study_uid: str
    frame: int | None = None


class OverlayReference(Struct, frozen=True):
    """A picture of a class's evidence; ``file`` is its name in the result folder."""

    of: Code
    class_name: str
    file: str


class PhotoStatements(Struct, frozen=True):
    """What is said of one photo.

    ``number`` is the photo's in its run, ``name`` its file's without folders, ``eye`` as that of
    its ``EyeStatements``. ``image`` is the DICOM object that it came in, or that was made of
    it for an archive, else None.
    ``time`` is when it was classified, ISO 8601 with the offset from UTC, and ``acquired`` when it
    was taken as its file says, or ""; ``modality`` is a DICOM file's word for what took it, or "".
    """

    number: int
    name: str
    eye: Eye | None
    image: ImageReference | None
    time: str
    acquired: str
    statements: tuple[Statement, ...]
    overlays: tuple[OverlayReference, ...]
    modality: str = ""


class EyeStatements(Struct, frozen=True):
    """What is said of an eye's photos; without a ``laterality`` where nobody says which eye."""

    eye: Eye | None
    laterality: Code | None
    photos: tuple[PhotoStatements, ...]


class Patient(Struct, frozen=True):
    """Whose report it is: the ID within its issuer, "" where DICOM doesn't tell one.

    ``is_dicom`` is false where the ID comes from the names of files. Without ``is_known`` it isn't
    known who it is, and the ID is that of one photo alone. Who came to a camp (``at_camp``) and
    whose ID isn't DICOM's is called as it was given there, ``name`` and ``birth_year`` too; without
    ``is_known`` by the moment and the number at the camp, which nobody else has. ``key`` is that of
    whoever came to a camp, however they are called; "" elsewhere.
    """

    identifier: str
    issuer: str
    is_known: bool
    is_dicom: bool
    at_camp: bool = False
    name: str = ""
    birth_year: int | None = None
    key: str = ""


class Algorithm(Struct, frozen=True):
    """What made the results: ``version`` is of fundus-edge, ``identity`` that of the bundle."""

    name: str
    version: str
    identity: str
    model: str
    precision: str


class PersonStatements(Struct, frozen=True):
    """All that is said of a person; ``general`` holds for the whole report.

    The disclaimer is one of the general statements, and stands here once more for whoever shows it.
    ``time`` is when the last photo was classified, or at a camp something was last said of the
    person, or undone, if that was later, ISO 8601 with the offset from UTC: of two reports of a
    person the later one holds. ``camp`` is what the person came to at a camp, empty where they
    weren't at one, and ``days`` are those of the visit, YYYY-MM-DD; ``started`` are the days of
    studies that were made of it for an archive, by their UIDs.
    """

    patient: Patient
    time: str
    algorithm: Algorithm
    eyes: tuple[EyeStatements, ...]
    general: tuple[Statement, ...]
    disclaimer: str
    camp: tuple[Statement, ...] = ()
    days: tuple[str, ...] = ()
    started: Mapping[str, str] = field(default_factory=dict)

    @property
    def photos(self) -> tuple[PhotoStatements, ...]:
        """All photos, in the order of the eyes."""
        return tuple(photo for eye in self.eyes for photo in eye.photos)
