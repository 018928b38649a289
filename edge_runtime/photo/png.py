"""Check a PNG as a whole: its chunks, their checksums and its compressed pixels."""

import struct
import zlib
from collections.abc import Iterable, Iterator

import numpy as np

_SIGNATURE = 8
_PIECE = 1 << 18  # bytes of pixels that are looked at in one go
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
           (1, 0, 2, 1))  # fmt: skip  # first row, first column, row step, column step
_KNOWN = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})  # of those that can't be passed over
_PALETTE = 3
_LARGEST_SIDE = 1_000_000  # libpng's own limit
_MOST_CHUNKS = 1 << 17  # 100 megapixels have 73,000 where writers make them small

_Spans = list[tuple[int, int]]


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
        The file without what isn't needed for its pixels and orientation: a colour profile or a
        time can then be as wrong as it likes.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    if max(read_size(data)) > _LARGEST_SIDE:
        raise ValueError(f"has more than {_LARGEST_SIDE} pixels in a row or column; cut it smaller")
    kept, pixels, found = [(0, _SIGNATURE)], [], set[bytes]()
    colour = data[25]
    for kind, start, end in _chunks(data):
        content = start + 8, end - 4
        if kind == b"acTL":
            raise ValueError("is an animation; save the photo as a still picture")
        if kind[:1].isupper() and kind not in _KNOWN:
            name = kind.decode("ascii")
            raise ValueError(f"is of a kind that isn't read: it has a chunk {name}; save it anew")
        if kind == b"PLTE" and (kind in found or (b"IDAT" in found and colour == _PALETTE)):
            raise ValueError("is damaged: its palette isn't in its place")
        if kind == b"IDAT" and content[0] < content[1]:
            pixels.append(content)
        if _is_needed(kind, data[content[0] : content[0] + 2], colour, found):
            _keep(kept, start, end)
        found.add(kind)
    depth, colour, method, filters, interlace = data[24:29]
    if depth not in _DEPTHS.get(colour, ()) or method or filters or interlace > 1:
        raise ValueError("is damaged: its header makes no sense")
    if colour == _PALETTE and b"PLTE" not in found:
        raise ValueError("is damaged: it has no palette")
    view = memoryview(data)
    rows = _rows(read_size(data), depth * _SAMPLES[colour], interlaced=interlace > 0)
    _check_rows((view[start:end] for start, end in pixels), rows)
    whole = kept == [(0, len(data))]
    return data if whole else b"".join(view[start:end] for start, end in kept)


def _is_needed(kind: bytes, begin: bytes, colour: int, found: set[bytes]) -> bool:
    if kind == b"eXIf":
        return kind not in found and begin in (b"II", b"MM")
    return colour == _PALETTE if kind == b"PLTE" else kind in _KNOWN


def _keep(kept: _Spans, start: int, end: int) -> None:
    """Add a chunk to the spans that are kept."""
    if kept[-1][1] == start:
        kept[-1] = kept[-1][0], end
    else:
        kept.append((start, end))


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


def _rows(size: tuple[int, int], bits: int, *, interlaced: bool) -> list[tuple[int, int]]:
    """List the passes over the picture: number of rows, bytes of each with its filter byte."""
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    found = []
    for top, left, down, right in passes:
        rows, columns = -(-(size[0] - top) // down), -(-(size[1] - left) // right)
        if rows > 0 and columns > 0:
            found.append((rows, 1 + -(-columns * bits // 8)))
    return found


def _check_rows(pixels: Iterable[memoryview], passes: list[tuple[int, int]]) -> None:
    """Decompress piece by piece; keep nothing, but see that each row begins with a filter."""
    decompressor = zlib.decompressobj()
    pieces = _decompressed(decompressor, pixels)
    piece = b""
    for rows, stride in passes:
        position, total = 0, rows * stride
        while position < total:
            piece = piece or next(pieces, b"")
            if not piece:
                raise ValueError("is damaged or truncated: rows are missing")
            part, piece = piece[: total - position], piece[total - position :]
            filters = np.frombuffer(part, np.uint8)[-position % stride :: stride]
            if filters.size and filters.max() > 4:
                raise ValueError("is damaged: a row makes no sense")
            position += len(part)
    if piece or next(pieces, b"") or not decompressor.eof:
        raise ValueError("is damaged: it has more pixels than its size")


def _decompressed(
    decompressor: "zlib._Decompress", pixels: Iterable[memoryview]
) -> Iterator[bytes]:
    """Yield what the chunks unpack to, in pieces that aren't empty."""
    try:
        for content in pixels:
            rest: bytes | memoryview = content
            while rest and not decompressor.eof:
                if piece := decompressor.decompress(rest, _PIECE):
                    yield piece
                rest = decompressor.unconsumed_tail
        while not decompressor.eof and (last := decompressor.decompress(b"", _PIECE)):
            yield last
    except zlib.error as error:
        raise ValueError("is damaged: its pixels can't be decompressed") from error
