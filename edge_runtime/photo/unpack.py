"""Tell what compressed pixels unpack to, to find the damage that decoders show as black."""

import zlib
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

_PIECE = 1 << 12  # compressed bytes that are unpacked in one go, to 4 MB at most
_CLEAR, _END, _FIRST_FREE = 256, 257, 258
_LARGEST_TABLE = 4096 + 1024  # libtiff's, beyond which it gives up
# An LZW code is wider from the moment at which the table has 511, 1,023 and 2,047 strings.
_WIDTHS = np.repeat([9, 10, 11, 12], [254, 512, 1024, _LARGEST_TABLE - 2048])
_STARTS = np.concatenate([[0], np.cumsum(_WIDTHS)[:-1]])
_LEAST_PER_TABLE = 3000  # bytes; writers clear the table when it is full, or after 10,000 bytes
_NO_SENSE = "is damaged: its pixels make no sense"

_Numbers = npt.NDArray[np.int64]


def inflate(parts: Iterable[memoryview]) -> Iterator[bytes]:
    """Unpack deflate data in pieces, none of them empty, up to the checksum at their end.

    Args:
        parts: The compressed bytes; what follows after their end is passed over.

    Raises:
        ValueError: With a clause that says what is wrong: no deflate data, or not all of them.
    """
    decompressor = zlib.decompressobj()
    try:
        for part in parts:
            for at in range(0, len(part), _PIECE):
                if piece := decompressor.decompress(part[at : at + _PIECE]):
                    yield piece
                if decompressor.eof:
                    return
    except zlib.error as error:
        raise ValueError("is damaged: its pixels can't be decompressed") from error
    raise ValueError("is damaged: its pixels don't end where they must")


def inflated_size(part: memoryview, *, limit: int) -> int:
    """Count the bytes that a strip or tile of deflate data unpacks to, as ``lzw_size`` does."""
    size = 0
    for piece in inflate([part]):
        if size > limit:
            raise ValueError("is damaged: its pixels don't end where they must")
        size += len(piece)
    return size


def packbits_size(part: memoryview, *, limit: int) -> int:
    """Count the bytes that a strip or tile of PackBits data unpacks to, as ``lzw_size`` does.

    Source: TIFF 6.0, section 9.
    """
    position = size = 0
    end = min(len(part), 2 * limit + 128)  # no writer needs more; heads of nothing are endless
    while position < end and size <= limit:
        head = part[position]
        if head < 128:
            size += min(head + 1, end - position - 1)
            position += head + 2
        elif head == 128:  # it stands for nothing
            position += 1
        else:
            size += 257 - head if position + 1 < end else 0
            position += 2
    return size


def lzw_size(part: memoryview, *, limit: int) -> int | None:
    """Count the bytes that a strip or tile of a TIFF's LZW data unpacks to.

    Codes are 9 to 12 bits wide, by their number since the table was last cleared, so all codes of
    one table are read at once. A code stands for the string of an earlier code and one byte more:
    its length is its depth in that tree.

    Args:
        part: Its compressed bytes.
        limit: Where counting may stop: it returns more than that then.

    Returns:
        The bytes; None for the bit order of before TIFF 6.0, which isn't checked here.

    Raises:
        ValueError: With a clause that says what is wrong: a code that isn't in the table, or so
            many tables that no writer made them.

    Source: TIFF 6.0, section 13.
    """
    if len(part) > 1 and part[0] == 0 and part[1] & 1:
        return None
    data = np.frombuffer(bytes(part) + bytes(3), np.uint8)
    position, size, tables, end = 0, 0, 0, 8 * len(part)
    ended = False
    while not ended and size <= limit and position + 9 <= end:
        codes, ended = _table(data, position, end)
        size += _length(codes)
        tables += 1
        if tables > 3 + size // _LEAST_PER_TABLE:
            raise ValueError(_NO_SENSE)
        if not ended:
            position += int(_STARTS[len(codes)] + _WIDTHS[len(codes)])
    return size


def _table(data: npt.NDArray[np.uint8], position: int, end: int) -> tuple[_Numbers, bool]:
    """Read the codes from a bit on up to the next clearing, and whether the data end there."""
    number = int(np.searchsorted(position + _STARTS + _WIDTHS, end, side="right"))
    at, widths = position + _STARTS[:number], _WIDTHS[:number]
    first = at >> 3
    one, two, three = (data[first + byte].astype(np.int64) for byte in range(3))
    codes = (one << 16 | two << 8 | three) >> (24 - (at & 7) - widths) & ((1 << widths) - 1)
    stops = np.flatnonzero((codes == _CLEAR) | (codes == _END))
    if len(stops):
        return codes[: stops[0]], bool(codes[stops[0]] == _END)
    if number == len(_WIDTHS):
        raise ValueError(_NO_SENSE)
    return codes, True


def _length(codes: _Numbers) -> int:
    """Add up the lengths of the strings that a table's codes stand for."""
    parents = codes - _FIRST_FREE  # the code whose string, and a byte more, this one stands for
    if (parents >= np.arange(len(codes))).any():
        raise ValueError(_NO_SENSE)
    lengths = np.ones(len(codes), np.int64)
    longer = np.flatnonzero(parents >= 0)
    while len(longer):  # each turn doubles how far back a string has been followed
        lengths[longer] += lengths[parents[longer]]
        parents[longer] = parents[parents[longer]]
        longer = longer[parents[longer] >= 0]
    return int(lengths.sum())
