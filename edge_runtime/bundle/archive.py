"""Open NumPy archives with care: anybody may have made those of a bundle."""

import lzma
import struct
import tokenize
import zipfile
import zlib
from typing import BinaryIO


class TooLargeError(ValueError):
    """An archive unpacks to more than its arrays have."""


#: What a damaged archive makes zipfile and numpy raise, which reads an array's header as Python.
ARCHIVE_ERRORS = (ValueError, LookupError, OSError, EOFError, MemoryError, RuntimeError, TypeError,
                  ArithmeticError, tokenize.TokenError, struct.error, zipfile.BadZipFile,
                  zlib.error, lzma.LZMAError)  # fmt: skip


def check_unpacked_size(stream: BinaryIO, most: int) -> None:
    """Check that an archive unpacks to no more than some bytes, and go back to its begin.

    Raises:
        TooLargeError: It does.
        zipfile.BadZipFile: It isn't an archive.
    """
    with zipfile.ZipFile(stream) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > most:
        raise TooLargeError(f"it unpacks to {size} bytes, too many for its arrays")
    stream.seek(0)


def archive_cause(error: Exception, otherwise: str) -> str:
    """Say why an archive can't be read: what the system says, or ``otherwise``."""
    if isinstance(error, TooLargeError):
        return str(error)
    return getattr(error, "strerror", None) or otherwise
