"""The SHA-256 of files, each computed once in a process."""

import hashlib
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

_CHUNK = 1 << 22
_DIGITS = frozenset("0123456789abcdef")
# A younger file could change once more within a tick of the clock, which may be set back too.
_SETTLED_NS = 2_000_000_000

# By a file's identity: whoever changes a file changes its time of change too.
_Key = tuple[int, int, int, int, int]
_known: dict[_Key, str] = {}
_lock = threading.Lock()


def sha256(file: Path) -> str:
    """Compute a file's SHA-256, or recall it while the file is unchanged.

    Returns:
        64 hexadecimal digits.

    Raises:
        OSError: It can't be read.
    """
    with _lock:  # a file that begin() is at is waited for, not read twice
        return _sha256(file)


def is_sha256(text: str) -> bool:
    """Tell whether a text is a SHA-256 as it is written here: 64 hexadecimal digits, small."""
    return len(text) == 64 and _DIGITS.issuperset(text)


def begin(folder: Path, *, marker: str) -> None:
    """Start to hash every file of a folder in the background, while the caller imports.

    Hashing needs no interpreter lock, so on a second core it costs no time. What goes wrong here
    is left to ``sha256``, which is called for every file that matters.

    Args:
        folder: A bundle, or an entry of the cache.
        marker: The file without which it is neither, and left alone.
    """
    threading.Thread(target=_hash_all, args=(folder, marker), name="sha256", daemon=True).start()


def _hash_all(folder: Path, marker: str) -> None:
    with _lock, suppress(OSError, MemoryError):
        if (folder / marker).is_file():
            for file in sorted(folder.iterdir()):
                if file.is_file():
                    _sha256(file)


def _sha256(file: Path) -> str:
    with file.open("rb", buffering=0) as stream:
        key = _identity(os.fstat(stream.fileno()))
        if key in _known:
            return _known[key]
        digest = hashlib.sha256()
        buffer = memoryview(bytearray(_CHUNK))
        while size := stream.readinto(buffer):
            digest.update(buffer[:size])
        value = digest.hexdigest()
        after = os.fstat(stream.fileno())
        if _identity(after) == key and abs(time.time_ns() - after.st_ctime_ns) > _SETTLED_NS:
            _known[key] = value
    return value


def _identity(stat: os.stat_result) -> _Key:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
