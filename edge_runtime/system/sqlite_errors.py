"""Tell what the system refused from what SQLite says of it."""

import errno
import os
import sqlite3
from pathlib import Path


def system_error(error: sqlite3.DatabaseError, file: Path) -> OSError | None:
    """Make an error of the system of one of SQLite's, by its words; None where it isn't one.

    Args:
        error: What SQLite raised.
        file: The database.
    """
    said, number = str(error), None
    if "full" in said:
        number = errno.ENOSPC
    elif "I/O" in said:
        number = errno.EIO
    elif "readonly" in said:
        number = errno.EROFS if _is_read_only(file.parent) else errno.EACCES
    elif "unable to open" in said:  # SQLite's paths are shorter than the system's
        own = os.access(file, os.R_OK | os.W_OK) or not file.exists()
        may = own and os.access(file.parent, os.W_OK)
        number = errno.ENAMETOOLONG if may else errno.EACCES
    return None if number is None else OSError(number, os.strerror(number), str(file))


def _is_read_only(folder: Path) -> bool:
    """Tell whether a whole disk is read-only, rather than a folder closed to this user."""
    return hasattr(os, "statvfs") and bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
