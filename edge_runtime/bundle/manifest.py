"""The manifest of a bundle: its values, read strictly from JSON and written back."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, Struct

from edge_runtime.bundle.average_maps import AverageMapsEntry
from edge_runtime.bundle.familiarity import FamiliarityEntry
from edge_runtime.bundle.fidelity import GradientsEntry
from edge_runtime.bundle.metrics import Metrics
from edge_runtime.bundle.origin import Origin
from edge_runtime.bundle.quality_limits import QualityLimits, check_limits
from edge_runtime.bundle.thresholds import Thresholds, check_thresholds
from edge_runtime.bundle.verdict import Verdict, check_verdict
from edge_runtime.contract import MANIFEST as MANIFEST  # noqa: PLC0414 - others look for it here
from edge_runtime.contract import PREPROCESSING, SIGNATURES, Preprocessing
from edge_runtime.system.codec import parse, plain, read

#: The newest manifest that this package reads, and the one that it writes.
SCHEMA = 1

ProcessorKind = Literal["", "x86", "x86-vnni", "arm64"]

#: The kinds of processor that a quantised model can be made for.
TARGETS = tuple(name for name in get_args(ProcessorKind) if name)

Above0 = Annotated[int, Meta(gt=0)]
Texts = Annotated[
    tuple[Annotated[str, Meta(min_length=1)], ...], Meta(description="a list of texts")
]
TwoSizes = Annotated[
    tuple[Above0, Above0], Meta(description="a list of 2 whole numbers above zero")
]
ThreeSizes = Annotated[
    tuple[Above0, Above0, Above0], Meta(description="a list of 3 whole numbers above zero")
]


class _Versioned(Struct):
    """What is read of a manifest before anything else of it is believed."""

    schema: int


class _Prepared(Struct):
    """What is read of it next: a bundle that wants other photos may have another form."""

    preprocessing: Preprocessing


#: Figures by name, for people: what later stages found when they compared a model with another.
Figures = Mapping[str, Annotated[object, Meta(extra_json_schema={"title": "Figure"})]]


@dataclass(frozen=True)
class FileEntry:
    """What a file of the bundle must be."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class ModelEntry:
    """One model file of the bundle.

    ``precision`` says what it computes in, ``checks`` how it was compared with the model that it
    was made from, ``metrics`` what it reaches, by split. ``target`` is the kind of processor that a
    quantised model was made for, one of ``TARGETS``: "x86" is safe on all of them, "x86-vnni" has
    weights at full range and saturates on an x86 processor without VNNI, "arm64" has signed
    activations. It is empty for models that compute the same everywhere, and the key may be absent.
    ``temperature`` and ``thresholds`` are the model's own; where they are None, or absent as in
    older bundles, the bundle's hold, see ``Manifest.for_model``.
    """

    file: str
    format: str
    precision: str
    checks: Mapping[str, Figures] = field(default_factory=dict)
    metrics: Mapping[str, Metrics] = field(default_factory=dict)
    target: ProcessorKind = ""
    temperature: float | None = None
    thresholds: Thresholds | None = None

    @property
    def verdict(self) -> Verdict | None:
        """What its validation said, if it was validated."""
        found = self.checks.get("validation")
        return None if found is None else read(found, Verdict)


