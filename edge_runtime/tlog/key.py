"""The key of a log: it signs its checkpoints, and closes its hashes to guessing.

It is made when the log is, in its folder, for its owner's eyes alone. Its 32 bytes are random, so
it is made without the library that signs with it; until that is installed checkpoints are unsigned.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from pathlib import Path

from msgspec import Struct

from edge_runtime.system.files import write_file
from edge_runtime.tlog.checkpoint import unsigned
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.note import LOG_KEY, Note, VerifierKey, sign
from edge_runtime.tlog.tiles import read_bounded
from edge_runtime.tlog.tree import Subtree, root_hash

#: The private key's file in a log's folder (PKCS #8 as PEM text), and the public one's.
KEY, PUBLIC_KEY = "log.key", "log.pub"

#: The file of what makes the salts, in a copy of a log, which hasn't got the key.
SALTS = "log.salts"

_BEGINS = bytes.fromhex("302e020100300506032b657004220420")  # RFC 8410, before the 32 bytes
_BLOCK = re.compile(rb"-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END PRIVATE KEY-----\s*")


class Salts(Struct, frozen=True):
    """What makes the salts of a log's hashes: 32 bytes that come from its key and don't tell it."""

    secret: bytes

    def commit(self, content: bytes) -> tuple[bytes, bytes]:
        """Hash something so that who hasn't got it can't find out what it is by guessing.

        Returns:
            The hash, 32 bytes: SHA-256 of the salt and the content; and the salt, by which whoever
            has the content can check the hash. Each content has a salt of its own.
        """
        salt = hmac.digest(self.secret, content, "sha256")
        return hashlib.sha256(salt + content).digest(), salt


class LogKey(Struct, frozen=True):
    """A log's key: 32 random bytes, from which all that must not be guessed comes."""

    seed: bytes

    @property
    def origin(self) -> str:
        """The log's name: no two logs have one."""
        return f"fundus-edge/log/{self._derived('origin')[:8].hex()}"

    @property
    def salts(self) -> Salts:
        """What makes the salts of its hashes."""
        return Salts(self._derived("salt"))

    def commit(self, content: bytes) -> tuple[bytes, bytes]:
        """Hash something, as ``Salts.commit`` does."""
        return self.salts.commit(content)

    def sign(self, note: Note) -> Note:
        """Sign a checkpoint; it stays unsigned where what signs isn't installed."""
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
                Ed25519PrivateKey,
            )
        except ModuleNotFoundError:
            return note
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return sign(note, self._public(private.public_key().public_bytes_raw()), private)

    def sign_tree(self, size: int, subtree: Subtree) -> Note:
        """Write the checkpoint of a tree's first entries, signed likewise.

        Args:
            size: How many they are.
            subtree: The tree's hashes.
        """
        return self.sign(unsigned(self.origin, size, root_hash(size, subtree)))

    def public(self) -> VerifierKey | None:
        """Give the public key; None where what computes it isn't installed."""
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
                Ed25519PrivateKey,
            )
        except ModuleNotFoundError:
            return None
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return self._public(private.public_key().public_bytes_raw())

    def _public(self, raw: bytes) -> VerifierKey:
        return VerifierKey(self.origin, LOG_KEY, raw)

    def _derived(self, use: str) -> bytes:
        return hmac.digest(self.seed, f"fundus-edge log {use}".encode(), "sha256")


def make_key(folder: Path) -> LogKey:
    """Make a log's key.

    Raises:
        OSError: It can't be written.
    """
    key = LogKey(secrets.token_bytes(32))
    coded = base64.b64encode(_BEGINS + key.seed).decode()
    text = f"-----BEGIN PRIVATE KEY-----\n{coded}\n-----END PRIVATE KEY-----\n"
    write_file(folder / KEY, text.encode(), private=True)
    return key


def read_key(folder: Path) -> LogKey:
    """Read a log's key.

    Raises:
        LogInvalidError: It is gone, can't be read, or isn't one.
    """
    found = _BLOCK.fullmatch(read_bounded(folder / KEY, 1000))
    try:
        raw = base64.b64decode(b"".join(found[1].split()), validate=True) if found else b""
    except binascii.Error:
        raw = b""
    if not raw.startswith(_BEGINS) or len(raw) != len(_BEGINS) + 32:
        raise LogInvalidError(folder / KEY, "it isn't the key of a log")
    return LogKey(raw.removeprefix(_BEGINS))


def read_salts(folder: Path) -> Salts:
    """Read what makes the salts of a log, or of a copy of one.

    Raises:
        LogInvalidError: It is gone, can't be read, or isn't that.
    """
    if (folder / KEY).exists() or not (folder / SALTS).exists():
        return read_key(folder).salts
    text = read_bounded(folder / SALTS, 1000)
    if not re.fullmatch(rb"[0-9a-f]{64}\s*", text):
        raise LogInvalidError(folder / SALTS, "it isn't what makes the salts of a log")
    return Salts(bytes.fromhex(text.decode()))
