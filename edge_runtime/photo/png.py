"""Check a PNG as a whole: its chunks, their checksums and its compressed pixels."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np

from edge_runtime.photo.extras import Extras
from edge_runtime.photo.orientation import read_orientation
from edge_runtime.photo.unpack import inflate

_SIGNATURE = 8
_GREY, _COLOUR, _PALETTE = 0, 2, 3
_WITH_ALPHA = (4, 6)
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), _PALETTE: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_SAMPLES = {0: 1, 2: 3, _PALETTE: 1, 4: 2, 6: 4}
_PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
           (1, 0, 2, 1))  # fmt: skip  # first row, first column, row step, column step
_LARGEST_PROFILE = 1 << 24
_KNOWN = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})  # of those that can't be passed over
_LARGEST_SIDE = 1_000_000  # libpng's own limit
_MOST_CHUNKS = 1 << 17  # 100 megapixels have 73,000 where writers make them small


def read_size(data: bytes) -> tuple[int, int]:
    """Read (height, width) from a PNG's header.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise ValueError("is damaged or truncated")
    width, height = struct.unpack(">II", data[16:24])
    if not 0 < width < 1 << 31 or not 0 < height < 1 << 31:
        raise ValueError("is damaged: it has no size")
    return height, width


def check(data: bytes) -> bytes:
    """Check every checksum and every row, so that the decoder has nothing left to find.

    Returns:
        The file without what isn't needed for its pixels, transparency and orientation: a colour
        profile or a time can then be as wrong as it likes.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    size = read_size(data)
    if max(size) > _LARGEST_SIDE:
        raise ValueError(f"has more than {_LARGEST_SIDE} pixels in a row or column; cut it smaller")
    depth, colour, method, filters, interlace = data[24:29]
    chunks = list(_chunks(data))
    kinds = [kind for kind, *_ in chunks]
    if b"acTL" in kinds:
        raise ValueError("is an animation; save the photo as a still picture")
    for kind in kinds:
        if kind[:1].isupper() and kind not in _KNOWN:
            name = kind.decode("ascii")
            raise ValueError(f"is of a kind that isn't read: it has a chunk {name}; save it anew")
    if depth not in _DEPTHS.get(colour, ()) or method or filters or interlace > 1:
        raise ValueError("is damaged: its header makes no sense")
    if colour == _PALETTE and b"PLTE" not in kinds:
        raise ValueError("is damaged: it has no palette")
    head = kinds[: kinds.index(b"IDAT")] if b"IDAT" in kinds else kinds
    if kinds.count(b"PLTE") > 1 or (colour == _PALETTE and b"PLTE" not in head):
        raise ValueError("is damaged: its palette isn't in its place")
    view = memoryview(data)
    pixels = inflate(view[start + 8 : end - 4] for kind, start, end in chunks if kind == b"IDAT")
    _check_rows(pixels, _passes(size, depth * _SAMPLES[colour], interlaced=interlace > 0))

    wanted = _KNOWN if colour == _PALETTE else _KNOWN - {b"PLTE"}
    exif = kinds.index(b"eXIf") if b"eXIf" in kinds else -1
    clear = kinds.index(b"tRNS") if _names_clear(data, chunks) else -1
    kept = [view[:_SIGNATURE]]
    for index, (kind, start, end) in enumerate(chunks):
        turns = index == exif and data[start + 8 : start + 10] in (b"II", b"MM")
        if kind in wanted or turns or index == clear:
            kept.append(view[start:end])
    whole = len(kept) == 1 + len(chunks) and chunks[-1][2] == len(data)
    return data if whole else b"".join(kept)


def read_extras(data: bytes) -> Extras:
    """Read colour profile, transparency, orientation and bits in use of a PNG that was checked."""
    chunks = list(_chunks(data))
    first: dict[bytes, bytes] = {}
    pixels_begun = False
    for kind, start, end in chunks:
        pixels_begun |= kind == b"IDAT"
        if kind == b"eXIf" or not pixels_begun:
            first.setdefault(kind, data[start + 8 : end - 4])
    depth, colour = data[24:26]
    clear = _names_clear(data, chunks)
    level = int.from_bytes(first.get(b"tRNS", b""), "big") if clear and colour == _GREY else None
    if level is not None and depth < 8:  # the decoder stretches the levels to 8 bits
        level = level * 255 // ((1 << depth) - 1)
    significant = first.get(b"sBIT", b"")[: 3 if colour in (_COLOUR, 6) else 1]
    return Extras(
        profile=_inflate_profile(first.get(b"iCCP", b"")),
        clear=clear or colour in _WITH_ALPHA,
        clear_grey=level,
        orientation=read_orientation(first.get(b"eXIf", b"")),
        deep=depth == 16,
        bits=max(significant) if significant and 8 <= max(significant) <= 16 else None,
    )


def _names_clear(data: bytes, chunks: list[tuple[bytes, int, int]]) -> bool:
    """Tell whether the first tRNS chunk is in its place and of its length."""
    colour, entries = data[25], 0
    for kind, start, end in chunks:
        if kind == b"IDAT":
            return False
        if kind == b"PLTE":
            entries = (end - start - 12) // 3
        if kind == b"tRNS":
            length = end - start - 12
            fits = {_GREY: length == 2, _COLOUR: length == 6, _PALETTE: 0 < length <= entries}
            return fits.get(colour, False)
    return False


def _inflate_profile(content: bytes) -> bytes:
    """Unpack an iCCP chunk; nothing where it is broken."""
    _, zero, packed = content.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(packed[1:], _LARGEST_PROFILE) if zero else b""
    except zlib.error:
        return b""


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind, first byte and end of each chunk."""
    position, view = _SIGNATURE, memoryview(data)
    for _ in range(_MOST_CHUNKS):
        if position + 12 > len(data):
            raise ValueError("is truncated")
        length = int.from_bytes(data[position : position + 4], "big")
        end = position + 12 + length
        kind = data[position + 4 : position + 8]
        if not kind.isalpha():
            raise ValueError("is damaged: there is no chunk where one must be")
        if end > len(data):
            raise ValueError("is truncated")
        if zlib.crc32(view[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise ValueError("is damaged: a checksum is wrong")
        if (position == _SIGNATURE) != (kind == b"IHDR") or (kind == b"IHDR" and length != 13):
            raise ValueError("is damaged: its header isn't in its place")
        if kind == b"PLTE" and (length % 3 or not 0 < length <= 768):
            raise ValueError("is damaged: its palette makes no sense")
        yield kind, position, end
        if kind == b"IEND":
            return
        position = end
    raise ValueError(f"has more than {_MOST_CHUNKS} chunks, as no camera writes; save it anew")


def _passes(size: tuple[int, int], bits: int, *, interlaced: bool) -> Iterator[tuple[int, int]]:
    """Yield the passes over the picture: number of rows, bytes of each with its filter byte."""
    for top, left, down, right in _PASSES if interlaced else ((0, 0, 1, 1),):
        rows, columns = -(-(size[0] - top) // down), -(-(size[1] - left) // right)
        if rows > 0 and columns > 0:
            yield rows, 1 + -(-columns * bits // 8)


def _check_rows(pieces: Iterator[bytes], passes: Iterator[tuple[int, int]]) -> None:
    """See that each row begins with a filter, and that there are as many rows as there must be."""
    piece = b""
    for rows, stride in passes:
        left = rows * stride
        while left:
            piece = piece or next(pieces, b"")
            if not piece:
                raise ValueError("is damaged or truncated: rows are missing")
            part, piece = piece[:left], piece[left:]
            filters = np.frombuffer(part, np.uint8)[left % stride :: stride]
            if filters.size and filters.max() > 4:
                raise ValueError("is damaged: a row makes no sense")
            left -= len(part)
    if piece or next(pieces, b""):
        raise ValueError("is damaged: it has more pixels than its size")
