"""Name the photos of a file that holds several: ``scan.dcm#2`` is its second."""

import os
import re
from pathlib import Path

#: The most photos of one file that are read: fewer than any clip has, and more than any study.
MAX_FRAMES = 1000

_NAME = re.compile(r"(?P<file>.+)#(?P<frame>[1-9]\d{0,3})", re.DOTALL)


def frame_path(file: Path, frame: int) -> Path:
    """Name a photo of a file; ``frame`` counts from 1."""
    return file.with_name(f"{file.name}#{frame}")


def split_frame(path: Path) -> tuple[Path, int | None]:
    """Give the file that a photo stands in, and its number there from 1; None for a file's only.

    A file that is itself called so is what its name says.
    """
    found = _NAME.fullmatch(path.name)
    if found is None or os.path.lexists(path):
        return path, None
    return path.with_name(found["file"]), int(found["frame"])


def file_in_name(name: str) -> str:
    """Give the file that a photo stands in by what the photo is called alone; likewise."""
    folder, slash, last = name.rpartition(os.sep)
    found = _NAME.fullmatch(last)
    return f"{folder}{slash}{found['file']}" if found else name


def file_of(path: Path) -> Path:
    """Give the file that a photo stands in."""
    return split_frame(path)[0]
