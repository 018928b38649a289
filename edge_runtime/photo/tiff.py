"""Check a TIFF: that it is one photo, and that its pixels are in the file and undamaged."""

import struct
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.photo.extras import Extras
from edge_runtime.photo.unpack import inflated_size, lzw_size, packbits_size

_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _COLOUR = 254, 256, 257, 258, 259, 262
_FILL_ORDER, _STRIPS, _SAMPLES, _STRIP_ROWS, _STRIP_BYTES, _PLANAR = 266, 273, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_LARGEST, _PROFILE = 281, 34675
_WHOLE_NUMBERS = {1: "u1", 3: "u2", 4: "u4"}  # by a tag's type
_UNDEFINED = 7
_NONE, _LZW, _JPEG = 1, 5, 7
_COUNTED = {_LZW: lzw_size, 32773: packbits_size}
_CHECKSUMMED = {8: inflated_size, 32946: inflated_size}
# What this OpenCV decodes, found by trying; of the others it shows some as black without a word.
_DECODED = frozenset({_NONE, 2, 3, 4, _LZW, _JPEG, 8, 32773, 32946, 34676, 34677})
_NAMES = {
    6: "old JPEG", 9: "JBIG", 10: "JBIG", 22610: "JPEG XR", 32766: "NeXT", 32767: "Sony raw",
    32809: "ThunderScan", 32908: "Pixar film", 32909: "Pixar log", 33003: "JPEG 2000",
    33004: "JPEG 2000", 33005: "JPEG 2000", 34661: "JBIG", 34712: "JPEG 2000", 34713: "Nikon raw",
    34715: "JBIG2", 34887: "LERC", 34892: "lossy JPEG", 34925: "LZMA", 34926: "Zstandard",
    34927: "WebP", 34933: "PNG", 34934: "JPEG XR", 50000: "Zstandard", 50001: "WebP",
    50002: "JPEG XL", 52546: "JPEG XL", 65000: "Kodak raw",
}  # fmt: skip
_YCBCR = 6  # colours whose samples may be fewer than the pixels
_SAMPLES_OF = {2: 3, 5: 4, 6: 3, 8: 3}  # by colour space; the others have one

# No camera comes near these. Without them a file that lies would cost minutes and gigabytes.
_MOST_PAGES, _MOST_TAGS, _MOST_PARTS = 100, 1000, 1 << 16


@dataclass(frozen=True, eq=False)
class Page:
    """A page of a TIFF: of each tag of whole numbers their type, how many, and where they are."""

    data: bytes
    tags: dict[int, tuple[str, int, int]]

    def values(self, tag: int) -> npt.NDArray[np.unsignedinteger]:
        """Read all values of a tag, none if it is missing.

        Raises:
            ValueError: With a clause: the file ends before they do.
        """
        kind, number, start = self.tags.get(tag, ("u1", 0, 0))
        if start + number * np.dtype(kind).itemsize > len(self.data):
            raise ValueError("is truncated")
        return np.frombuffer(self.data, kind, number, start)

    def first(self, tag: int, default: int) -> int:
        """Read a tag's first value."""
        return int(self.values(tag)[0]) if tag in self.tags else default

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
    pages = dict[int, Page]()
    position = _number(data, 4, order + "I")
    while position:
        if position in pages:
            raise ValueError("is damaged: its pages run in a circle")
        if len(pages) == _MOST_PAGES:
            raise ValueError(
                f"has more than {_MOST_PAGES} pages; save each photo as a file of its own"
            )
        tags = _number(data, position, order + "H")
        if tags > _MOST_TAGS:
            raise ValueError(f"is damaged: a page has {tags} tags")
        following = _number(data, position + 2 + 12 * tags, order + "I")
        pages[position] = _read_tags(data, position + 2, tags, order)
        position = following
    full = [page for page in pages.values() if not page.first(_SUBFILE, 0) & 1]
    if len(full) > 1:
        raise ValueError(f"has {len(full)} pages; save each photo as a file of its own")
    if not full or full[0] is not next(iter(pages.values())):
        raise ValueError("doesn't begin with the full photo; save it anew")
    if 0 in full[0].size:
        raise ValueError("is damaged: it has no size")
    return full[0]


