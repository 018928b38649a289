"""Checkpoints as people keep them: a file, what a phone read from a code, or a line on paper.

The line has how many entries there are, and their root in groups of four digits, such as
``341: 0d2f 91aa ...``. It has no signature, and is worth as much as the paper that it stands on.
"""

import base64
import re
from pathlib import Path

from msgspec.structs import replace

from edge_runtime.tlog.checkpoint import CHECKPOINT, Checkpoint, parse_checkpoint
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.note import LARGEST_NOTE, Note
from edge_runtime.tlog.tiles import read_bounded, read_named
from edge_runtime.tlog.tree import HASH_BYTES

#: Digits of a root.
DIGITS = 2 * HASH_BYTES

_LINE = re.compile(r"\s*([0-9]{1,15})\s*:\s*(.*?)\s*", re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{43}=")


def in_groups(root: bytes) -> str:
    """Write a root so that two people can compare it: hexadecimal digits in groups of four."""
    digits = root.hex()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def told(size: int, root: bytes) -> str:
    """Write a checkpoint in one line."""
    return f"{size}: {in_groups(root)}"


def parse_told(text: str) -> Checkpoint:
    """Read such a line, however its digits are grouped, or with the root in base64 as in files.

    Returns:
        A checkpoint without a name and without a signature.

    Raises:
        ValueError: It is none; with a sentence that says why.
    """
    found = _LINE.fullmatch(text)
    if not found:
        raise ValueError("it isn't as slips have it: SIZE: ROOT, such as 341: 0d2f 91aa ...")
    size, said = int(found[1]), "".join(found[2].split())
    if _BASE64.fullmatch(said):
        return Checkpoint("", size, base64.b64decode(said), Note("", ()))
    if not re.fullmatch(r"[0-9a-fA-F]*", said):
        raise ValueError("its root has something else than the digits 0 to 9 and a to f")
    if len(said) != DIGITS:
        raise ValueError(f"its root has {len(said)} digits, and should have {DIGITS}: look again")
    return Checkpoint("", size, bytes.fromhex(said), Note("", ()))


def read_kept(file: Path) -> Checkpoint:
    """Read a checkpoint that somebody kept, or that of the log whose folder is named.

    What programs do to a text on its way from a phone to a computer is undone: other line ends,
    blanks at the end of lines and of the text, a mark of the byte order.

    Raises:
        LogInvalidError: The file holds none.
    """
    read = read_bounded if file.is_dir() else read_named
    file = file / CHECKPOINT if file.is_dir() else file
    text = read(file, LARGEST_NOTE).decode("utf-8-sig", "replace")
    lines = [line.rstrip() for line in re.split("\r\n|\r|\n", text.strip())]
    try:
        if len(lines) == 1:
            return replace(parse_told(lines[0]), file=file)
        ending = "\n" if "" in lines else "\n\n"  # nobody signed it
        return parse_checkpoint(("\n".join(lines) + ending).encode(), file)
    except ValueError as error:
        said = str(error)
        raise LogInvalidError(file, said if said.startswith("it") else f"it {said}") from error
