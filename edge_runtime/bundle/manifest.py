"""The manifest of a bundle: its values, read strictly from JSON and written back."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from edge_runtime.bundle.manifest_shown import check_shown
from edge_runtime.bundle.quality_limits import QualityLimits, parse_limits
from edge_runtime.bundle.referral import check_thresholds
from edge_runtime.contract import MANIFEST as MANIFEST  # noqa: PLC0414 - others look for it here
from edge_runtime.system.json_fields import finite, numbers, objects, sizes, take, texts, whole

#: The newest manifest that this package reads, and the one that it writes.
SCHEMA = 1

#: The kinds of processor that a quantised model can be made for.
TARGETS = ("x86", "x86-vnni", "arm64")


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
    target: str = ""
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
    classes: tuple[str, ...]
    input_size: tuple[int, int]
    feature_shape: tuple[int, int, int]
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
    evidence_outside_max: float = 0.5
    schema: int = SCHEMA

    def for_model(self, name: str) -> "Manifest":
        """Put a model's own temperature and thresholds, where it has any, in the bundle's place."""
        own = self.models[name]
        if own.temperature is None:
            return self
        return replace(self, temperature=own.temperature, thresholds=own.thresholds)

    def to_json(self) -> str:
        """Write the manifest as indented JSON, ending in a newline."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def parse_manifest(text: str) -> Manifest:
    """Read a manifest, and check every value's type and that the values fit each other.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after "manifest.json".
    """
    try:
        raw = json.loads(text, parse_float=finite, parse_constant=finite, parse_int=whole)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"is not JSON ({str(error).splitlines()[0]})") from error
    if not isinstance(raw, dict):
        raise ValueError("is not a JSON object")
    schema = take(raw, "schema", int)
    if schema > SCHEMA:
        raise ValueError(
            f"has schema {schema}, newer than {SCHEMA}, the newest that this version reads: "
            "upgrade fundus-edge"
        )
    if schema < 1:
        raise ValueError(f"has schema {schema}, which never existed")
    manifest = Manifest(
        schema=schema,
        name=take(raw, "name", str),
        created=take(raw, "created", str),
        classes=texts(raw, "classes"),
        input_size=sizes(raw, "input_size", 2),  # type: ignore[arg-type]
        feature_shape=sizes(raw, "feature_shape", 3),  # type: ignore[arg-type]
        preprocessing=take(raw, "preprocessing", dict),
        temperature=take(raw, "temperature", float),
        thresholds=take(raw, "thresholds", dict),
        default_model=take(raw, "default_model", str),
        models={
            name: ModelEntry(
                file=take(entry, "file", str, f"models.{name}."),
                format=take(entry, "format", str, f"models.{name}."),
                precision=take(entry, "precision", str, f"models.{name}."),
                checks=take(entry, "checks", dict, f"models.{name}."),
                metrics=take(entry, "metrics", dict, f"models.{name}."),
                target=_target(entry, f"models.{name}."),
                temperature=_own_temperature(entry, f"models.{name}."),
                thresholds=take({"thresholds": {}, **entry}, "thresholds", dict, f"models.{name}."),
            )
            for name, entry in objects(raw, "models")
        },
        gradients=take(raw, "gradients", dict),
        origin=take(raw, "origin", dict),
        files={
            name: FileEntry(
                sha256=take(entry, "sha256", str, f"files.{name}."),
                size_bytes=take(entry, "size_bytes", int, f"files.{name}."),
            )
            for name, entry in objects(raw, "files")
        },
        quality=parse_limits(raw.get("quality", {})),
        gates=numbers(raw, "gates"),
        evidence_outside_max=_share(raw, "evidence_outside_max"),
    )
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
    named.append(take(manifest.gradients, "file", str, "gradients."))
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
    check_shown(manifest.models, manifest.origin)


def _check_confidence(manifest: Manifest) -> None:
    if not 0 < manifest.temperature < math.inf:
        raise ValueError("has a temperature that isn't above zero and finite")
    check_thresholds(manifest.thresholds, manifest.classes)


def check_file_name(name: str) -> None:
    """Check that a name can be that of a file in a bundle, and of none outside it.

    Raises:
        ValueError: With a clause that says so.
    """
    parts = PurePosixPath(name).parts
    if len(parts) != 1 or "\\" in name or "\0" in name or name in (".", "..", MANIFEST):
        raise ValueError(f"names a file '{name}' that can't be in a bundle")


def _target(entry: Mapping[str, Any], prefix: str) -> str:
    """Take a model's target, empty where the key is missing: older bundles don't have it."""
    target = take(entry, "target", str, prefix) if "target" in entry else ""
    if target not in ("", *TARGETS):
        raise ValueError(f"has '{prefix}target' that is none of {', '.join(TARGETS)}")
    return target


def _share(raw: Mapping[str, Any], key: str) -> float:
    """Take a share 0..1, the default where the key is missing."""
    value = take({key: Manifest.evidence_outside_max, **raw}, key, float)
    if not 0 <= value <= 1:
        raise ValueError(f"has '{key}' that isn't 0 to 1")
    return value


def _own_temperature(entry: Mapping[str, Any], prefix: str) -> float | None:
    """Take a model's own temperature, None where the key is missing or null."""
    if entry.get("temperature") is None:
        return None
    return take(entry, "temperature", float, prefix)