def check(page: Page) -> None:
    """Check that a page's pixels are all there, undamaged as far as the format tells, and opaque.

    Deflate has a checksum. Damage to LZW and PackBits is noticed by the length that they unpack
    to. Other damage to the pixels can't be noticed, since a TIFF has no checksum.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    _check_compression(page.first(_COMPRESSION, _NONE))
    height, width = page.size
    samples, tiled = page.first(_SAMPLES, 1), _TILES in page.tags
    planes = samples if page.first(_PLANAR, 1) == 2 else 1
    bits = page.first(_BITS, 1) * (samples // (planes or 1))
    if not bits:
        raise ValueError("is damaged: its samples have no bits")
    rows, columns = min(height, page.first(_STRIP_ROWS, height)) or height, width
    if tiled:
        rows, columns = page.first(_TILE_HEIGHT, 0), page.first(_TILE_WIDTH, 0)
    if not rows or not columns:
        raise ValueError("is damaged: its tiles have no size")
    down, across, row = -(-height // rows), -(-width // columns), -(-columns * bits // 8)
    where = (_TILES, _TILE_BYTES) if tiled else (_STRIPS, _STRIP_BYTES)
    if max(len(page.values(tag)) for tag in where) > _MOST_PARTS:
        raise ValueError(f"has more than {_MOST_PARTS} strips or tiles; save it anew")
    offsets, counts = (page.values(tag).tolist() for tag in where)
    if not len(offsets) == len(counts) == down * across * planes:
        raise ValueError("is damaged: it doesn't say where its pixels are")
    for index, (offset, count) in enumerate(zip(offsets, counts, strict=True), start=1):
        if offset + count > len(page.data):
            raise ValueError("is truncated")
        # the last strip of a plane may be cut short, a tile never is
        whole = rows if tiled or index % down else height - (down - 1) * rows
        part = memoryview(page.data)[offset : offset + count]
        if not count or _is_short(part, page, whole * row, rows * row):
            raise ValueError("is damaged or truncated: pixels are missing")
    if samples > _SAMPLES_OF.get(page.first(_COLOUR, 0), 1):
        _check_opaque(page.data)


def read_extras(page: Page) -> Extras:
    """Read colour profile and bits in use; planes that stand apart are read as the decoder does."""
    try:
        profile, largest = page.values(_PROFILE).tobytes(), page.first(_LARGEST, 0)
    except ValueError:  # a profile beyond the file's end is none
        profile, largest = b"", 0
    samples = page.first(_SAMPLES, 1)
    plain = page.first(_PLANAR, 1) == 1 or samples == 1
    bits = largest.bit_length()
    return Extras(
        profile=profile,
        deep=plain and page.first(_BITS, 1) == 16 and page.first(_COLOUR, 0) in (1, 2),
        bits=bits if largest == (1 << bits) - 1 and 8 <= bits <= 16 else None,
    )


def _check_compression(compression: int) -> None:
    if compression not in _DECODED:
        name = _NAMES.get(compression, f"number {compression}")
        raise ValueError(
            f"has the compression {name}, which isn't read; save it anew as PNG or as TIFF with LZW"
        )


def _read_tags(data: bytes, start: int, number: int, order: str) -> Page:
    """Read a directory; of a tag that stands twice the first counts."""
    tags = dict[int, tuple[str, int, int]]()
    for at in range(start, start + 12 * number, 12):
        tag, kind, values, offset = struct.unpack_from(order + "HHII", data, at)
        if kind == _UNDEFINED and tag == _PROFILE:
            kind = 1  # bytes
        if tag not in tags and kind in _WHOLE_NUMBERS and values:
            form = order + _WHOLE_NUMBERS[kind]
            inside = values * np.dtype(form).itemsize <= 4
            tags[tag] = form, values, at + 8 if inside else offset
    return Page(data, tags)


def _number(data: bytes, position: int, form: str) -> int:
    if position + struct.calcsize(form) > len(data):
        raise ValueError("is truncated")
    return int(struct.unpack_from(form, data, position)[0])


def _is_short(part: memoryview, page: Page, size: int, padded: int) -> bool:
    """Tell whether a strip or tile doesn't unpack to ``size`` bytes, or to ``padded``."""
    compression, colour = page.first(_COMPRESSION, _NONE), page.first(_COLOUR, 0)
    short = compression == _NONE and len(part) < size
    if compression in _CHECKSUMMED:
        short = _CHECKSUMMED[compression](part, limit=padded) < size
    elif compression in _COUNTED and (compression != _LZW or page.first(_FILL_ORDER, 1) == 1):
        short = _COUNTED[compression](part, limit=padded) not in (size, padded, None)
    return short and colour != _YCBCR


def _check_opaque(data: bytes) -> None:
    """Check that a TIFF hides nothing: libtiff darkens what is transparent, and a class with it."""
    whole = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if whole is None or whole.ndim != 3 or whole.shape[2] != 4:
        raise ValueError("has a channel beside its colours; save it anew as PNG, without that")
    alpha = np.asarray(whole[..., 3])
    if alpha.dtype not in (np.uint8, np.uint16) or alpha.min() < (1 << 8 * alpha.itemsize) - 1:
        raise ValueError("has transparent parts; save it anew without transparency")
