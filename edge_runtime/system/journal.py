"""A file that grows line by line, which an interruption can't spoil and only its owner can read."""

import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

_PRIVATE = 0o600


class Journal:
    """A file of lines that grows a whole line at a time.

    A line that can't be written in full, on a full disk, is taken back. One that a kill cut off
    has no line feed, so ``complete_lines`` passes over it, and ``cut`` removes it.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        self._file: FileIO = open(  # noqa: SIM115  # closed by close()
            path, "ab", buffering=0, opener=_open_private
        )

    def append(self, line: bytes) -> None:
        """Write one line, which must end in its only line feed.

        Raises:
            OSError: It couldn't be written; the file is as it was.
        """
        end = os.fstat(self._file.fileno()).st_size
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError:
            self._file.truncate(end)
            raise

    def cut(self, end: int) -> None:
        """Keep the first ``end`` bytes only."""
        self._file.truncate(end)

    def sync(self) -> None:
        """Hand the lines to the disk, so that they outlive a loss of power."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def complete_lines(path: Path) -> Iterator[bytes]:
    """Read the lines of a journal that have their line feed, up to the first that has none."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield line


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, _PRIVATE)
