"""Say in an in-toto statement what a step made of what.

Nothing here loads a framework: a validation doesn't either, unless a model needs one.
"""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

from edge_runtime.bundle.attestation import (
    BUILDER,
    STEPS,
    Attestation,
    BuildDefinition,
    Builder,
    Metadata,
    Provenance,
    Resource,
    RunDetails,
    attest,
    figures_of,
)
from edge_runtime.bundle.attestations import ATTESTATIONS
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.system.codec import plain
from edge_runtime.system.digest import sha256
from export.model_card import MODEL_CARD

Files = Mapping[str, bytes | Path]

#: The programs whose versions a statement has, where they are installed.
_PACKAGES = (
    "fundus-edge", "tensorflow", "keras", "numpy", "tf2onnx", "onnx", "onnxruntime",
    "ai-edge-litert", "opencv-python-headless", "scikit-learn", "scipy",
)  # fmt: skip

#: How a dataset's fingerprint is made, beside each.
_FINGERPRINT = "SHA-256 over each photograph's split, label and SHA-256, sorted, a line each"


def of_step(
    step: str,
    subjects: Iterable[Resource],
    *,
    options: Mapping[str, object],
    made_of: Iterable[Resource],
    measured: Manifest,
    finished: str,
) -> Attestation:
    """Say what a step made of what.

    Args:
        step: One of ``STEPS``.
        subjects: What it made.
        options: By name.
        made_of: What went into it.
        measured: The manifest that it wrote, whose figures are told.
        finished: When, ISO 8601 with the offset from UTC.
    """
    kind = next(uri for uri, name in STEPS.items() if name == step)
    how = BuildDefinition(kind, plain(options), tuple(made_of))
    run = RunDetails(Builder(BUILDER, versions()), Metadata(utc(finished)))
    figures = {name: figures_of(entry) for name, entry in measured.models.items()}
    return attest(subjects, Provenance(how, run, figures))


def made(files: Files, before: Mapping[str, str] = {}) -> tuple[Resource, ...]:
    """List the files of a bundle that weren't there before by their SHA-256.

    What is written anew at each step isn't among them: the model card, and the statements.

    Args:
        files: Content or a file, by name.
        before: The SHA-256 of files by name that the step only kept.
    """
    found = {name: _sha256(content) for name, content in files.items()}
    return tuple(
        Resource(name, digest={"sha256": digest})
        for name, digest in found.items()
        if name not in (MODEL_CARD, ATTESTATIONS) and before.get(name) != digest
    )


def photographs(fingerprint: str, photos: Mapping[str, int] | int, split: str = "") -> Resource:
    """Name photographs and their labels by their fingerprint, without names and places."""
    counted = {"photos": photos} | ({"split": split} if split else {})
    return Resource(
        "photographs and labels",
        digest={"sha256": fingerprint},
        annotations={**counted, "digest_is": _FINGERPRINT},
    )


def versions() -> dict[str, str]:
    """List the versions of the programs that made what is stated."""
    found = {"python": python_version()}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def utc(moment: str) -> str:
    """Write a moment of ISO 8601 as in-toto wants it: in UTC, with a Z."""
    found = datetime.fromisoformat(moment).astimezone(timezone.utc)
    return found.isoformat(timespec="seconds").replace("+00:00", "Z")


def _sha256(content: bytes | Path) -> str:
    return sha256(content) if isinstance(content, Path) else hashlib.sha256(content).hexdigest()
