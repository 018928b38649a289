"""Check a TIFF: that it is one photo, and that its pixels are in the file and undamaged."""

import struct
import zlib
from collections.abc import Container
from dataclasses import dataclass

from edge_runtime.photo import lzw, packbits

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _COLOUR, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_SUBFILE, _STRIPS, _SAMPLES, _STRIP_ROWS, _STRIP_BYTES, _PLANAR = 254, 273, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_LISTS = frozenset({_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES})
_NEEDED = _LISTS | {
    *(_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _COLOUR, _FILL_ORDER, _SAMPLES),
    *(_STRIP_ROWS, _PLANAR, _TILE_WIDTH, _TILE_HEIGHT),
}
_TYPES = {1: "B", 3: "H", 4: "I"}
_NONE, _LZW, _DEFLATE, _PACKBITS = 1, 5, (8, 32946), 32773
_YCBCR = 6  # colours whose samples may be fewer than the pixels
_SAMPLES_OF = {2: 3, 5: 4, 6: 3, 8: 3}  # by colour space; the others have one

# No camera comes near these. Without them a file that lies would cost minutes and gigabytes.
_MOST_PAGES, _MOST_TAGS, _MOST_PARTS = 100, 1000, 1 << 16

_Tags = dict[int, tuple[int, ...]]


@dataclass(frozen=True)
class Page:
    """A page's tags that are needed: whole lists for where its pixels are, else a first value."""

    tags: _Tags

    def first(self, tag: int, default: int) -> int:
        """Take a tag's first value."""
        return self.tags.get(tag, (default,))[0]

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) as stored."""
        return self.first(_HEIGHT, 0), self.first(_WIDTH, 0)

    @property
    def has_alpha(self) -> bool:
        """Whether a pixel has more samples than its colour needs."""
        return self.first(_SAMPLES, 1) > _SAMPLES_OF.get(self.first(_COLOUR, 0), 1)


@dataclass(frozen=True)
class _Parts:
    """The strips or tiles of a page: how many, and the bytes of each that isn't compressed."""

    number: int
    size: int
    in_column: int
    size_of_last: int

    def size_of(self, index: int) -> int:
        """Tell the least bytes of one: the last strip of a column may be cut short."""
        return self.size_of_last if (index + 1) % self.in_column == 0 else self.size


def read_page(data: bytes) -> Page:
    """Find the only full page of a TIFF.

    Raises:
        ValueError: With a clause that says what is wrong, or that there are several.
    """
    order = "<" if data[:2] == b"II" else ">"
    pages = _directories(data, order)
    full = [at for at in pages if not _is_preview(data, at, order)]
    if len(full) > 1:
        raise ValueError(f"has {len(full)} pages; save each photo as a file of its own")
    if not full or full[0] != pages[0]:
        raise ValueError("doesn't begin with the full photo; save it anew")
    page = Page(_tags(data, full[0], order, _NEEDED))
    if 0 in page.size:
        raise ValueError("is damaged: it has no size")
    return page


def check(data: bytes, page: Page) -> None:
    """Check that a page's pixels are all there, and undamaged as far as the format tells.

    Deflate has a checksum. Damage to LZW and PackBits is noticed by the length that they unpack
    to. Other damage to the pixels can't be noticed, since a TIFF has no checksum.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    tiled = _TILES in page.tags
    offsets = page.tags.get(_TILES if tiled else _STRIPS, ())
    counts = page.tags.get(_TILE_BYTES if tiled else _STRIP_BYTES, ())
    parts = _tiles(page) if tiled else _strips(page)
    if not len(offsets) == len(counts) == parts.number:
        raise ValueError("is damaged: it doesn't say where its pixels are")
    for index, (offset, count) in enumerate(zip(offsets, counts, strict=True)):
        if offset + count > len(data):
            raise ValueError("is truncated")
        if not count:
            raise ValueError("is damaged or truncated: pixels are missing")
        whole = parts.size if tiled else parts.size_of(index)
        _check_part(memoryview(data)[offset : offset + count], page, whole, parts.size)


def _check_part(part: memoryview, page: Page, size: int, padded: int) -> None:
    """Check one strip or tile that unpacks to ``size`` bytes, or to ``padded``."""
    compression, fewer_samples = page.first(_COMPRESSION, _NONE), page.first(_COLOUR, 0) == _YCBCR
    if compression in _DEFLATE:
        found = _inflated_size(part, limit=padded)
        missing = found < size
    elif compression == _LZW and page.first(_FILL_ORDER, 1) == 1 and not lzw.is_old_style(part):
        missing = lzw.unpacked_size(part, limit=padded) not in (size, padded)
    elif compression == _PACKBITS:
        missing = packbits.unpacked_size(part, limit=padded) not in (size, padded)
    else:
        missing = compression == _NONE and len(part) < size
    if missing and not fewer_samples:
        raise ValueError("is damaged or truncated: pixels are missing")


def _directories(data: bytes, order: str) -> list[int]:
    """List where the pages' directories are."""
    found: list[int] = []
    position = _number(data, 4, order + "I")
    while position:
        if position in found:
            raise ValueError("is damaged: its pages run in a circle")
        if len(found) == _MOST_PAGES:
            raise ValueError(
                f"has more than {_MOST_PAGES} pages; save each photo as a file of its own"
            )
        found.append(position)
        tags = _number(data, position, order + "H")
        if tags > _MOST_TAGS:
            raise ValueError(f"is damaged: a page has {tags} tags")
        position = _number(data, position + 2 + 12 * tags, order + "I")
    return found


