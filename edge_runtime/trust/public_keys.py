"""Read the public keys that are trusted, without the library that computes with them."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from edge_runtime.trust.errors import KeyInvalidError

#: The ending of a public key's file beside that of its private key.
PUBLIC = ".pub"

_ENDINGS = (PUBLIC, ".pem")
_LARGEST = 1 << 16  # bytes of a file of keys; a key has some 200
_MOST = 64  # keys, and files of a folder that may hold one
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----")


class Kind(Struct, frozen=True):
    """A kind of key: how its encoding begins, and how many bytes of the key itself follow."""

    name: str
    begins: bytes
    size_bytes: int


#: Every kind that is taken, each in the one form that a key of it has (RFC 5480 and RFC 8410, DER
#: of SubjectPublicKeyInfo, points uncompressed). The three curves are those of the algorithm
#: registry of OpenSSF Model Signing; Ed25519 is of Sigstore's, which it relies on.
KINDS = (
    Kind("P-256", bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200"), 65),
    Kind("P-384", bytes.fromhex("3076301006072a8648ce3d020106052b81040022036200"), 97),
    Kind("P-521", bytes.fromhex("30819b301006072a8648ce3d020106052b8104002303818600"), 133),
    Kind("Ed25519", bytes.fromhex("302a300506032b6570032100"), 32),
)


class PublicKey(Struct, frozen=True):
    """A public key.

    ``kind`` is a name among ``KINDS``, ``raw`` the point of the curve, uncompressed, or the 32
    bytes of Ed25519. ``hint`` is how a signature names it: the SHA-256, 64 hexadecimal digits, of
    its PEM text. ``name`` is its file's.
    """

    kind: str
    raw: bytes
    hint: str
    name: str

    @property
    def called(self) -> str:
        """What a person calls it: the beginning of the hint, and its file's name."""
        return f"{self.hint[:16]} ({self.name})"


def read_keys(paths: Iterable[Path]) -> tuple[PublicKey, ...]:
    """Read files of public keys, and those of folders that end in ``.pub`` or ``.pem``.

    A folder may hold more, such as notices.

    Returns:
        At least one, each once, in the order of the paths and of their names.

    Raises:
        KeyInvalidError: A file can't be read or holds something else, a folder or all of them hold
            no key, or they hold more than anybody has.
    """
    found: dict[str, PublicKey] = {}
    for path in paths:
        files = _files_of(path)
        for file in files:
            found |= {key.hint: key for key in _keys_of(file)}
        if not files:
            cause = "no public key in this folder; put the .pub file of whoever signs into it"
            raise KeyInvalidError(path, cause)
        if len(found) > _MOST:
            raise KeyInvalidError(path, f"more than {_MOST} keys; trust fewer")
    return tuple(found.values())


def public_key(der: bytes, name: str) -> PublicKey | None:
    """Take apart a SubjectPublicKeyInfo in DER; None where it is of no kind that is taken."""
    for kind in KINDS:
        raw = der.removeprefix(kind.begins)
        if len(raw) == kind.size_bytes and len(der) == len(kind.begins) + kind.size_bytes:
            return PublicKey(kind.name, raw, hashlib.sha256(pem(der)).hexdigest(), name)
    return None


def der_of(key: PublicKey) -> bytes:
    """Put a key together again: SubjectPublicKeyInfo in DER."""
    return next(kind.begins for kind in KINDS if kind.name == key.kind) + key.raw


def pem(der: bytes) -> bytes:
    """Write a public key as text, as OpenSSL does."""
    text = base64.b64encode(der)
    lines = b"\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return b"-----BEGIN PUBLIC KEY-----\n" + lines + b"\n-----END PUBLIC KEY-----\n"


def _files_of(path: Path) -> list[Path]:
    try:
        if not path.is_dir():
            return [path]
        named = sorted(each for each in path.iterdir() if each.suffix in _ENDINGS)
    except OSError as error:
        raise KeyInvalidError(path, f"can't be read: {(error.strerror or '').lower()}") from error
    if len(named) > _MOST:
        raise KeyInvalidError(path, f"more than {_MOST} files of keys; trust fewer")
    return named


def _keys_of(file: Path) -> Iterator[PublicKey]:
    blocks = _BLOCK.findall(_read(file))
    if not blocks:
        raise KeyInvalidError(file, "no public key (a text that begins with -----BEGIN PUBLIC KEY)")
    for label, text in blocks:
        if b"PRIVATE" in label:
            cause = f"a private key, which belongs to whoever signs alone; name its {PUBLIC} file"
            raise KeyInvalidError(file, cause)
        try:
            der = base64.b64decode(b"".join(text.split()), validate=True)
        except binascii.Error:
            der = b""
        key = public_key(der, file.name)
        if key is None or label != b"PUBLIC KEY":
            kinds = ", ".join(kind.name for kind in KINDS)
            raise KeyInvalidError(file, f"a damaged public key, or of another kind than {kinds}")
        yield key


def _read(file: Path) -> bytes:
    try:
        if not file.is_file():
            cause = "no such file; name the public key of whoever signs"
            raise KeyInvalidError(file, cause)
        with file.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        raise KeyInvalidError(file, f"can't be read: {(error.strerror or '').lower()}") from error
    if len(data) > _LARGEST:
        raise KeyInvalidError(file, f"more than {_LARGEST} bytes, too many for a key")
    return data
