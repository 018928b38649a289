"""The manifest of a bundle: its values, read strictly from JSON and written back."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, Struct

from edge_runtime.bundle.quality_limits import QualityLimits, check_limits
from edge_runtime.bundle.referral import check_thresholds
from edge_runtime.bundle.shown import ShownMetrics, TrainedOn, Verdict
from edge_runtime.contract import MANIFEST as MANIFEST  # noqa: PLC0414 - others look for it here
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


class _GradientsFile(Struct):
    """What is read of a manifest's ``gradients``."""

    file: str


class _Versioned(Struct):
    """What is read of a manifest before anything else of it is believed."""

    schema: int


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
    ``temperature`` and ``thresholds`` are the model's own; where they are None and empty, or absent
    as in older bundles, the bundle's hold, see ``Manifest.for_model``.
    """

    file: str
    format: str
    precision: str
    checks: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    target: ProcessorKind = ""
    temperature: float | None = None
    thresholds: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """Everything that a bundle says of itself.

    ``input_size`` is (height, width), ``feature_shape`` (h, w, K) of ``last_conv``. ``models`` are
    named, ``default_model`` is the one that is run unasked. ``gradients`` names the file with the
    class gradients and tells how far the fixed mode follows the exact one. ``temperature`` and
    ``thresholds``, which are those of ``edge_runtime.bundle.referral``, hold for models without
    their own. ``gates`` are the limits that a validation holds models to; they and ``thresholds``
    may be empty. ``origin`` says which training, data and tools it came from. ``quality`` are the
    limits of the quality gate; the key may be absent. ``evidence_outside_max`` is the share 0..1 of
    a prediction's evidence that may lie outside of the eye before the photo is flagged; it may be
    absent too.
    """

    name: str
    created: str
    classes: Texts
    input_size: TwoSizes
    feature_shape: ThreeSizes
    preprocessing: Mapping[str, Any]
    temperature: float
    thresholds: Mapping[str, Any]
    default_model: str
    models: Mapping[str, ModelEntry]
    gradients: Mapping[str, Any]
    origin: Mapping[str, Any]
    files: Mapping[str, FileEntry] = field(default_factory=dict)
    quality: QualityLimits = field(default_factory=QualityLimits)
    gates: Mapping[str, float] = field(default_factory=dict)
    evidence_outside_max: Annotated[float, Meta(ge=0, le=1, description="0 to 1")] = 0.5
    schema: int = SCHEMA

    def for_model(self, name: str) -> "Manifest":
        """Put a model's own temperature and thresholds, where it has any, in the bundle's place."""
        own = self.models[name]
        if own.temperature is None:
            return self
        return replace(self, temperature=own.temperature, thresholds=own.thresholds)

    def to_json(self) -> str:
        """Write the manifest as indented JSON, ending in a newline."""
        return json.dumps(plain(self), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


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
    manifest = read(raw, Manifest)
    check_limits(raw)
    _check(manifest)
    return manifest


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
    named.append(read(manifest.gradients, _GradientsFile, at="gradients").file)
    for file in named:
        if file not in manifest.files:
            raise ValueError(f"uses the file '{file}' but doesn't list it")
    _check_confidence(manifest)
    for name, model in manifest.models.items():
        if model.thresholds and model.temperature is None:
            raise ValueError(f"has 'models.{name}.thresholds' without a temperature to go with")
        try:
            _check_confidence(manifest.for_model(name))
        except ValueError as error:
            raise ValueError(f"{error}, in 'models.{name}'") from error
    _check_shown(manifest)


def _check_confidence(manifest: Manifest) -> None:
    if not 0 < manifest.temperature < math.inf:
        raise ValueError("has a temperature that isn't above zero and finite")
    check_thresholds(manifest.thresholds, manifest.classes)


def _check_shown(manifest: Manifest) -> None:
    """Read what reports show, so that it fails before the first photo."""
    for name, model in manifest.models.items():
        for split, metrics in model.metrics.items():
            read(metrics, ShownMetrics, at=f"models.{name}.metrics.{split}")
        if "validation" in model.checks:
            read(model.checks["validation"], Verdict, at=f"models.{name}.checks.validation")
    if "dataset" in manifest.origin:
        read(manifest.origin["dataset"], TrainedOn, at="origin.dataset")


def check_file_name(name: str) -> None:
    """Check that a name can be that of a file in a bundle, and of none outside it.

    Raises:
        ValueError: With a clause that says so.
    """
    parts = PurePosixPath(name).parts
    if len(parts) != 1 or "\\" in name or "\0" in name or name in (".", "..", MANIFEST):
        raise ValueError(f"names a file '{name}' that can't be in a bundle")
