"""Tell how many bytes LZW data of a TIFF unpack to, without unpacking them.

Codes are 9 to 12 bits wide, by their number since the table was last cleared, so all codes of one
table are read at once. A code stands for the string of an earlier code and one byte more: its
length is its depth in that tree.

Source: TIFF 6.0, section 13.
"""

import numpy as np
import numpy.typing as npt

_CLEAR, _END, _FIRST_FREE = 256, 257, 258
_LARGEST_TABLE = 4096 + 1024  # libtiff's, beyond which it gives up
# A code is wider from the moment at which the table has 511, 1,023 and 2,047 strings.
_WIDTHS = np.repeat([9, 10, 11, 12], [254, 512, 1024, _LARGEST_TABLE - 2048])
_STARTS = np.concatenate([[0], np.cumsum(_WIDTHS)[:-1]])
_LEAST_PER_TABLE = 3000  # bytes; writers clear the table when it is full, or after 10,000 bytes

_Numbers = npt.NDArray[np.int64]


def is_old_style(part: memoryview) -> bool:
    """Tell the bit order of before TIFF 6.0, which isn't checked here."""
    return len(part) > 1 and part[0] == 0 and bool(part[1] & 1)


def unpacked_size(part: memoryview, *, limit: int) -> int:
    """Count the bytes that a strip or tile unpacks to.

    Args:
        part: Its compressed bytes.
        limit: Where counting may stop: it returns more than that then.

    Raises:
        ValueError: With a clause that says what is wrong: a code that isn't in the table, or so
            many tables that no writer made them.
    """
    data = np.frombuffer(bytes(part) + bytes(3), np.uint8)
    position, total, tables, end = 0, 0, 0, 8 * len(part)
    ended = False
    while not ended and total <= limit and position + 9 <= end:
        codes, ended = _table(data, position, end)
        total += _length(codes)
        tables += 1
        if tables > 3 + total // _LEAST_PER_TABLE:
            raise ValueError("is damaged: its pixels make no sense")
        if not ended:
            position += int(_STARTS[len(codes)] + _WIDTHS[len(codes)])
    return total


def _table(data: npt.NDArray[np.uint8], position: int, end: int) -> tuple[_Numbers, bool]:
    """Read the codes from a bit on up to the next clearing, and whether the data end there."""
    number = int(np.searchsorted(position + _STARTS + _WIDTHS, end, side="right"))
    at, widths = position + _STARTS[:number], _WIDTHS[:number]
    first = at >> 3
    one, two, three = (data[first + byte].astype(np.int64) for byte in range(3))
    codes = (one << 16 | two << 8 | three) >> (24 - (at & 7) - widths) & ((1 << widths) - 1)
    stops = np.flatnonzero((codes == _CLEAR) | (codes == _END))
    if not len(stops):
        if number == len(_WIDTHS):
            raise ValueError("is damaged: its pixels make no sense")
        return codes, True
    return codes[: stops[0]], bool(codes[stops[0]] == _END)


def _length(codes: _Numbers) -> int:
    """Add up the lengths of the strings that a table's codes stand for."""
    parents = codes - _FIRST_FREE  # the code whose string, and a byte more, this one stands for
    if (parents >= np.arange(len(codes))).any():
        raise ValueError("is damaged: its pixels make no sense")
    lengths = np.ones(len(codes), np.int64)
    longer = np.flatnonzero(parents >= 0)
    while len(longer):  # each turn doubles how far back a string has been followed
        lengths[longer] += lengths[parents[longer]]
        parents[longer] = parents[parents[longer]]
        longer = longer[parents[longer] >= 0]
    return int(lengths.sum())
