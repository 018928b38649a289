"""The report of a person, both eyes, as values: pages and exports of other forms are made of it."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

from edge_runtime.bundle.metrics import Figure
from edge_runtime.bundle.referral import Referral
from edge_runtime.bundle.thresholds import Thresholds
from edge_runtime.explain.landmarks import Eye
from edge_runtime.hospital.facts import DoubtKind
from edge_runtime.predict.familiarity import Likeness
from edge_runtime.predict.record import BundleIdentity, ModelIdentity
from edge_runtime.results.codings import Coding

#: The newest form of the report; a reader of another one must look at what changed.
SCHEMA = 1

GroupKey = Literal["refer", "retake", "unreadable", "no-referral", "undecided"]


class Finding(Struct, frozen=True):
    """What the model says of one class: ``probability`` 0..1, of all classes 1 together.

    ``coding`` is the class in a public terminology, None where none is certain. It is a class's
    probability, no diagnosis.
    """

    class_name: str = field(name="class")
    probability: float
    is_predicted: bool
    coding: Coding | None


class QualityStatement(Struct, frozen=True):
    """Whether the photo could be graded; ``reason`` is a clause why not, ``read_as`` as in records.

    Where ``gate`` is false nobody checked it.
    """

    status: Literal["graded", "ungradable", "unreadable"]
    reason: str | None
    gate: bool
    read_as: tuple[str, ...]


class Caution(Struct, frozen=True):
    """Why not to rely on a result."""

    code: Literal["evidence_outside", "unfamiliar"]
    text: str


class SideByDicom(Struct, frozen=True):
    """The side as a DICOM file tells it: ``laterality`` is its word, ``doubt`` why none follows."""

    eye: Eye | None
    laterality: str
    doubt: DoubtKind | None


class SideOfEye(Struct, frozen=True):
    """The side as the file's name and as the optic disc tells it; ``doubt`` where they disagree.

    Of a photo of a DICOM file the side is what ``by_dicom`` tells, and nothing else.
    """

    in_name: Eye | None
    by_disc: Eye | None
    doubt: str | None
    by_dicom: SideByDicom | UnsetType = UNSET

    @property
    def told(self) -> Eye | None:
        """The side that is believed; None where nothing tells it."""
        return self.by_dicom.eye if self.by_dicom else self.in_name or self.by_disc


class UsualEvidence(Struct, frozen=True):
    """Where the evidence for a class lies on average, for comparison.

    It is the mean of ``photos`` photographs that the model rightly named so, of which it was
    ``trained`` on so many, None where that isn't known, brought to this eye: ``zones`` are the
    shares 0..1 of it in the eye's zones, through the same cells as the photograph's own,
    ``picture`` its file in the result folder.
    """

    photos: int
    trained: int | None
    zones: dict[str, float]
    picture: str


class Evidence(Struct, frozen=True):
    """Where the evidence for a class lies.

    ``logits`` is its sum, ``outside`` the share 0..1 of it outside of the eye, ``zones`` that in
    each zone of the retina, ``zones_evenly`` what evidence spread evenly over the eye would have
    there through the same cells, and ``beside_disc`` on which side of the optic disc most of it
    lies; None where that isn't known. ``overlay`` is the picture's file in the result folder,
    ``usual`` what the class's evidence is like on average, of the predicted class and where it is
    known.
    """

    class_name: str = field(name="class")
    is_positive: bool
    logits: float
    outside: float
    zones: dict[str, float] | None
    zones_evenly: dict[str, float] | None
    beside_disc: str | None
    overlay: str | None
    usual: UsualEvidence | None
    in_words: str = ""


class PhotoReport(Struct, frozen=True):
    """What one photo came to.

    ``number`` is the photo's in its run, ``time`` when it was done, ``group`` its place in the
    worklist. What there is of a graded photo alone is None or empty for others. ``disc_seen`` is
    None where nobody looked for the optic disc.
    """

    number: int
    path: str
    time: str
    group: GroupKey
    quality: QualityStatement
    predicted: str | None
    confidence: float | None
    findings: tuple[Finding, ...]
    referral: Referral | None
    familiarity: Likeness | None
    cautions: tuple[Caution, ...]
    disc_seen: bool | None
    side: SideOfEye
    evidence: tuple[Evidence, ...]


class EyeReport(Struct, frozen=True):
    """An eye's photos, the most urgent first; ``eye`` is None where nothing tells the side."""

    eye: Eye | None
    laterality: Coding | None
    photos: tuple[PhotoReport, ...]


class ClassFigures(Struct, frozen=True):
    """What the model reaches in one class, as in the manifest's metrics.

    ``sensitivity`` is the share of the class's photos that get its name, ``sensitivity_with_gate``
    that share where a photo which gets no answer counts as missed, None where it wasn't measured.
    """

    sensitivity: Figure
    sensitivity_with_gate: Figure | None
    precision: Figure
    auroc: Figure


class Measured(Struct, frozen=True):
    """What the model reached on the photos of a split; ``ece`` is its error of calibration."""

    split: str
    photos: int
    accuracy: Figure
    ece: Figure
    classes: dict[str, ClassFigures]


class ModelReport(Struct, frozen=True):
    """Which model spoke and what is known of it.

    ``confidence_is`` says how confidences are calibrated, ``temperature`` by what. ``measured``
    are figures over all sources together; ``camera`` says why they aren't this camera's.
    ``thresholds`` are those of the referral with what they reached.
    """

    bundle: BundleIdentity
    model: ModelIdentity
    confidence_is: Literal["temperature scaled", "not calibrated"]
    temperature: float
    measured: tuple[Measured, ...]
    camera: str
    thresholds: Thresholds | None


class Scope(Struct, frozen=True):
    """What is looked for at all: these classes; ``limits`` says what isn't."""

    classes: tuple[str, ...]
    limits: str


class PersonReport(Struct, frozen=True):
    """A person's report.

    ``person`` is what the photos' names call the person, or the patient's ID in DICOM files; where
    they don't (``is_named`` is false) it is the photo's name, and the photo is a person of its own.
    ``eyes`` are the right, the left and that of which nothing tells the side, those that have
    photos. ``time`` is when the last of the photos was done, ISO 8601 with the offset from UTC.
    """

    schema: int
    version: str
    person: str
    is_named: bool
    time: str
    eyes: tuple[EyeReport, ...]
    model: ModelReport
    scope: Scope
    disclaimer: str
