"""Check the markers of a JPEG: that every part of its picture is there, and in order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_START, _END, _SCAN, _TABLES, _RESTART_INTERVAL = 0xD8, 0xD9, 0xDA, 0xC4, 0xDD
_DEPTH = 8  # bits of each sample
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_TABLES, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_RESTARTS = range(0xD0, 0xD8)
_MOST_SCANS = 32  # libjpeg's own script has 10; each costs a pass over the whole picture
_MOST_RESTARTS = 1 << 21  # one for each block of 100 megapixels
_MARKER = re.compile(rb"\xff[^\x00\xff]")


@dataclass(frozen=True)
class Frame:
    """What a JPEG's headers say of its picture.

    ``size`` is (height, width) as stored, before the orientation. ``components`` have their
    sampling factors (horizontal, vertical) by identifier. ``plain`` is a picture in one sequential
    scan without restart markers, whose bytes run from ``scan_start`` to ``scan_end``.
    """

    size: tuple[int, int]
    components: dict[int, tuple[int, int]]
    plain: bool
    scan_start: int
    scan_end: int


@dataclass(frozen=True)
class _Segment:
    """A marker and its content, ``data[start:end]``.

    Of a scan's picture data, which follow, ``scan_end`` is the end and ``restarts`` the numbers of
    the restart markers in them.
    """

    marker: int
    start: int
    end: int
    scan_end: int
    restarts: tuple[int, ...] = ()


def read_size(data: bytes) -> tuple[int, int]:
    """Read (height, width) from a JPEG's header, as stored.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    for segment in _segments(data):
        if segment.marker in _FRAMES:
            return _frame_size(data[segment.start : segment.end])
        if segment.marker == _SCAN:
            break
    raise ValueError("is damaged: it has no size")


def check(data: bytes) -> Frame:
    """Check the markers of a whole JPEG: that all of them are in place, and every scan is there.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    size, components, progressive = (0, 0), dict[int, tuple[int, int]](), False
    interval, restarts, scans, scan_start, scan_end = 0, False, 0, 0, 0
    depth: dict[int, npt.NDArray[np.int8]] = {}
    for segment in _segments(data):
        content = data[segment.start : segment.end]
        if segment.marker in _FRAMES:
            if components:
                raise ValueError("is damaged: it has two frames")
            size, components = _frame_size(content), _components(content)
            depth = {identifier: np.full(64, -1, np.int8) for identifier in components}
            progressive = segment.marker in _PROGRESSIVE
        elif segment.marker == _RESTART_INTERVAL:
            interval = int.from_bytes(content[:2], "big")
        elif segment.marker == _SCAN:
            scans += 1
            if scans > _MOST_SCANS:
                raise ValueError(f"has more than {_MOST_SCANS} scans, as no camera writes")
            members = _read_scan(content, depth, progressive=progressive)
            scan_start, scan_end = segment.end, segment.scan_end
            restarts |= interval > 0
            expected = -(-_units(size, components, members) // interval) - 1 if interval else 0
            _check_restarts(segment.restarts, expected)
    if not scans or any((levels != 0).any() for levels in depth.values()):
        raise ValueError("is damaged: a part of its picture is missing")
    plain = scans == 1 and not progressive and not restarts
    return Frame(size, components, plain, scan_start, scan_end)


def _segments(data: bytes) -> Iterator[_Segment]:
    """Yield the segments up to the end marker."""
    position = 2
    while True:
        while data[position : position + 2] == b"\xff\xff":
            position += 1
        if position + 2 > len(data):
            raise ValueError("is truncated")
        marker = data[position + 1]
        if data[position] != 0xFF or marker < 0xC0 or marker == _START:
            raise ValueError("is damaged: there is no marker where one must be")
        if marker == _END:
            return
        start = position + 4
        end = position + 2 + int.from_bytes(data[position + 2 : start], "big")
        if end > len(data) or start > len(data):
            raise ValueError("is truncated")
        if end < start:
            raise ValueError("is damaged: a segment has no length")
        position, restarts = _scan(data, end) if marker == _SCAN else (end, [])
        yield _Segment(marker, start, end, position, tuple(restarts))


def _scan(data: bytes, start: int) -> tuple[int, list[int]]:
    """Find the end of a scan's picture data, and the restart markers in them."""
    restarts: list[int] = []
    for found in _MARKER.finditer(data, start):
        at = found.start()
        if data[at + 1] not in _RESTARTS:
            return at, restarts
        restarts.append(data[at + 1] - _RESTARTS[0])
        if len(restarts) > _MOST_RESTARTS:
            break
    raise ValueError("is truncated")


def _frame_size(content: bytes) -> tuple[int, int]:
    if content and content[0] != _DEPTH:
        raise ValueError(f"has {content[0]} bits for each colour, which isn't read; save it with 8")
    height, width = int.from_bytes(content[1:3], "big"), int.from_bytes(content[3:5], "big")
    if not height or not width:
        raise ValueError("is damaged: it has no size")
    return height, width


def _components(content: bytes) -> dict[int, tuple[int, int]]:
    count = content[5] if len(content) > 5 else 0
    entries = [content[at : at + 3] for at in range(6, len(content), 3)]
    found = {entry[0]: (entry[1] >> 4, entry[1] & 15) for entry in entries if len(entry) == 3}
    if (
        not count
        or len(found) != count
        or any(not (1 <= f <= 4) for v in found.values() for f in v)
    ):
        raise ValueError("is damaged: its frame header makes no sense")
    return found


def _read_scan(
    content: bytes, depth: dict[int, npt.NDArray[np.int8]], *, progressive: bool
) -> list[int]:
    """Note which coefficients a scan brings, and down to which bit; return its components."""
    count = content[0] if content else 0
    if not count or len(content) != 2 * count + 4:
        raise ValueError("is damaged: a scan header makes no sense")
    members = [content[1 + 2 * i] for i in range(count)]
    first, last, bits = content[-3:] if progressive else (0, 63, 0)
    if first > last or last > 63 or any(member not in depth for member in members):
        raise ValueError("is damaged: a scan header makes no sense")
    known, brought = bits >> 4, bits & 15
    for member in members:
        levels = depth[member][first : last + 1]
        # a coefficient begins with any number of bits, and then gets one bit with each scan
        lacks_base = first > 0 and depth[member][0] < 0
        if lacks_base or (levels != (known or -1)).any() or (known and brought != known - 1):
            raise ValueError("is damaged: its scans don't follow from each other")
        levels[:] = brought
    return members


def _units(
    size: tuple[int, int], components: dict[int, tuple[int, int]], members: list[int]
) -> int:
    """Count the units between which restart markers of a scan may stand."""
    widest = max(horizontal for horizontal, _ in components.values())
    highest = max(vertical for _, vertical in components.values())
    horizontal, vertical = components[members[0]] if len(members) == 1 else (1, 1)
    rows = -(-size[0] * vertical // (8 * highest))
    return rows * -(-size[1] * horizontal // (8 * widest))


def _check_restarts(found: tuple[int, ...], expected: int) -> None:
    # some encoders write one more, after the last unit
    in_turn = all(number == i % 8 for i, number in enumerate(found))
    if len(found) not in (expected, expected + 1) or not in_turn:
        raise ValueError("is damaged: its restart markers are not in order")
