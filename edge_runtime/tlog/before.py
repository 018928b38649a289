"""The log that was before a log: a copy of it lies inside, and an entry has its checkpoint's hash.

A camp that is made of a backup has the log of then, and no key to go on with it. Its new log begins
by saying which checkpoint the old one had.
"""

import hashlib
from pathlib import Path

from edge_runtime.tlog.checkpoint import Checkpoint, read_checkpoint
from edge_runtime.tlog.entry import Thing

#: The folder, in that of a log, of the log that was before it.
BEFORE = "before"

#: How many of them are told, one in the other; those before are left out.
MOST_BEFORE = 16


def earlier(folder: Path) -> list[Path]:
    """List the folders of the logs that were before a log, the last one first."""
    found: list[Path] = []
    while len(found) < MOST_BEFORE and (folder := folder / BEFORE).is_dir():
        found.append(folder)
    return found


def hash_of(checkpoint: Checkpoint) -> bytes:
    """Hash a checkpoint's text, without its signatures, as the entry has it."""
    return hashlib.sha256(checkpoint.note.text.encode()).digest()


def things_before(folder: Path) -> list[Thing]:
    """List what a new log has to say of the log before it.

    Raises:
        LogInvalidError: That has no checkpoint.
    """
    before = earlier(folder)[:1]
    return [Thing("before", hash_of(read_checkpoint(each))) for each in before]
