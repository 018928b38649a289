"""Check a TIFF's pages: their sizes, and that each one's pixels lie in the file."""

import struct
import zlib
from dataclasses import dataclass

_WIDTH, _HEIGHT, _BITS, _COMPRESSION = 256, 257, 258, 259
_SUBFILE, _STRIPS, _SAMPLES, _STRIP_ROWS, _STRIP_BYTES, _PLANAR = 254, 273, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_TYPES = {1: "B", 3: "H", 4: "I"}
_NONE, _DEFLATE = 1, (8, 32946)
_MOST_PAGES = 1000


@dataclass(frozen=True)
class Page:
    """One page's tags that are whole numbers."""

    tags: dict[int, tuple[int, ...]]

    def first(self, tag: int, default: int) -> int:
        """Take a tag's first value."""
        return self.tags.get(tag, (default,))[0]

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) as stored."""
        return self.first(_HEIGHT, 0), self.first(_WIDTH, 0)


def read_page(data: bytes) -> Page:
    """Find the only full page of a TIFF.

    Raises:
        ValueError: With a clause that says what is wrong, or that there are several.
    """
    order = "<" if data[:2] == b"II" else ">"
    pages: list[Page] = []
    position, seen = _number(data, 4, order + "I"), set[int]()
    while position and len(pages) < _MOST_PAGES:
        if position in seen:
            raise ValueError("is damaged: its pages run in a circle")
        seen.add(position)
        tags, position = _directory(data, position, order)
        pages.append(Page(tags))
    full = [page for page in pages if not page.first(_SUBFILE, 0) & 1]
    if len(full) > 1:
        raise ValueError(f"has {len(full)} pages; save each photo as a file of its own")
    if not full or full[0] is not pages[0]:
        raise ValueError("doesn't begin with the full photo; save it anew")
    if 0 in full[0].size:
        raise ValueError("is damaged: it has no size")
    return full[0]


def check(data: bytes, page: Page) -> None:
    """Check that a page's pixels are all there; with deflate also that they are undamaged.

    Other damage to the pixels can't be noticed, since a TIFF has no checksum.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    tiled = _TILES in page.tags
    offsets = page.tags.get(_TILES if tiled else _STRIPS, ())
    counts = page.tags.get(_TILE_BYTES if tiled else _STRIP_BYTES, ())
    sizes = _part_sizes(page, tiled=tiled)
    if not offsets or len(offsets) != len(counts) or len(offsets) != len(sizes):
        raise ValueError("is damaged: it doesn't say where its pixels are")
    for offset, count, size in zip(offsets, counts, sizes, strict=True):
        if offset + count > len(data):
            raise ValueError("is truncated")
        compression = page.first(_COMPRESSION, _NONE)
        if not count or (compression == _NONE and count < size):
            raise ValueError("is damaged or truncated: pixels are missing")
        if compression in _DEFLATE:
            _check_deflated(data[offset : offset + count], size)


def _directory(data: bytes, position: int, order: str) -> tuple[dict[int, tuple[int, ...]], int]:
    """Read the tags of whole numbers of one directory, and where the next one is."""
    count = _number(data, position, order + "H")
    end = position + 2 + 12 * count
    following = _number(data, end, order + "I")
    tags = {}
    for at in range(position + 2, end, 12):
        tag, kind, values = struct.unpack_from(order + "HHI", data, at)
        if kind not in _TYPES or not values:
            continue
        length = struct.calcsize(_TYPES[kind]) * values
        start = at + 8 if length <= 4 else _number(data, at + 8, order + "I")
        if start + length > len(data):
            raise ValueError("is truncated")
        tags[tag] = struct.unpack_from(f"{order}{values}{_TYPES[kind]}", data, start)
    return tags, following


def _number(data: bytes, position: int, form: str) -> int:
    if position + struct.calcsize(form) > len(data):
        raise ValueError("is truncated")
    return int(struct.unpack_from(form, data, position)[0])


def _part_sizes(page: Page, *, tiled: bool) -> list[int]:
    """List how many bytes each strip or tile has when it isn't compressed, at least."""
    height, width = page.size
    samples = page.first(_SAMPLES, 1)
    planes = samples if page.first(_PLANAR, 1) == 2 else 1
    bits = page.first(_BITS, 1) * (samples // planes)
    if not bits:
        raise ValueError("is damaged: its samples have no bits")
    if tiled:
        rows, columns = page.first(_TILE_HEIGHT, 0), page.first(_TILE_WIDTH, 0)
        if not rows or not columns:
            raise ValueError("is damaged: its tiles have no size")
        number = -(-height // rows) * -(-width // columns) * planes
        if number > 1 << 20:
            raise ValueError("is damaged: it has too many tiles")
        return [rows * -(-columns * bits // 8)] * number
    rows = min(height, page.first(_STRIP_ROWS, height)) or height
    if page.first(_COMPRESSION, _NONE) != _NONE and page.first(_COMPRESSION, _NONE) not in _DEFLATE:
        bits = 0  # other kinds may store less than whole samples
    heights = [min(rows, height - top) for top in range(0, height, rows)] * planes
    return [part * -(-width * bits // 8) for part in heights]


def _check_deflated(part: bytes, size: int) -> None:
    decompressor, length = zlib.decompressobj(), 0
    try:
        rest = part
        while rest and not decompressor.eof and length <= size:
            length += len(decompressor.decompress(rest, 1 << 18))
            rest = decompressor.unconsumed_tail
    except zlib.error as error:
        raise ValueError("is damaged: its pixels can't be decompressed") from error
    if length < size:
        raise ValueError("is damaged or truncated: pixels are missing")
