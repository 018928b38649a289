"""A proof that a log has all that it had at an older checkpoint, as one file: it only grew.

The file is what C2SP tlog-witness (add-checkpoint) sends to a witness: the old size, the
consistency proof of RFC 6962 (section 2.1.2) and the newer checkpoint. It tells of no entry.
"""

import base64
from pathlib import Path

from msgspec import Struct

from edge_runtime.tlog.checkpoint import Checkpoint, is_number, parse_checkpoint
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.note import LARGEST_NOTE, from_base64
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.tiles import read_named
from edge_runtime.tlog.tree import HASH_BYTES, consistency_proof, is_consistent, root_hash

_FIRST = "old "
_MOST_HASHES = 63  # as tlog-witness has it
_LARGEST = LARGEST_NOTE + (1 << 13)


class Growth(Struct, frozen=True):
    """A proof as read: that the tree of ``checkpoint`` begins with another one's entries.

    ``before`` is how many these are, ``hashes`` are those of the proof, 32 bytes each.
    """

    before: int
    hashes: tuple[bytes, ...]
    checkpoint: Checkpoint

    def why_not(self, older: Checkpoint) -> str:
        """Say why it isn't true of an older checkpoint; "" where it is.

        It is as good as the signatures of both.
        """
        tree = self.checkpoint
        if tree.origin != older.origin:
            return f"it is of the log {tree.origin}, and {older.called} of {older.origin}"
        if self.before != older.size:
            return f"it begins with {self.before} entries, and {older.called} is of {older.size}"
        if not is_consistent(older.size, tree.size, older.root, tree.root, self.hashes):
            return f"its log hasn't the entries of {older.called}: it was changed since"
        return ""


def prove_growth(log: StoredLog, older: Checkpoint, checkpoint: Checkpoint) -> bytes:
    """Write the proof.

    Args:
        log: The log.
        older: A checkpoint of it that somebody kept.
        checkpoint: A newer one.

    Raises:
        LogInvalidError: The log isn't what it was, so nothing can be proved.
    """
    if not older.origin:
        cause = f"{older.called} was typed, without the log's name and signature"
        raise LogInvalidError(log.folder, f"{cause}, so nothing can be proved from it alone")
    if checkpoint.origin != older.origin:
        cause = f"it is {checkpoint.origin}, and {older.called} is of the log {older.origin}"
        raise LogInvalidError(log.folder, f"{cause}; name a checkpoint of this one")
    grew = older.size <= checkpoint.size
    if not grew or root_hash(older.size, log.subtree) != older.root:
        cause = f"it isn't what it was at {older.called}, so nothing is proved"
        raise LogInvalidError(log.folder, f"{cause}; ask log verify --checkpoint what is wrong")
    hashes = consistency_proof(older.size, checkpoint.size, log.subtree)
    lines = [f"{_FIRST}{older.size}", *(base64.b64encode(each).decode() for each in hashes)]
    return "\n".join(lines).encode() + b"\n\n" + checkpoint.note.to_bytes()


def is_growth(file: Path) -> bool:
    """Tell whether a file says that it is such a proof.

    Raises:
        LogInvalidError: It can't be read.
    """
    return read_named(file, _LARGEST).startswith(_FIRST.encode())


def read_growth(file: Path) -> Growth:
    """Read a proof.

    Raises:
        LogInvalidError: It is none.
    """
    try:
        return _growth(read_named(file, _LARGEST))
    except LogInvalidError:
        raise
    except ValueError as error:
        cause = "it is no proof that a log only grew, as log prove --since writes it"
        raise LogInvalidError(file, cause) from error


def _growth(data: bytes) -> Growth:
    head, blank, checkpoint = data.decode().partition("\n\n")
    first, *lines = head.split("\n")
    before, hashes = first.removeprefix(_FIRST), tuple(map(from_base64, lines))
    if not blank or not first.startswith(_FIRST) or not is_number(before):
        raise ValueError("is no proof")
    if len(hashes) > _MOST_HASHES or any(len(each) != HASH_BYTES for each in hashes):
        raise ValueError("has hashes that no proof has")
    return Growth(int(before), hashes, parse_checkpoint(checkpoint.encode()))
