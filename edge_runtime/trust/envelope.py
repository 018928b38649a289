"""The file of a signature: one DSSE envelope in a Sigstore bundle, by a key.

What of it the signature doesn't cover has one form alone, so that nothing in it can be changed
unseen: no key that isn't known, base64 as it is written, the hint of the very key that signed.

Source: OpenSSF Model Signing 1.0, section 4; DSSE 1.0.0, protocol.md (the encoding that is signed)
and envelope.md; Sigstore bundle 0.3 (sigstore_bundle.proto).
"""

import base64
import binascii
import json

from msgspec import Struct

from edge_runtime.system.codec import parse, read
from edge_runtime.trust.public_keys import PublicKey, pem, public_key

#: The type of what is signed.
PAYLOAD_TYPE = "application/vnd.in-toto+json"

_MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"


class Envelope(Struct, frozen=True):
    """What was signed, and the signature. ``hint`` is of the key; "" where none is named."""

    payload: bytes
    signature: bytes
    hint: str = ""


class _KeyName(Struct, rename="camel", forbid_unknown_fields=True):
    """``raw_bytes``, the key's PEM text, and ``key_details`` are model-signing's before 1.1."""

    hint: str | None = None
    raw_bytes: str | None = None
    key_details: str | None = None


class _Material(Struct, rename="camel", forbid_unknown_fields=True):
    public_key: _KeyName
    tlog_entries: tuple[object, ...] = ()


class _Signature(Struct, forbid_unknown_fields=True):
    sig: str
    keyid: str | None = None


class _Dsse(Struct, rename="camel", forbid_unknown_fields=True):
    payload: str
    payload_type: str
    signatures: tuple[_Signature, ...]


class _File(Struct, rename="camel", forbid_unknown_fields=True):
    media_type: str
    verification_material: _Material
    dsse_envelope: _Dsse


def signed_bytes(payload: bytes) -> bytes:
    """Give what is signed of a payload: DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (
        len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload,
    )  # fmt: skip


def write_envelope(envelope: Envelope) -> bytes:
    """Write the file: JSON without a blank, none of whose bytes could be another."""
    found = {
        "mediaType": _MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": envelope.hint}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(envelope.payload).decode("ascii"),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [
                {"sig": base64.b64encode(envelope.signature).decode("ascii"), "keyid": ""}
            ],
        },
    }
    return json.dumps(found, separators=(",", ":")).encode("ascii")


def read_envelope(data: bytes) -> Envelope:
    """Read the file.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    raw = parse(data)
    material = raw.get("verificationMaterial") if isinstance(raw, dict) else None
    if isinstance(material, dict) and {"certificate", "x509CertificateChain"} & material.keys():
        raise ValueError("is a signature by a certificate; only those by a key are taken")
    file = read(raw, _File)
    if file.media_type != _MEDIA_TYPE:
        raise ValueError(f"is of the type '{file.media_type[:80]}', not '{_MEDIA_TYPE}'")
    if file.verification_material.tlog_entries:
        raise ValueError("has entries of a public log, which no signature by a key has")
    dsse = file.dsse_envelope
    if dsse.payload_type != PAYLOAD_TYPE:
        raise ValueError(f"signs '{dsse.payload_type[:80]}', not '{PAYLOAD_TYPE}'")
    if len(dsse.signatures) != 1:
        raise ValueError(f"has {len(dsse.signatures)} signatures, not one")
    if dsse.signatures[0].keyid:
        raise ValueError("has a 'keyid', which no signature of a model has")
    return Envelope(
        _bytes(dsse.payload, "payload"),
        _bytes(dsse.signatures[0].sig, "sig"),
        _hint(file.verification_material.public_key),
    )


def _hint(named: _KeyName) -> str:
    """Give the hint of the key that is named, also where its text stands in the hint's place."""
    if named.raw_bytes is None:
        if named.key_details is not None:
            raise ValueError("has 'keyDetails' of no key")
        return named.hint or ""
    key = _key_of(_bytes(named.raw_bytes, "rawBytes"))
    if key is None or named.hint is not None or named.key_details != _details(key):
        raise ValueError("has a key in 'rawBytes' that is damaged or of another kind than it says")
    return key.hint


def _key_of(text: bytes) -> PublicKey | None:
    try:
        der = base64.b64decode(b"".join(text.splitlines()[1:-1]), validate=True)
    except binascii.Error:
        return None
    return public_key(der, "") if pem(der) == text else None


def _details(key: PublicKey) -> str | None:
    """Give the name that Sigstore's PublicKeyDetails has for a key of a curve."""
    return {
        "P-256": "PKIX_ECDSA_P256_SHA_256",
        "P-384": "PKIX_ECDSA_P384_SHA_384",
        "P-521": "PKIX_ECDSA_P521_SHA_512",
    }.get(key.kind)


def _bytes(text: str, at: str) -> bytes:
    """Decode base64 in its one form: no other letters, and no bits that nobody reads."""
    try:
        found = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(f"has '{at}' that isn't base64") from error
    if base64.b64encode(found).decode("ascii") != text:
        raise ValueError(f"has '{at}' that isn't base64 as it is written")
    return found
