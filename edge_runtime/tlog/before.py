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

#: How many may lie one in the other: a camp that was restored as often is restored no more. A
#: forged log that goes deeper isn't read to its end.
MOST_BEFORE = 64

#: From how many on whoever restores is told that there will be an end of it.
_MANY_BEFORE = 48


def earlier(folder: Path) -> list[Path]:
    """List the folders of the logs that were before a log, the last one first."""
    found: list[Path] = []
    while len(found) < MOST_BEFORE and (folder := folder / BEFORE).is_dir():
        found.append(folder)
    return found


def told_depth(folder: Path) -> str:
    """Say how near the logs before a log are to as many as there may be; "" where they aren't."""
    count = len(earlier(folder))
    if count < _MANY_BEFORE:
        return ""
    return (
        f"this camp was restored {count} times, each time from a backup of the one before, and its "
        f"log takes {MOST_BEFORE}: begin a new camp before that"
    )


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