@dataclass(frozen=True)
class Manifest:
    """Everything that a bundle says of itself.

    ``input_size`` is (height, width), ``feature_shape`` (h, w, K) of ``last_conv``. ``models`` are
    named, ``default_model`` is the one that is run unasked. ``temperature`` and ``thresholds`` hold
    for models without their own; thresholds may be None, in the file an empty object. ``gates`` are
    the limits that a validation holds models to, which may be empty. ``quality`` are the
    limits of the quality gate; the key may be absent. ``evidence_outside_max`` is the share 0..1 of
    a prediction's evidence that may lie outside of the eye before the photo is flagged; it may be
    absent too, and so may ``familiarity``, by which photos unlike those of training are told, and
    ``average_maps``, where the evidence for each class lies on average.
    """

    name: str
    created: str
    classes: Texts
    input_size: TwoSizes
    feature_shape: ThreeSizes
    preprocessing: Preprocessing
    temperature: float
    thresholds: Thresholds | None
    default_model: str
    models: Mapping[str, ModelEntry]
    gradients: GradientsEntry
    origin: Origin
    files: Mapping[str, FileEntry] = field(default_factory=dict)
    quality: QualityLimits = field(default_factory=QualityLimits)
    gates: Mapping[str, float] = field(default_factory=dict)
    evidence_outside_max: Annotated[float, Meta(ge=0, le=1, description="0 to 1")] = 0.5
    familiarity: FamiliarityEntry | None = None
    average_maps: AverageMapsEntry | None = None
    schema: int = SCHEMA

    def for_model(self, name: str) -> "Manifest":
        """Put a model's own temperature and thresholds, where it has any, in the bundle's place."""
        own = self.models[name]
        if own.temperature is None:
            return self
        return replace(self, temperature=own.temperature, thresholds=own.thresholds)

    def to_json(self) -> str:
        """Write the manifest as indented JSON, ending in a newline."""
        raw = plain(self)
        for absent in ("familiarity", "average_maps"):
            if raw.get(absent) is None:
                raw.pop(absent, None)
        for part in (raw, *raw["models"].values()):
            part["thresholds"] = part.get("thresholds") or {}  # older ones lack it
        return json.dumps(raw, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def parse_manifest(text: str) -> Manifest:
    """Read a manifest, and check every value's type and that the values fit each other.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after "manifest.json".
    """
    raw = parse(text)
    schema = read(raw, _Versioned).schema
    if schema > SCHEMA:
        raise ValueError(
            f"has schema {schema}, newer than {SCHEMA}, the newest that this version reads: "
            "upgrade fundus-edge"
        )
    if schema < 1:
        raise ValueError(f"has schema {schema}, which never existed")
    _check_preprocessing(raw, read(raw, _Prepared).preprocessing)
    manifest = read(_without_empty_thresholds(raw), Manifest)
    check_limits(raw)
    _check(manifest)
    return manifest


def _check_preprocessing(raw: Any, asked: Preprocessing) -> None:
    """Check that photos are prepared as the bundle wants them, and say what to do if not."""
    if raw["preprocessing"] == plain(PREPROCESSING):
        return
    cause = f"asks for photos prepared as '{asked.name}' version {asked.version}"
    if asked.version > PREPROCESSING.version:
        raise ValueError(f"{cause}, newer than this version of fundus-edge: upgrade it")
    raise ValueError(
        f"{cause}, which this version doesn't: train and export it anew with this version, or use "
        "the bundle of the package"
    )


def _without_empty_thresholds(raw: Any) -> Any:
    """Read an object without thresholds, of the bundle or of a model, as none at all."""
    if isinstance(raw, dict):
        raw = raw | {"thresholds": None} if raw.get("thresholds") == {} else raw
        if isinstance(raw.get("models"), dict):
            models = {name: _without_empty_thresholds(each) for name, each in raw["models"].items()}
            raw = raw | {"models": models}
    return raw


def _check(manifest: Manifest) -> None:
    """Check that the manifest's values fit each other."""
    if len(manifest.classes) < 2 or len(set(manifest.classes)) != len(manifest.classes):
        raise ValueError("needs at least two classes, each named once")
    if not manifest.models:
        raise ValueError("names no model")
    if manifest.default_model not in manifest.models:
        raise ValueError(f"has no model '{manifest.default_model}', which it calls its default")
    for name in manifest.files:
        check_file_name(name)
    named = [entry.file for entry in manifest.models.values()]
    named.append(manifest.gradients.file)
    named += [each.file for each in (manifest.familiarity, manifest.average_maps) if each]
    for file in named:
        if file not in manifest.files:
            raise ValueError(f"uses the file '{file}' but doesn't list it")
    _check_averages(manifest)
    _check_confidence(manifest)
    for name, model in manifest.models.items():
        if model.thresholds and model.temperature is None:
            raise ValueError(f"has 'models.{name}.thresholds' without a temperature to go with")
        own = manifest.for_model(name)
        verdict = None
        if "validation" in model.checks:  # so that a report of it doesn't fail at the end
            at = f"models.{name}.checks.validation"
            verdict = read(model.checks["validation"], Verdict, at=at)
        try:
            _check_confidence(own)
            if verdict is not None:
                check_verdict(verdict, gates=manifest.gates, thresholds=own.thresholds)
        except ValueError as error:
            raise ValueError(f"{error}, in 'models.{name}'") from error


def _check_averages(manifest: Manifest) -> None:
    found = manifest.average_maps
    if found and (tuple(found.photos) != manifest.classes or found.model not in manifest.models):
        raise ValueError("has average maps of other classes or another model than its own")


def _check_confidence(manifest: Manifest) -> None:
    if not 0 < manifest.temperature < math.inf:
        raise ValueError("has a temperature that isn't above zero and finite")
    if manifest.thresholds is not None:
        check_thresholds(manifest.thresholds, manifest.classes)


def check_file_name(name: str) -> None:
    """Check that a name can be that of a file in a bundle, and of none outside it.

    Raises:
        ValueError: With a clause that says so.
    """
    parts = PurePosixPath(name).parts
    if len(parts) != 1 or "\\" in name or "\0" in name or name in ("..", MANIFEST, *SIGNATURES):
        raise ValueError(f"names a file '{name}' that can't be in a bundle")
