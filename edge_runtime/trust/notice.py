"""What a key says of keys: that another takes its place, or that some are revoked.

Both are in-toto statements in the envelope of a signature, each with a predicate of its own, and
neither is ever taken for what is signed of a bundle. Here every field is known, as no other program
writes them.

Source: in-toto Statement v1; the ideas are those of The Update Framework, specification 1.0,
section 6 (key management), without its metadata, which a device without a network can't fetch.
"""

import base64
import binascii
import json
from typing import Any

from msgspec import Struct, field

from edge_runtime.contract import DISCLAIMER
from edge_runtime.system.codec import parse, read
from edge_runtime.system.digest import is_sha256
from edge_runtime.trust.public_keys import PublicKey, der_of, public_key
from edge_runtime.trust.releases import HIGHEST, check_day
from edge_runtime.trust.statement import IN_TOTO

#: The ending of a notice's file.
NOTICE = ".trust"

#: The most keys and bundles that one list revokes.
MOST_REVOKED = 4096

_ROTATION = "urn:fundus-edge:key-rotation:1"
_REVOCATION = "urn:fundus-edge:key-revocation:1"


class Rotation(Struct, frozen=True):
    """A key takes another's place.

    ``old`` is the hint of the key that says so. What it signed doesn't count any more from the
    release ``since`` on, and what the ``new`` one signed counts from there on; 0 is always. Where
    it ``keeps`` the old key, both count.
    """

    old: str
    new: PublicKey
    since: int = 0
    keeps: bool = False
    signed: str = ""


class Revocation(Struct, frozen=True):
    """A list of what nobody is to trust any more: SHA-256 of public keys, and of manifests.

    ``number`` rises with each list of a key.
    """

    number: int
    revoked: tuple[str, ...]
    signed: str = ""


class _Sha256(Struct, forbid_unknown_fields=True):
    sha256: str


class _Subject(Struct, forbid_unknown_fields=True):
    name: str
    digest: _Sha256


class _Base(Struct, forbid_unknown_fields=True):
    kind: str = field(name="_type")
    predicate_type: str = field(name="predicateType")
    subject: tuple[_Subject, ...]


class _Rotated(Struct, forbid_unknown_fields=True):
    disclaimer: str
    replaces: str
    key: str
    release: int
    keeps: bool
    signed: str


class _Revoked(Struct, forbid_unknown_fields=True):
    disclaimer: str
    number: int
    signed: str


class _RotationStatement(_Base, forbid_unknown_fields=True):
    predicate: _Rotated


class _RevocationStatement(_Base, forbid_unknown_fields=True):
    predicate: _Revoked


def write_rotation(rotation: Rotation) -> bytes:
    """Write the payload of an envelope that replaces a key."""
    said = {
        "disclaimer": DISCLAIMER,
        "replaces": rotation.old,
        "key": base64.b64encode(der_of(rotation.new)).decode("ascii"),
        "release": rotation.since,
        "keeps": rotation.keeps,
        "signed": rotation.signed,
    }
    return _written(_ROTATION, [(rotation.new.name, rotation.new.hint)], said)


def write_revocation(revocation: Revocation, names: dict[str, str] | None = None) -> bytes:
    """Write the payload of an envelope that revokes.

    Args:
        revocation: What is revoked.
        names: How people call it, by its SHA-256; only shown.
    """
    said = {
        "disclaimer": DISCLAIMER,
        "number": revocation.number,
        "signed": revocation.signed,
    }
    called = names or {}
    subjects = [(called.get(each, "revoked"), each) for each in sorted(revocation.revoked)]
    return _written(_REVOCATION, subjects, said)


def read_notice(payload: bytes) -> Rotation | Revocation:
    """Read the payload of an envelope whose signature holds.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    raw = parse(payload)
    kind = raw.get("predicateType") if isinstance(raw, dict) else None
    if kind == _ROTATION:
        found = read(raw, _RotationStatement)
        rotation = _rotation(found)
        _check(found, rotation.signed)
        return rotation
    if kind == _REVOCATION:
        listed = read(raw, _RevocationStatement)
        _check(listed, listed.predicate.signed)
        return _revocation(listed)
    raise ValueError("neither replaces nor revokes keys; make such a file with 'fundus-edge trust'")


def _written(kind: str, subjects: list[tuple[str, str]], said: dict[str, Any]) -> bytes:
    found = {
        "_type": IN_TOTO,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subjects],
        "predicateType": kind,
        "predicate": said,
    }
    return json.dumps(found, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _check(found: _Base, signed: str) -> None:
    if found.kind != IN_TOTO:
        raise ValueError(f"says '{found.kind[:80]}', not '{IN_TOTO}'")
    for each in found.subject:
        if not is_sha256(each.digest.sha256):
            raise ValueError("names something by what isn't a SHA-256")
    check_day(signed)


def _rotation(found: _RotationStatement) -> Rotation:
    said = found.predicate
    try:
        der = base64.b64decode(said.key.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("has a 'key' that isn't base64") from error
    name = found.subject[0].name[:80] if found.subject else ""
    new = public_key(der, name)
    if new is None or [each.digest.sha256 for each in found.subject] != [new.hint]:
        raise ValueError("names another key than it holds")
    if new.hint == said.replaces:
        raise ValueError("replaces a key by itself")
    if not 0 <= said.release <= HIGHEST:
        raise ValueError(f"has the release {said.release}, not 0 to {HIGHEST}")
    return Rotation(said.replaces, new, said.release, said.keeps, said.signed)


def _revocation(found: _RevocationStatement) -> Revocation:
    said, digests = found.predicate, tuple(each.digest.sha256 for each in found.subject)
    if not 0 < len(digests) <= MOST_REVOKED:
        raise ValueError(f"revokes {len(digests)} keys and bundles, not 1 to {MOST_REVOKED}")
    if len(set(digests)) != len(digests):
        raise ValueError("revokes one twice")
    if not 1 <= said.number <= HIGHEST:
        raise ValueError(f"has the number {said.number}, not 1 to {HIGHEST}")
    return Revocation(said.number, digests, said.signed)
