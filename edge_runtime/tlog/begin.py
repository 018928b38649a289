"""Begin a log, and find out whether one can be gone on with."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import OutputExistsError
from edge_runtime.system.files import write_file
from edge_runtime.tlog.before import BEFORE
from edge_runtime.tlog.checkpoint import CHECKPOINT, read_checkpoint
from edge_runtime.tlog.entry import Entry
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.key import KEY, PUBLIC_KEY, LogKey, make_key
from edge_runtime.tlog.stored import StoredLog, tail_file
from edge_runtime.tlog.tiles import read_bounded
from edge_runtime.tlog.tree import root_hash

#: The file in a log's folder that says what it is.
README = "README.txt"

#: What it says; the first entry has its hash.
README_TEXT = f"""A log of fundus-edge: what was done, as hashes, so that changes are found.

{DISCLAIMER}

tile/ and checkpoint are those of C2SP tlog-tiles, tail-N has the entries that aren't in a whole
bundle yet. log.key signs checkpoints: keep it secret. Where a camp was made of a backup, before/
has the log of that. Check the log with

    fundus-edge log verify FOLDER --checkpoint OLD

where OLD is a checkpoint that somebody else kept. docs/security.md says more.
"""

_LARGEST_README = 1 << 16

_KEEP = "keep the folder as it is, but move it away: a new log begins in its place"


def make_log(folder: Path) -> LogKey:
    """Make an empty log; its checkpoint comes last, so that a kill leaves what is made anew.

    Raises:
        OSError: It can't be made.
    """
    key = make_key(folder)
    write_file(folder / README, README_TEXT.encode(), private=True)
    public = key.public()
    if public is not None:
        write_file(folder / PUBLIC_KEY, f"{public.text}\n".encode())
    note = key.sign_tree(0, lambda *_: b"")
    write_file(tail_file(folder, 0), b"", private=True)
    write_file(folder / CHECKPOINT, note.to_bytes(), private=True)
    return key


def is_new(folder: Path) -> bool:
    """Tell whether a log is to be made; what was begun and not finished is begun anew.

    Raises:
        OutputExistsError: Something else stands there.
        LogInvalidError: A log without its checkpoint does.
    """
    if (folder / CHECKPOINT).exists():
        return False
    names = {each.name for each in folder.iterdir() if not each.name.startswith(".")}
    if names - {KEY, PUBLIC_KEY, README, BEFORE, tail_file(folder, 0).name}:
        is_log = (folder / "tile").is_dir()
        if is_log:
            raise LogInvalidError(folder / CHECKPOINT, f"it is gone, so {_KEEP}")
        raise OutputExistsError(folder, "it holds something else than a log; name another folder")
    tail = tail_file(folder, 0)
    if tail.exists() and tail.stat().st_size:
        raise LogInvalidError(folder / CHECKPOINT, f"it is gone, so {_KEEP}")
    return True


def readme_faults(folder: Path, entries: Sequence[Entry]) -> list[str]:
    """Say where what a log says of itself isn't what its first entry is of."""
    if not entries or entries[0].kind != "log":
        return []
    try:
        text = read_bounded(folder / README, _LARGEST_README)
    except LogInvalidError as error:
        return [str(error)]
    is_own = hashlib.sha256(text).hexdigest() == entries[0].of
    return [] if is_own else [f"{README} isn't what was written there: its instructions may lie"]


def check_own(folder: Path, stored: StoredLog, key: LogKey) -> None:
    """Refuse to go on with a log that isn't what its own checkpoint says.

    Raises:
        LogInvalidError: It isn't.
    """
    own = read_checkpoint(folder)
    if own.origin != key.origin:
        raise LogInvalidError(folder, f"its key isn't that of its checkpoint; {_KEEP}")
    if own.size > stored.size:
        cause = f"it has {stored.size} entries, and had {own.size}; {_KEEP}"
        raise LogInvalidError(folder, cause)
    if root_hash(own.size, stored.subtree) != own.root:
        raise LogInvalidError(folder, f"it was changed since its last checkpoint; {_KEEP}")
