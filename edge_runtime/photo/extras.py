"""What a file says of its pixels beside them, however its kind says it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Extras:
    """What must be known to show a file's pixels as they were meant.

    ``profile`` is an ICC colour profile, empty if there is none. ``clear`` is true where some
    pixels may be transparent, and ``clear_grey`` is the decoded grey level that is, if the file
    names one. ``orientation`` is EXIF's, 1 to 8. ``deep`` is true for 16 bits a sample, of which
    ``bits`` are in use if the file tells.
    """

    profile: bytes = b""
    clear: bool = False
    clear_grey: int | None = None
    orientation: int = 1
    deep: bool = False
    bits: int | None = None
