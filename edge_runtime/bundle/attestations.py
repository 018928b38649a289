"""Read and write the file of a bundle in which each step that made it says what it did.

A line is an in-toto statement. None is signed by itself: the file stands in the manifest as any
other, and whoever signs a bundle signs it with all else. Where a model runs nothing of it is read.

Source: in-toto Attestation Framework v1 (statement.md, and README.md for what readers pass over).
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from edge_runtime.bundle.attestation import (
    PROVENANCE,
    STEPS,
    TEST_RESULT,
    VALIDATE,
    Attestation,
    Examination,
    Provenance,
    Resource,
)
from edge_runtime.bundle.bundle import Bundle
from edge_runtime.bundle.content import open_file
from edge_runtime.errors import BundleInvalidError
from edge_runtime.system.codec import parse, read
from edge_runtime.system.digest import is_sha256
from edge_runtime.trust.statement import IN_TOTO

#: The file of the statements in a bundle.
ATTESTATIONS = "attestations.jsonl"

_LARGEST = 1 << 20  # bytes; a statement has some 3,000
_MOST = 64  # statements, and subjects and resources of each


class _Statement(Struct):
    kind: str = field(name="_type")
    subject: tuple[Resource, ...]
    predicate_type: str = field(name="predicateType")
    predicate: Mapping[str, object] = {}


def write_attestations(bundle: Path, attestations: Iterable[Attestation]) -> bytes:
    """Write statements, a line each, those that were read as they were read.

    Args:
        bundle: Where they shall stand.
        attestations: In the order of the steps.

    Raises:
        BundleInvalidError: There are more than any reader takes.
    """
    lines = [json.dumps(each.raw, allow_nan=False, separators=(",", ":")) for each in attestations]
    data = "".join(f"{line}\n" for line in lines).encode("ascii")
    try:
        _check_bounds(data, len(lines))
    except ValueError as error:
        raise BundleInvalidError(bundle, ATTESTATIONS, str(error)) from error
    return data


def read_attestations(bundle: Bundle) -> tuple[Attestation, ...]:
    """Read the statements of a bundle, in the order of its steps; it may have none.

    Raises:
        BundleInvalidError: One isn't as such statements are; the sentence has its line.
    """
    if ATTESTATIONS not in bundle.manifest.files:
        return ()
    with open_file(bundle.path, ATTESTATIONS, bundle.sealed) as stream:
        data = stream.read(_LARGEST + 1)
    try:
        return parse_attestations(data)
    except ValueError as error:
        raise BundleInvalidError(bundle.path, ATTESTATIONS, str(error)) from error


def parse_attestations(data: bytes) -> tuple[Attestation, ...]:
    """Read statements, a line each; fields and kinds that aren't known are no error.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    lines = data.removesuffix(b"\n").split(b"\n") if data else []
    _check_bounds(data, len(lines))
    return tuple(_parse(line, number) for number, line in enumerate(lines, start=1))


def _check_bounds(data: bytes, lines: int) -> None:
    if len(data) > _LARGEST:
        raise ValueError(f"has more than {_LARGEST} bytes")
    if lines > _MOST:
        raise ValueError(f"has {lines} statements, more than {_MOST}")


def _parse(line: bytes, number: int) -> Attestation:
    try:
        raw: Any = parse(line)
        found = read(raw, _Statement)
        if found.kind != IN_TOTO:
            raise ValueError(f"says '{found.kind[:80]}', not '{IN_TOTO}'")
        if not 0 < len(found.subject) <= _MOST:
            raise ValueError(f"is about {len(found.subject)} files, not 1 to {_MOST}")
        for each in found.subject:
            if not is_sha256(each.sha256):
                raise ValueError(f"names '{each.name[:80]}' without a SHA-256")
        said = _said(found)
    except ValueError as error:
        raise ValueError(f"{error}, in line {number}") from error
    return Attestation(found.subject, found.predicate_type, said, raw)


def _said(found: _Statement) -> Provenance | Examination | None:
    """Read what a statement says, where one of the steps here says it."""
    said: Provenance | Examination
    kind = found.predicate_type
    if kind == PROVENANCE and _first(found, "buildDefinition", "buildType") in STEPS:
        said = read(found.predicate, Provenance, at="predicate")
        resources = said.build_definition.resolved_dependencies
    elif kind == TEST_RESULT and _first(found, "configuration", "uri") == VALIDATE:
        said = read(found.predicate, Examination, at="predicate")
        resources = said.configuration
    else:
        return None
    if len(resources) > _MOST:
        raise ValueError(f"names {len(resources)} things that went into it, more than {_MOST}")
    return said


def _first(found: _Statement, part: str, key: str) -> str:
    """Look a text up in a part of a predicate, or in the first of its things; "" if it has none."""
    within = found.predicate.get(part)
    if isinstance(within, list):
        within = within[0] if within else None
    value = within.get(key) if isinstance(within, dict) else None
    return value if isinstance(value, str) else ""
