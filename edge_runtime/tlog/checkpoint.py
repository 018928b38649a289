"""Checkpoints after C2SP tlog-checkpoint: a log's name, its size and its root, as a note."""

import base64
import re
from pathlib import Path

from msgspec import Struct

from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.note import LARGEST_NOTE, Note, from_base64, parse_note
from edge_runtime.tlog.tiles import read_bounded
from edge_runtime.tlog.tree import HASH_BYTES

#: The file of a log's newest checkpoint.
CHECKPOINT = "checkpoint"

_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")


class Checkpoint(Struct, frozen=True):
    """A tree at a moment: ``origin`` names the log, ``root`` are 32 bytes; ``note`` is it signed.

    ``file`` is where it was read. One that paper told has an empty name and no signature.
    """

    origin: str
    size: int
    root: bytes
    note: Note
    file: Path | None = None

    @property
    def called(self) -> str:
        """What a person calls it."""
        return str(self.file) if self.file else f"the checkpoint of {self.size} entries"


def is_number(text: str) -> bool:
    """Tell whether a text is a size or an index, as a log's files have them."""
    return _NUMBER.fullmatch(text) is not None


def unsigned(origin: str, size: int, root: bytes) -> Note:
    """Write a checkpoint's text, which nobody has signed yet."""
    return Note(f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n", ())


def parse_checkpoint(data: bytes, file: Path | None = None) -> Checkpoint:
    """Read a checkpoint, whoever signed it.

    Raises:
        ValueError: It is none; with a clause that says so.
    """
    note = parse_note(data)
    origin, size, root, *more = [*note.text.removesuffix("\n").split("\n"), "", "", ""]
    raw = from_base64(root)
    is_one = (
        origin
        and origin.isprintable()
        and is_number(size)
        and len(raw) == HASH_BYTES
        and not any(more)
    )
    if not is_one:
        raise ValueError("is no checkpoint of a log (name, size, root)")
    return Checkpoint(origin, int(size), raw, note, file)


def read_checkpoint(file: Path) -> Checkpoint:
    """Read a checkpoint's file, or that of the log whose folder is named.

    Raises:
        LogInvalidError: It holds none.
    """
    file = file / CHECKPOINT if file.is_dir() else file
    try:
        return parse_checkpoint(read_bounded(file, LARGEST_NOTE), file)
    except LogInvalidError:
        raise
    except ValueError as error:
        raise LogInvalidError(file, f"it {error}") from error
