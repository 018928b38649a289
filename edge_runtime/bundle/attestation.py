"""What each step that made a bundle says of itself: the parts of in-toto statements.

Source: in-toto Attestation Framework v1 (Statement, ResourceDescriptor, DigestSet); SLSA provenance
v1; in-toto predicate test-result v0.1. Names with ``fundusedge_`` are extension fields, which other
readers pass over.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from edge_runtime.bundle.manifest import ModelEntry
from edge_runtime.bundle.verdict import GateVerdict
from edge_runtime.contract import DISCLAIMER
from edge_runtime.system.codec import plain
from edge_runtime.trust.statement import IN_TOTO

#: The types of what is said, and of the steps that say it.
PROVENANCE = "https://slsa.dev/provenance/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
STEPS = {f"urn:fundus-edge:{step}:1": step for step in ("export", "calibrate")}
VALIDATE = "urn:fundus-edge:validate:1"

#: Who ran them: somebody, on a computer that nobody but the signer of the bundle vouches for.
BUILDER = "urn:fundus-edge:somebodys-computer:1"


class Resource(Struct, frozen=True, omit_defaults=True):
    """A file, or what is known by a hash or a name of its own; ``digest`` is by algorithm."""

    name: str = ""
    uri: str = ""
    digest: Mapping[str, str] = {}
    annotations: Mapping[str, object] = {}

    @property
    def sha256(self) -> str:
        """Its SHA-256, or ""."""
        return self.digest.get("sha256", "")


class BuildDefinition(Struct, frozen=True, rename="camel"):
    """Which step it was, with which options, and what went into it."""

    build_type: str
    external_parameters: Mapping[str, object]
    resolved_dependencies: tuple[Resource, ...] = ()


class Builder(Struct, frozen=True):
    """Who ran a step, and with which versions of programs."""

    id: str
    version: Mapping[str, str] = {}


class Metadata(Struct, frozen=True, rename="camel"):
    """When a step ended."""

    finished_on: str = ""


class RunDetails(Struct, frozen=True):
    """How a step was run."""

    builder: Builder
    metadata: Metadata = Metadata()


class SplitFigures(Struct, frozen=True):
    """What a model reaches on a split, as ``Metrics`` has it, without tables and intervals."""

    photos: int
    accuracy: float
    balanced_accuracy: float
    macro_auroc: float | None
    ece: float
    recall: Mapping[str, float | None]


class ThresholdFigures(Struct, frozen=True):
    """From which probability on photos of a class are referred, and what that reaches."""

    threshold: float
    sensitivity: float | None
    specificity: float | None


class ModelFigures(Struct, frozen=True):
    """What a step measured of a model: the manifest's own figures, see ``figures_of``."""

    file: str
    checks: Mapping[str, Mapping[str, object]]
    metrics: Mapping[str, SplitFigures]
    temperature: float | None = None
    thresholds: Mapping[str, ThresholdFigures] | UnsetType = UNSET


class Provenance(Struct, frozen=True, rename="camel"):
    """What SLSA calls provenance, and the figures of each model that a step measured."""

    build_definition: BuildDefinition
    run_details: RunDetails
    figures: Mapping[str, ModelFigures] = field(default={}, name="fundusedge_figures")
    disclaimer: str = field(default=DISCLAIMER, name="fundusedge_disclaimer")


class Examination(Struct, frozen=True, rename="camel"):
    """What in-toto calls a test result: gates by name, and what each of them measured.

    The first of ``configuration`` is the command, with its options.
    """

    result: Literal["PASSED", "WARNED", "FAILED"]
    configuration: tuple[Resource, ...]
    passed_tests: tuple[str, ...] = ()
    warned_tests: tuple[str, ...] = ()
    failed_tests: tuple[str, ...] = ()
    gates: tuple[GateVerdict, ...] = field(default=(), name="fundusedge_gates")
    finished_on: str = field(default="", name="fundusedge_finishedOn")
    versions: Mapping[str, str] = field(default={}, name="fundusedge_versions")
    disclaimer: str = field(default=DISCLAIMER, name="fundusedge_disclaimer")


class Attestation(Struct, frozen=True):
    """A statement: of which files what is said; ``raw`` is it as JSON.

    ``said`` is None where no step here says it, so that this version doesn't know what it means.
    """

    subjects: tuple[Resource, ...]
    kind: str
    said: Provenance | Examination | None
    raw: Mapping[str, Any] = {}

    @property
    def step(self) -> str:
        """Name the command that says it; "" where it is another program."""
        if isinstance(self.said, Provenance):
            return STEPS[self.said.build_definition.build_type]
        return "validate" if self.said else ""


def attest(subjects: Iterable[Resource], said: Provenance | Examination) -> Attestation:
    """Make a statement of files."""
    kind = PROVENANCE if isinstance(said, Provenance) else TEST_RESULT
    named = tuple(subjects)
    raw = {
        "_type": IN_TOTO,
        "subject": plain(named),
        "predicateType": kind,
        "predicate": plain(said),
    }
    return Attestation(named, kind, said, raw)


def figures_of(entry: ModelEntry) -> ModelFigures:
    """Take the figures of a model from the manifest; a verdict is a statement of its own."""
    thresholds = entry.thresholds
    return ModelFigures(
        entry.file,
        {name: plain(found) for name, found in entry.checks.items() if name != "validation"},
        {
            split: SplitFigures(
                *(getattr(metrics, name) for name in SplitFigures.__struct_fields__)
            )
            for split, metrics in entry.metrics.items()
        },
        entry.temperature,
        {
            name: ThresholdFigures(each.threshold, each.sensitivity, each.specificity)
            for name, each in thresholds.classes.items()
        }
        if thresholds
        else UNSET,
    )
