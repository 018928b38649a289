"""A proof that an entry is in a log, as one file that needs nothing else: C2SP tlog-proof.

What the format calls extra has, as JSON, the entry, what the results are for, and, where the thing
itself was at hand, the salt by which who has it can check the entry's hash.
"""

import base64
import binascii
import hashlib
import json
import re
from pathlib import Path

from msgspec import Struct

from edge_runtime.contract import DISCLAIMER
from edge_runtime.system.codec import parse, plain, read
from edge_runtime.tlog.checkpoint import Checkpoint, is_number, parse_checkpoint
from edge_runtime.tlog.entry import Entry, from_bytes, to_bytes
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.tiles import read_named
from edge_runtime.tlog.tree import HASH_BYTES, inclusion_proof, is_included, leaf_hash

_FIRST = "c2sp.org/tlog-proof@v1"
_LARGEST = 1 << 17
_SALT = re.compile(r"(?:[0-9a-f]{64})?")


class Proof(Struct, frozen=True):
    """A proof as read: that ``entry`` stands at ``index`` in the tree of ``checkpoint``.

    ``salt`` has 64 hexadecimal digits, or none: a longer one could have swallowed the begin of the
    thing, and the entry would be of what is left of it too.

    Raises:
        ValueError: It has another number of them.
    """

    entry: Entry
    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Checkpoint
    salt: str = ""

    def __post_init__(self) -> None:
        """Refuse a salt of another length."""
        if not _SALT.fullmatch(self.salt):
            raise ValueError("has a salt that isn't one")

    def holds(self) -> bool:
        """Tell whether the entry is in the tree, which is as good as its signatures."""
        leaf, tree = leaf_hash(to_bytes(self.entry)), self.checkpoint
        return is_included(leaf, self.index, tree.size, self.hashes, tree.root)

    def is_of(self, content: bytes) -> bool:
        """Tell whether the entry is of this thing; the proof must have the salt."""
        return hashlib.sha256(bytes.fromhex(self.salt) + content).hexdigest() == self.entry.of


class _Extra(Struct, frozen=True):
    entry: Entry
    disclaimer: str
    salt: str = ""


def prove(log: StoredLog, index: int, checkpoint: Checkpoint, *, salt: str = "") -> bytes:
    """Write the proof of an entry.

    Args:
        log: The log.
        index: Of the entry, below the checkpoint's size.
        checkpoint: Of this log.
        salt: Of the thing, 64 hexadecimal digits; "" to leave it out.

    Raises:
        LogInvalidError: The log isn't as it was written.
    """
    entry = from_bytes(log.entry(index))
    extra = json.dumps(plain(_Extra(entry, DISCLAIMER, salt)), sort_keys=True)
    hashes = inclusion_proof(index, checkpoint.size, log.subtree)
    lines = [
        _FIRST,
        f"extra {base64.b64encode(extra.encode()).decode()}",
        f"index {index}",
        *(base64.b64encode(each).decode() for each in hashes),
    ]
    return "\n".join(lines).encode() + b"\n\n" + checkpoint.note.to_bytes()


def read_proof(file: Path) -> Proof:
    """Read a proof that ``prove`` wrote.

    Raises:
        LogInvalidError: It is none.
    """
    try:
        return _proof(read_named(file, _LARGEST))
    except LogInvalidError:
        raise
    except (ValueError, binascii.Error) as error:
        raise LogInvalidError(
            file, "it is no proof of an entry as this version writes it"
        ) from error


def _proof(data: bytes) -> Proof:
    head, blank, checkpoint = data.decode().partition("\n\n")
    first, extra, index, *hashes = [*head.split("\n"), "", ""]
    hashes = [*filter(None, hashes)]
    if first != _FIRST or not extra.startswith("extra ") or not index.startswith("index "):
        raise ValueError("is no proof")
    if not is_number(index.removeprefix("index ")) or not blank or len(hashes) > 64:
        raise ValueError("is no proof")
    raw = tuple(base64.b64decode(each, validate=True) for each in hashes)
    if any(len(each) != HASH_BYTES for each in raw):
        raise ValueError("has a hash of another length")
    said = read(parse(base64.b64decode(extra.removeprefix("extra "), validate=True)), _Extra)
    number = int(index.removeprefix("index "))
    return Proof(said.entry, number, raw, parse_checkpoint(checkpoint.encode()), said.salt)
