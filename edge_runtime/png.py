"""Check a PNG as a whole: its chunks, their checksums and its compressed pixels."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np

_SIGNATURE = 8
_PIECE = 1 << 18  # bytes of pixels that are looked at in one go
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
           (1, 0, 2, 1))  # fmt: skip  # first row, first column, row step, column step
_NEEDED = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"eXIf"})


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
    kept, pixels, palette = [data[:_SIGNATURE]], [], False
    for kind, content, chunk in _chunks(data):
        if kind == b"acTL":
            raise ValueError("is an animation; save the photo as a still picture")
        if kind == b"IDAT":
            pixels.append(content)
        palette |= kind == b"PLTE"
        if kind in _NEEDED and (kind != b"eXIf" or content[:2] in (b"II", b"MM")):
            kept.append(chunk)
    depth, colour, method, filters, interlace = data[24:29]
    if depth not in _DEPTHS.get(colour, ()) or method or filters or interlace > 1:
        raise ValueError("is damaged: its header makes no sense")
    if colour == 3 and not palette:
        raise ValueError("is damaged: it has no palette")
    _check_rows(pixels, _rows(read_size(data), depth * _SAMPLES[colour], interlaced=interlace > 0))
    return b"".join(kept)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield kind, content and the whole of each chunk, with its checksum compared."""
    position = _SIGNATURE
    while True:
        if position + 12 > len(data):
            raise ValueError("is truncated")
        length = int.from_bytes(data[position : position + 4], "big")
        end = position + 12 + length
        kind = data[position + 4 : position + 8]
        if not kind.isalpha():
            raise ValueError("is damaged: there is no chunk where one must be")
        if end > len(data):
            raise ValueError("is truncated")
        chunk = data[position:end]
        if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise ValueError("is damaged: a checksum is wrong")
        if (position == _SIGNATURE) != (kind == b"IHDR") or (kind == b"IHDR" and length != 13):
            raise ValueError("is damaged: its header isn't in its place")
        if kind == b"PLTE" and (length % 3 or not 0 < length <= 768):
            raise ValueError("is damaged: its palette makes no sense")
        yield kind, chunk[8:-4], chunk
        if kind == b"IEND":
            return
        position = end


def _rows(size: tuple[int, int], bits: int, *, interlaced: bool) -> list[tuple[int, int]]:
    """List the passes over the picture: number of rows, bytes of each with its filter byte."""
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    found = []
    for top, left, down, right in passes:
        rows, columns = -(-(size[0] - top) // down), -(-(size[1] - left) // right)
        if rows > 0 and columns > 0:
            found.append((rows, 1 + -(-columns * bits // 8)))
    return found


def _check_rows(pixels: list[bytes], passes: list[tuple[int, int]]) -> None:
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


def _decompressed(decompressor: "zlib._Decompress", pixels: list[bytes]) -> Iterator[bytes]:
    try:
        for content in pixels:
            rest = content
            while rest and not decompressor.eof:
                yield decompressor.decompress(rest, _PIECE)
                rest = decompressor.unconsumed_tail
        while not decompressor.eof and (last := decompressor.decompress(b"", _PIECE)):
            yield last
    except zlib.error as error:
        raise ValueError("is damaged: its pixels can't be decompressed") from error