def _is_preview(data: bytes, directory: int, order: str) -> bool:
    return bool(_tags(data, directory, order, {_SUBFILE}).get(_SUBFILE, (0,))[0] & 1)


def _tags(data: bytes, directory: int, order: str, wanted: Container[int]) -> _Tags:
    """Read a directory's tags of whole numbers; of a tag that stands twice the first counts."""
    tags: _Tags = {}
    count = _number(data, directory, order + "H")
    for at in range(directory + 2, directory + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack_from(order + "HHI", data, at)
        if tag in tags or tag not in wanted or kind not in _TYPES or not values:
            continue
        length = struct.calcsize(_TYPES[kind]) * values
        start = at + 8 if length <= 4 else _number(data, at + 8, order + "I")
        if start + length > len(data):
            raise ValueError("is truncated")
        if tag in _LISTS and values > _MOST_PARTS:
            raise ValueError(f"has more than {_MOST_PARTS} strips or tiles; save it anew")
        read = values if tag in _LISTS else 1
        tags[tag] = struct.unpack_from(f"{order}{read}{_TYPES[kind]}", data, start)
    return tags


def _number(data: bytes, position: int, form: str) -> int:
    if position + struct.calcsize(form) > len(data):
        raise ValueError("is truncated")
    return int(struct.unpack_from(form, data, position)[0])


def _tiles(page: Page) -> _Parts:
    height, width = page.size
    planes, bits = _planes(page)
    rows, columns = page.first(_TILE_HEIGHT, 0), page.first(_TILE_WIDTH, 0)
    if not rows or not columns:
        raise ValueError("is damaged: its tiles have no size")
    size = rows * -(-columns * bits // 8)
    return _Parts(-(-height // rows) * -(-width // columns) * planes, size, 1, size)


def _strips(page: Page) -> _Parts:
    height, width = page.size
    planes, bits = _planes(page)
    rows = min(height, page.first(_STRIP_ROWS, height)) or height
    row, in_column = -(-width * bits // 8), -(-height // rows)
    last = height - (in_column - 1) * rows
    return _Parts(in_column * planes, rows * row, in_column, last * row)


def _planes(page: Page) -> tuple[int, int]:
    """Tell in how many parts each pixel is stored, and the bits of each."""
    samples = page.first(_SAMPLES, 1)
    planes = samples if page.first(_PLANAR, 1) == 2 else 1
    bits = page.first(_BITS, 1) * (samples // (planes or 1))
    if not bits:
        raise ValueError("is damaged: its samples have no bits")
    return planes, bits


def _inflated_size(part: memoryview, *, limit: int) -> int:
    """Unpack to the end, where the checksum is, but to no more than ``limit`` bytes."""
    decompressor, length, rest = zlib.decompressobj(), 0, bytes(part)
    try:
        while not decompressor.eof and length <= limit:
            piece = decompressor.decompress(rest, 1 << 18)
            length += len(piece)
            rest = decompressor.unconsumed_tail
            if not piece and not rest:
                break
    except zlib.error as error:
        raise ValueError("is damaged: its pixels can't be decompressed") from error
    if not decompressor.eof:
        raise ValueError("is damaged: its pixels don't end where they must")
    return length
