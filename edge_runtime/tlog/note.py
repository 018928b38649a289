"""Signed notes after C2SP signed-note: a text, and the signatures of whoever stands for it.

Ed25519 alone: that of a log (0x01), and that of a witness with its time (0x04, tlog-cosignature).
"""

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from msgspec import Struct

from edge_runtime.errors import MissingExtraError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: The kinds of signature: of a log, and of a witness.
LOG_KEY, WITNESS_KEY = 0x01, 0x04

#: Bytes that a note may have.
LARGEST_NOTE = 1 << 16

_MOST_SIGNATURES = 64
_DASH = "\u2014"
_KEY_BYTES = 32
_SIGNATURE_BYTES = {LOG_KEY: 64, WITNESS_KEY: 8 + 64}


class VerifierKey(Struct, frozen=True):
    """A public key by the name that signatures give it; ``public`` are the 32 bytes of Ed25519."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes by which signatures name it."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:4]

    @property
    def text(self) -> str:
        """It as people hand it on: ``<name>+<hash>+<base64>``."""
        key = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"


class NoteSignature(Struct, frozen=True):
    """A signature: of whom, by which key, and its bytes."""

    name: str
    key_id: bytes
    signature: bytes


class Note(Struct, frozen=True):
    """A text, which ends with a newline, and its signatures; their keys may not be known."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """Write it as it stands in files."""
        lines = (
            f"{_DASH} {each.name} {base64.b64encode(each.key_id + each.signature).decode()}\n"
            for each in self.signatures
        )
        return (self.text + "\n" + "".join(lines)).encode()


def from_base64(text: str) -> bytes:
    """Decode base64 in the one spelling that it has; b"" for another."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""


def parse_key(text: str) -> VerifierKey:
    """Read a public key's text.

    Raises:
        ValueError: It is none; with a clause that says so.
    """
    name, _, rest = text.strip().partition("+")
    key_id, _, key = rest.partition("+")
    raw = from_base64(key)
    if not _is_name(name) or len(raw) != 1 + _KEY_BYTES or raw[0] not in _SIGNATURE_BYTES:
        raise ValueError("holds no public key of a log or a witness (name+hash+key)")
    found = VerifierKey(name, raw[0], raw[1:])
    if found.key_id.hex() != key_id:
        raise ValueError("holds a public key whose hash isn't its own; copy it again")
    return found


def parse_note(data: bytes) -> Note:
    """Read a note; one without signatures too, and one whose last newline got lost by copying.

    Raises:
        ValueError: It is none; with a clause that says so.
    """
    if len(data) > LARGEST_NOTE:
        raise ValueError(f"is no note: it has more than {LARGEST_NOTE} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ValueError("is no note: it isn't UTF-8") from error
    if any(char < " " and char != "\n" for char in text):
        raise ValueError("is no note: it has control characters")
    text = text if text.endswith("\n") else text + "\n"
    body, blank, signed = text.rpartition("\n\n")
    lines = [*filter(None, signed.split("\n"))]
    if not blank or len(lines) > _MOST_SIGNATURES:
        raise ValueError("is no note: it has no blank line before its signatures")
    return Note(body + "\n", tuple(map(_signature, lines)))


def is_signed(note: Note, key: VerifierKey) -> bool | None:
    """Tell whether a key signed a note.

    Returns:
        None where no signature says that it is this key's.

    Raises:
        MissingExtraError: What checks signatures isn't installed.
    """
    checked = [
        _verifies(key, note.text, each.signature)
        for each in note.signatures
        if (each.name, each.key_id) == (key.name, key.key_id)
    ]
    return all(checked) if checked else None


def sign(note: Note, key: VerifierKey, private: "Ed25519PrivateKey", *, at: int = 0) -> Note:
    """Add a signature to a note.

    Args:
        note: What is signed, with the signatures that it has.
        key: The public key, which says of which kind the signature is.
        private: The private one.
        at: For a witness the time, in seconds since 1970.
    """
    signature = private.sign(_message(key.kind, note.text, at))
    time = at.to_bytes(8, "big") if key.kind == WITNESS_KEY else b""
    added = NoteSignature(key.name, key.key_id, time + signature)
    return Note(note.text, (*note.signatures, added))


def _message(kind: int, text: str, at: int) -> bytes:
    head = f"cosignature/v1\ntime {at}\n" if kind == WITNESS_KEY else ""
    return (head + text).encode()


def _verifies(key: VerifierKey, text: str, signature: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
            Ed25519PublicKey,
        )
    except ModuleNotFoundError as error:
        raise MissingExtraError("trust", str(error.name)) from error
    if len(signature) != _SIGNATURE_BYTES[key.kind]:
        return False
    at, raw = int.from_bytes(signature[:-64], "big"), signature[-64:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(raw, _message(key.kind, text, at))
    except InvalidSignature:
        return False
    return True


def _signature(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, coded = rest.partition(" ")
    raw = from_base64(coded)
    if dash != _DASH or not _is_name(name) or len(raw) <= 4:
        raise ValueError("is no note: a line behind the blank one is no signature")
    return NoteSignature(name, raw[:4], raw[4:])


def _is_name(name: str) -> bool:
    return bool(name) and name.isprintable() and not any(c.isspace() or c == "+" for c in name)
