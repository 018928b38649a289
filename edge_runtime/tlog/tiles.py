"""The files of a log after C2SP tlog-tiles: tiles of hashes, and bundles of entries."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.tree import HASH_BYTES, leaf_hash

#: How many hashes a tile has, and how many entries a bundle: trees of height 8.
WIDTH = 256

#: Bytes that an entry may have; ours have some 200.
LARGEST_ENTRY = 4096

_LARGEST_BUNDLE = WIDTH * (2 + LARGEST_ENTRY)
_HIGHEST = 4  # levels of tiles: four of them hold a thousand million entries

Level = int | Literal["entries"]


def tile_path(level: Level, index: int, width: int = WIDTH) -> str:
    """Name a tile's file below the log's folder: ``tile/<L>/<N>[.p/<W>]``.

    Args:
        level: Of the tile, or "entries" for a bundle.
        index: Of the tile within the level: three digits an element, ``x001/x234/067``.
        width: How many it has; the whole one has no ending.
    """
    parts = [f"{index % 1000:03}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03}")
    ending = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(parts)}{ending}"


def needed_tiles(size: int) -> list[tuple[int, int, int]]:
    """List the hash tiles of a tree that aren't whole: (level, index, width)."""
    found, level = [], 0
    while size:
        if size % WIDTH:
            found.append((level, size // WIDTH, size % WIDTH))
        size, level = size // WIDTH, level + 1
    return found


def to_bundle(entries: Iterable[bytes]) -> bytes:
    """Write entries one behind the other, each after its length, a big-endian uint16."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def from_bundle(data: bytes) -> tuple[list[bytes], int]:
    """Read entries, as far as they are whole.

    Returns:
        The entries, and how many bytes they take; more bytes are none that anybody wrote whole.
    """
    entries: list[bytes] = []
    at = 0
    while at + 2 <= len(data) and len(entries) < WIDTH:
        length = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + length]
        if not 0 < length <= LARGEST_ENTRY or len(entry) < length:
            break
        entries.append(entry)
        at += 2 + length
    return entries, at


def read_bundle(folder: Path, index: int, width: int = WIDTH) -> list[bytes]:
    """Read a bundle of entries from the disk.

    Raises:
        LogInvalidError: It isn't there, or not of this many whole entries.
    """
    file = folder / tile_path("entries", index, width)
    data = read_bounded(file, _LARGEST_BUNDLE)
    entries, taken = from_bundle(data)
    if len(entries) != width or taken != len(data):
        raise LogInvalidError(file, f"it hasn't the {width} entries that were written there")
    return entries


def has_bytes(folder: Path, index: int, part: bytes) -> bool:
    """Tell whether a whole bundle has these bytes in a row; quicker than to read its entries.

    Raises:
        LogInvalidError: It isn't there.
    """
    return part in read_bounded(folder / tile_path("entries", index), _LARGEST_BUNDLE)


def read_tile(folder: Path, level: int, index: int, width: int = WIDTH) -> list[bytes]:
    """Read a tile of hashes.

    Raises:
        LogInvalidError: It isn't there, or not of this width.
    """
    file = folder / tile_path(level, index, width)
    data = read_bounded(file, WIDTH * HASH_BYTES)
    if len(data) != width * HASH_BYTES:
        raise LogInvalidError(file, f"it hasn't the {width} hashes that were written there")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def read_named(file: Path, largest: int) -> bytes:
    """Read a file that somebody named, as ``read_bounded`` reads those of a log.

    Raises:
        LogInvalidError: It isn't there, can't be read or has more.
    """
    if not file.exists():
        raise LogInvalidError(file, "it isn't there; was another file meant?")
    return read_bounded(file, largest)


def read_bounded(file: Path, largest: int) -> bytes:
    """Read a file of a log that has no more bytes than such files have.

    Raises:
        LogInvalidError: It is gone, can't be read or has more.
    """
    try:
        if not file.is_file():
            raise LogInvalidError(file, "it is gone, and it was written there")
        with file.open("rb") as stream:
            data = stream.read(largest + 1)
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise LogInvalidError(file, f"it can't be read: {cause}") from error
    if len(data) > largest:
        raise LogInvalidError(file, f"it has more than {largest} bytes, as no such file has")
    return data


def partial_tiles(folder: Path) -> list[tuple[Level, int, int]]:
    """List the tiles on the disk that aren't whole: (level, index, width)."""
    found: list[tuple[Level, int, int]] = []
    for level in ("entries", *range(_HIGHEST)):
        base = folder / "tile" / str(level)
        for file in sorted(base.glob("**/*.p/*")):
            name = re.fullmatch(r"((?:x\d{3}/)*\d{3})\.p/(\d{1,3})", str(file.relative_to(base)))
            if name and 0 < int(name[2]) < WIDTH:
                found.append((level, int(re.sub(r"[x/]", "", name[1])), int(name[2])))
    return found


def hashes_of(entries: Sequence[bytes]) -> list[bytes]:
    """Hash entries as leaves."""
    return [leaf_hash(entry) for entry in entries]
