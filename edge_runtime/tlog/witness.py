"""Witness a log: stand for it that it only ever grew, by a key that its owner hasn't got.

The cosignature is that of C2SP tlog-cosignature, by Ed25519. A witness remembers beside its key, of
each log, the last checkpoint that it signed and the log's own key.
"""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.system.files import make_folder, write_file
from edge_runtime.tlog.before import earlier
from edge_runtime.tlog.chain import examine_all
from edge_runtime.tlog.checkpoint import Checkpoint, parse_checkpoint, read_checkpoint
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.examine import read_public_key
from edge_runtime.tlog.note import WITNESS_KEY, VerifierKey, sign
from edge_runtime.tlog.now import checkpoint_now
from edge_runtime.tlog.tiles import read_named
from edge_runtime.trust.public_keys import read_keys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: What is behind the name of a witness's key in the name of the folder where it remembers.
MEMORY = ".witnessed"

_LARGEST_KEY = 1 << 16


def witness_key(private: "Ed25519PrivateKey") -> VerifierKey:
    """Give a witness's public key, and by it its name."""
    return _named(private.public_key().public_bytes_raw())


def read_witness_key(file: Path) -> VerifierKey:
    """Read a witness's public key: the line that ``log witness`` prints, or the file of keygen.

    Raises:
        LogInvalidError: It holds none; a log's own key is none.
        KeyInvalidError: It holds a key of keygen that can't be read.
    """
    if b"-----BEGIN" not in read_named(file, _LARGEST_KEY):
        key = read_public_key(file)
        if key.kind == WITNESS_KEY:
            return key
        raise LogInvalidError(file, "it holds the key of a log, not that of a witness")
    first, *more = read_keys([file])
    if more or first.kind != "Ed25519":
        cause = "it holds no key of a witness, as fundus-edge keygen --kind Ed25519 makes it"
        raise LogInvalidError(file, cause)
    return _named(first.raw)


def witness(
    folder: Path, private: "Ed25519PrivateKey", memory: Path
) -> tuple[Checkpoint, Checkpoint | None]:
    """Check that a log has all that it had when it was witnessed last, and sign its checkpoint.

    What is signed is remembered before it is given out. Of a log that is new to the witness its key
    is believed, and that of later times must be the same. Where a new log goes on from a backup's,
    the one before it must have all that it had when it was witnessed last.

    Args:
        folder: The log's.
        private: The witness's key.
        memory: The folder where the witness remembers, which need not be there.

    Returns:
        The checkpoint with the witness's signature, and the one of before; None the first time.

    Raises:
        LogInvalidError: The log isn't as it was written, or another one than it was.
        OSError: What is signed can't be remembered.
    """
    _, found = checkpoint_now(folder)
    known, key_file = _files(memory, found.origin)
    before = read_checkpoint(known) if known.exists() else None
    key = read_public_key(key_file if before else folder)
    older = [before] if before else [*_known_before(folder, memory)]
    chain = examine_all(folder, [found, *older], key)
    if wrong := (*chain.findings, *chain.unfit):
        raise LogInvalidError(folder, f"not signed, as it isn't what it was: {wrong[0]}")
    note = sign(found.note, witness_key(private), private, at=int(time.time()))
    make_folder(memory, mode=0o700)
    write_file(key_file, f"{key.text}\n".encode(), private=True)
    write_file(known, note.to_bytes(), private=True)
    return parse_checkpoint(note.to_bytes(), known), before


def _named(public: bytes) -> VerifierKey:
    name = f"fundus-edge/witness/{hashlib.sha256(public).hexdigest()[:16]}"
    return VerifierKey(name, WITNESS_KEY, public)


def _files(memory: Path, origin: str) -> tuple[Path, Path]:
    """Name where a witness remembers a log's checkpoint, and its key."""
    named = hashlib.sha256(origin.encode()).hexdigest()[:16]
    return memory / f"{named}.checkpoint", memory / f"{named}.pub"


def _known_before(folder: Path, memory: Path) -> Iterator[Checkpoint]:
    """Give what a witness remembers of the logs before a log."""
    for each in earlier(folder):
        known, _ = _files(memory, read_checkpoint(each).origin)
        if known.exists():
            yield read_checkpoint(known)
