"""The record of a photo: what ``--json``, ``results.jsonl``, tables and reports are made of."""

import json
from pathlib import Path

from msgspec import UNSET, Struct, UnsetType, field

from edge_runtime.bundle.referral import Referral
from edge_runtime.bundle.verdict import Validation
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.photo.field import Field
from edge_runtime.predict.familiarity import Likeness
from edge_runtime.predict.prediction import Gradients
from edge_runtime.system.codec import from_line, plain

_FORMULA = tuple("=+-@\t\r")  # what a cell that spreadsheets compute begins with


class ModelIdentity(Struct, frozen=True):
    """Which model file spoke, what ran it, and what its validation said of it."""

    name: str
    precision: str
    sha256: str
    providers: tuple[str, ...]
    validation: Validation


class BundleIdentity(Struct, frozen=True):
    """Which bundle it stands in; ``identity`` is the SHA-256 of its manifest."""

    name: str
    identity: str


class Explanation(Struct, frozen=True):
    """A class's Grad-CAM in figures.

    ``evidence_logits`` is the sum of its positive part in logits, ``evidence_outside`` the share
    0..1 of that outside of the eye. ``overlay`` is the picture's file in the result folder; it is
    missing where none was written. ``zones`` is the share 0..1 of that evidence in each zone of the
    retina, see ``explain.zones.ZONES``, and ``beside_disc`` on which side of the optic disc most of
    it lies, as "temporal" or "nasal, above"; each is missing where it isn't known.
    """

    class_name: str = field(name="class")
    positive_evidence: bool
    evidence_logits: float
    evidence_outside: float
    overlay: str | UnsetType = UNSET
    zones: dict[str, float] | UnsetType = UNSET
    beside_disc: str | UnsetType = UNSET


class _Record(Struct, frozen=True, tag_field="status"):
    """What a photo came to: ``status`` says which of the three it is."""

    @property
    def status(self) -> str:
        """One of "ok", "ungradable" and "error"."""
        return str(self.__struct_config__.tag)


class GradedRecord(_Record, frozen=True, tag="ok", omit_defaults=True):
    """A photo that got a class.

    ``path`` is the file's true one, from ``path_of``; what shows it to a person makes it printable.
    ``probabilities`` (0..1) and ``logits`` are by class in the bundle's order; ``logits`` is None
    where the model has none. ``completeness_gap`` is the largest distance of a logit from what its
    map and bias add up to, None in fixed mode. ``photo_size`` is the upright (height, width),
    ``field_of_view`` in its pixels. ``familiarity`` compares the photo with those of training, None
    where the bundle can't. ``read_as`` says in clauses how the file was read, and is missing where
    that is plain. ``landmarks`` are the photo's, and missing where nobody looked for them.
    ``dicom`` is what a DICOM file says of the photo; photos of other files have none.
    """

    path: str
    class_name: str = field(name="class")
    confidence: float
    referral: Referral | None
    caution: str | None
    familiarity: Likeness | None
    probabilities: dict[str, float]
    logits: dict[str, float] | None
    explanations: tuple[Explanation, ...]
    gradients: Gradients
    completeness_gap: float | None
    photo_size: tuple[int, int]
    field_of_view: Field
    times_ms: dict[str, float]
    model: ModelIdentity
    bundle: BundleIdentity
    disclaimer: str
    read_as: tuple[str, ...] = ()
    landmarks: Landmarks | None = None
    dicom: DicomFacts | UnsetType = UNSET


class UngradableRecord(_Record, frozen=True, tag="ungradable", omit_defaults=True):
    """A photo that can't be graded; ``reason`` is a clause, the rest as above."""

    path: str
    reason: str
    model: ModelIdentity
    bundle: BundleIdentity
    disclaimer: str
    read_as: tuple[str, ...] = ()
    dicom: DicomFacts | UnsetType = UNSET


class ErrorRecord(_Record, frozen=True, tag="error"):
    """A photo that couldn't be read or classified; ``error`` is a sentence, ``dicom`` as above."""

    path: str
    error: str
    model: ModelIdentity
    bundle: BundleIdentity
    disclaimer: str
    dicom: DicomFacts | UnsetType = UNSET


Record = GradedRecord | UngradableRecord | ErrorRecord


def path_of(photo: Path) -> str:
    """Write a photo's path so that no spreadsheet runs it: ``./=x.jpg`` is ``=x.jpg`` too."""
    return no_formula(str(photo))


def no_formula(text: str) -> str:
    """Put ``./`` before a text that spreadsheets would compute, as one may begin with a path."""
    return f"./{text}" if text.startswith(_FORMULA) else text


def to_json(record: Record) -> str:
    """Write a record as one line of ASCII, whatever bytes a path consists of."""
    parts = plain(record)
    parts = {"path": parts.pop("path"), **parts}  # what a person looks for comes first
    return json.dumps(parts, allow_nan=False)


def from_json(line: str | bytes) -> Record:
    """Read a line of ``to_json``.

    Raises:
        ValueError: It isn't one; with a clause that says what is wrong.
    """
    return from_line(line, Record, named="a record")  # type: ignore[no-any-return]
