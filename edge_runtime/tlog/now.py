"""The checkpoint of a log as it is now, whoever has it open."""

from pathlib import Path

from edge_runtime.errors import OutputExistsError
from edge_runtime.tlog.checkpoint import Checkpoint, read_checkpoint
from edge_runtime.tlog.copied import signed
from edge_runtime.tlog.key import KEY, read_key
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.writer import Log


def checkpoint_now(folder: Path) -> tuple[StoredLog, Checkpoint]:
    """Give a log and a checkpoint of all that it has now.

    Where another program has it open, or its disk can only be read, nothing is written there. A
    copy, which hasn't got the key, has the checkpoint with which it came.

    Raises:
        LogInvalidError: There is no log, or it isn't as it was written.
    """
    stored = StoredLog(folder)  # and none is made where none is
    if not (folder / KEY).exists() and (known := read_checkpoint(folder)).size == stored.size:
        return stored, known
    try:
        with Log(folder) as log:
            checkpoint = log.checkpoint()
        return StoredLog(folder), checkpoint
    except OutputExistsError:
        key = read_key(folder)
    except OSError:
        known = read_checkpoint(folder)
        if known.size == stored.size:
            return stored, known
        key = read_key(folder)
    stored = StoredLog(folder)
    return stored, signed(stored, key)
