"""Write what a camp hands out, as one ZIP file or as a folder, with the hashes of all of it."""

import hashlib
import io
import time
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from edge_runtime.system.files import replacing, write_file

#: The list of the hashes, as ``sha256sum -c`` reads it.
SUMS = "SHA256SUMS"

_CHUNK = 1 << 20  # bytes
_FILE = 0o100600 << 16  # how ZIP files say that something is a file, for its owner only
_FIRST = (1980, 1, 1, 0, 0, 0)  # of a ZIP file's clock; that of a board without one is before it


class Entry(NamedTuple):
    """A file: its name, with slashes between folders, and its content or the file that has it."""

    name: str
    content: bytes | Path


def zipped(
    entries: Iterable[Entry], *, on_sums: Callable[[bytes], object] | None = None
) -> Generator[bytes, None, None]:
    """Write a ZIP file piece by piece, all of it stored as it is.

    Args:
        entries: Each is asked for once the one before is written, so that one is in memory.
        on_sums: Called with the list of the hashes before it is written, which is last.

    Raises:
        OSError: A file can't be read; what was given until then is no ZIP file.
    """
    sink, moment = _Sink(), max(time.localtime()[:6], _FIRST)
    with zipfile.ZipFile(sink, "w") as archive:
        for name, size_bytes, pieces in _hashed(entries, on_sums):
            described = zipfile.ZipInfo(name, moment)
            described.external_attr, described.file_size = _FILE, size_bytes
            with archive.open(described, "w") as file:
                for piece in pieces:
                    file.write(piece)
                    yield sink.taken()
    yield sink.taken()


def fill(
    folder: Path, entries: Iterable[Entry], *, on_sums: Callable[[bytes], object] | None = None
) -> None:
    """Write the files into a folder that is there and empty, the list of hashes last, likewise.

    Raises:
        OSError: One can't be read or written.
    """
    for name, _, pieces in _hashed(entries, on_sums):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with replacing(folder / name, private=True, sync=False) as file:
            file.writelines(pieces)


def relist(folder: Path, changed: Mapping[str, str]) -> None:
    """Write the list of hashes of a folder anew, once files came, were changed or went.

    Args:
        folder: What ``fill`` filled.
        changed: The SHA-256 of each file that is new or another one now, by its name.

    Raises:
        OSError: It can't be read or written.
    """
    lines = (line.split("  ", 1) for line in (folder / SUMS).read_text("utf-8").split("\n") if line)
    kept = {name: digest for digest, name in lines if (folder / name).is_file()}
    text = "".join(f"{digest}  {name}\n" for name, digest in {**kept, **changed}.items())
    write_file(folder / SUMS, text.encode(), private=True, sync=False)


def pieces_of(content: bytes | Path) -> Iterator[bytes]:
    """Give a content, a piece at a time."""
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


def _hashed(
    entries: Iterable[Entry], on_sums: Callable[[bytes], object] | None
) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    """Give names, sizes and pieces, to be taken to their end, and at last the list of hashes."""
    lines: list[str] = []

    def hashed(entry: Entry) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for piece in pieces_of(entry.content):
            digest.update(piece)
            yield piece
        lines.append(f"{digest.hexdigest()}  {entry.name}\n")

    for entry in entries:
        is_here = isinstance(entry.content, bytes)
        size = len(entry.content) if is_here else entry.content.stat().st_size  # type: ignore[union-attr, arg-type]
        yield entry.name, size, hashed(entry)
    sums = "".join(lines).encode()
    if on_sums:
        on_sums(sums)
    yield SUMS, len(sums), iter((sums,))


class _Sink(io.RawIOBase):
    """A file that can't be sought in, whose content is taken as it comes."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self._held += data  # type: ignore[arg-type]  # bytes, or a view of some
        return len(data)  # type: ignore[arg-type]

    def taken(self) -> bytes:
        """Give what was written since the last time."""
        held = bytes(self._held)
        self._held.clear()
        return held
