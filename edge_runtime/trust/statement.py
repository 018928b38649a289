"""What a signature says: the files of a model and their digests.

Source: OpenSSF Model Signing 1.0, sections 5 (the predicate), 6.1.2 (names), 6.5 (the digest of
all) and 6.6; in-toto Statement v1.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from msgspec import Struct, field

from edge_runtime.contract import DISCLAIMER, SIGNATURES
from edge_runtime.system.codec import parse, read
from edge_runtime.system.digest import is_sha256
from edge_runtime.trust.releases import HIGHEST, Release, check_day

#: The type of every statement that is signed here.
IN_TOTO = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://model_signing/signature/v1.0"
_MOST_FILES = 4096


class Statement(Struct, frozen=True):
    """The signed files: the SHA-256 of each by its name, and the names that aren't looked at.

    ``release`` is what the signer says of its age, which no other program knows of. Names are
    relative to the model's folder, with ``/`` between their parts.
    """

    digests: Mapping[str, str]
    ignored: tuple[str, ...] = SIGNATURES
    release: Release = Release()


class _Sha256(Struct):
    sha256: str


class _Subject(Struct):
    name: str
    digest: _Sha256


class _Resource(Struct):
    name: str
    digest: str
    algorithm: str


class _Serialization(Struct):
    method: str
    hash_type: str
    allow_symlinks: bool
    ignore_paths: tuple[str, ...] = ()


class _Ours(Struct):
    """What this project says beside it: verifiers of 1.0 pass over what they don't know."""

    release: int = 0
    signed: str = ""
    expires: str = ""


class _Predicate(Struct):
    serialization: _Serialization
    resources: tuple[_Resource, ...]
    fundus_edge: _Ours | None = None


class _InToto(Struct):
    kind: str = field(name="_type")
    predicate_type: str = field(name="predicateType")
    subject: tuple[_Subject, ...]
    predicate: _Predicate


def write_statement(name: str, statement: Statement) -> bytes:
    """Write the payload of an envelope.

    Args:
        name: The model's, which verifiers show and don't rely on.
        statement: What is signed.
    """
    digests = {each: statement.digests[each] for each in sorted(statement.digests)}
    found: dict[str, Any] = {
        "_type": IN_TOTO,
        "subject": [{"name": name, "digest": {"sha256": _of_all(digests)}}],
        "predicateType": _PREDICATE,
        "predicate": {
            "serialization": {
                "method": "files",
                "hash_type": "sha256",
                "allow_symlinks": False,
                "ignore_paths": [*statement.ignored],
            },
            "resources": [
                {"name": each, "algorithm": "sha256", "digest": digest}
                for each, digest in digests.items()
            ],
            "fundus_edge": {"disclaimer": DISCLAIMER, **_ours(statement.release)},
        },
    }
    return json.dumps(found, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def read_statement(payload: bytes) -> Statement:
    """Read the payload of an envelope whose signature holds.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the signature's file.
    """
    found = read(parse(payload), _InToto)
    if found.kind != IN_TOTO or found.predicate_type != _PREDICATE:
        raise ValueError(f"says '{found.predicate_type[:80]}', not '{_PREDICATE}'")
    how, resources = found.predicate.serialization, found.predicate.resources
    if how.method != "files" or how.hash_type != "sha256":
        raise ValueError("was made by parts of files or without SHA-256; sign whole files with it")
    if how.allow_symlinks:
        raise ValueError("was made with links allowed, and none are taken here")
    if not 0 < len(resources) <= _MOST_FILES:
        raise ValueError(f"names {len(resources)} files, not 1 to {_MOST_FILES}")
    digests = {each.name: each.digest for each in resources}
    if len(digests) != len(resources):
        raise ValueError("names a file twice")
    for each in resources:
        if not is_inside(each.name):
            raise ValueError(f"names a file '{each.name[:80]}' that is in no folder of a model")
        if each.algorithm != "sha256" or not is_sha256(each.digest):
            raise ValueError(f"has a digest of '{each.name[:80]}' that isn't a SHA-256")
    if len(found.subject) != 1 or found.subject[0].digest.sha256 != _of_all(digests):
        raise ValueError("has a digest of all files that isn't theirs")
    return Statement(digests, how.ignore_paths, _release(found.predicate.fundus_edge))


def is_inside(name: str) -> bool:
    """Tell whether a name is that of a file in the model's folder, in its one form."""
    path = PurePosixPath(name)
    return (
        name not in ("", ".")
        and str(path) == name
        and not path.is_absolute()
        and ".." not in path.parts
        and "\\" not in name
        and "\0" not in name
    )


def _ours(release: Release) -> dict[str, object]:
    named = {"release": release.number, "signed": release.signed, "expires": release.expires}
    return {name: value for name, value in named.items() if value}


def _release(ours: _Ours | None) -> Release:
    if ours is None:
        return Release()
    if not 0 <= ours.release <= HIGHEST:
        raise ValueError(f"has the release {ours.release}, not 0 to {HIGHEST}")
    for day in filter(None, (ours.signed, ours.expires)):
        check_day(day)
    return Release(ours.release, ours.signed, ours.expires)


def _of_all(digests: Mapping[str, str]) -> str:
    """Compute the digest of all, over the files' digests in their order."""
    return hashlib.sha256(b"".join(map(bytes.fromhex, digests.values()))).hexdigest()
