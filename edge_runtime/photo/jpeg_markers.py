"""Check the markers of a JPEG: that every part of its picture is there, and in order."""

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from edge_runtime.photo.orientation import read_orientation

_START, _END, _SCAN, _TABLES, _EXIF, _ICC = 0xD8, 0xD9, 0xDA, 0xC4, 0xE1, 0xE2
_QUANTISATION, _LINES, _RESTARTS, _JFIF, _ADOBE = 0xDB, 0xDC, 0xDD, 0xE0, 0xEE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_TABLES, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_MOST_SCANS = 32  # libjpeg's own script has 10; each costs a pass over the whole picture
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # restart markers belong to the scan


class Frame(Struct, frozen=True):
    """What a JPEG's headers say of its picture.

    ``size`` is (height, width) as stored, before the orientation, which is EXIF's 1 to 8. The data
    of the last scan end at ``scan_end``; ``fault`` is what is wrong after them, as a clause, or
    empty: the picture itself may be whole. ``profile`` is the ICC colour profile, empty if none.
    """

    size: tuple[int, int]
    orientation: int
    scan_end: int
    fault: str
    profile: bytes


def read_size(data: bytes) -> tuple[int, int]:
    """Read (height, width) from a JPEG's header, as stored.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    for marker, content, _ in _segments(data):
        if marker == _SCAN:
            break
        if marker in _FRAMES:
            if content and content[0] != 8:
                bits = content[0]
                raise ValueError(
                    f"has {bits} bits for each colour, which isn't read; save it with 8"
                )
            height, width = (int.from_bytes(content[at : at + 2], "big") for at in (1, 3))
            if not height or not width:
                break
            return height, width
    raise ValueError("is damaged: it has no size")


def check(data: bytes) -> Frame:
    """Check that the markers of a JPEG follow from each other, and that every scan is there.

    What is wrong inside a segment or a scan is left to the decoder, and so is whether the picture
    is whole where no end marker follows it.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    orientation, scans, scan_end, progressive = 0, 0, 0, False
    depth: dict[int, npt.NDArray[np.int8]] = {}
    faults: list[str] = []
    parts: dict[int, bytes] = {}
    for marker, content, end in _up_to_fault(data, faults):
        if marker in _FRAMES:
            depth = {component: np.full(64, -1, np.int8) for component in content[6::3]}
            progressive = marker in _PROGRESSIVE
        elif marker == _EXIF and not scans and content[:6] == b"Exif\0\0":
            orientation = orientation or read_orientation(content[6:])
        elif marker == _ICC and not scans and content[:12] == b"ICC_PROFILE\0":
            parts.setdefault(content[12] if len(content) > 12 else 0, content[14:])
        elif marker == _SCAN:
            scans += 1
            if scans > _MOST_SCANS:
                raise ValueError(
                    f"has more than {_MOST_SCANS} scans, as no camera writes; save it anew"
                )
            _read_scan(content, depth, progressive=progressive)
            scan_end = end
    if not scans or any((levels != 0).any() for levels in depth.values()):
        raise ValueError(faults[0] if faults else "is damaged: a part of its picture is missing")
    profile = b"".join(parts[number] for number in sorted(parts))
    return Frame(read_size(data), orientation or 1, scan_end, "".join(faults), profile)


def bare(data: bytes) -> bytes:
    """Write a JPEG anew with nothing but its picture, which isn't decoded.

    What cameras and programs say beside it (EXIF, thumbnails, comments, profiles) goes, and so does
    what stands behind its end. Of the marks by which decoders know how colours are meant the mark
    stays alone.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    parts, position = [b"\xff\xd8"], 2
    for marker, content, end in _segments(data):
        head = bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big")
        if marker == _SCAN:
            begins = data.index(head, position)  # what may stand before it are only bytes of 255
            parts.append(data[begins:end])
        elif marker in _FRAMES or marker in (_TABLES, _QUANTISATION, _LINES, _RESTARTS):
            parts.append(head + content)
        elif marker == _JFIF and content.startswith(b"JFIF\0"):
            parts.append(b"\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        elif marker == _ADOBE and content.startswith(b"Adobe") and len(content) >= 12:
            parts.append(b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + content[11:12])
        position = end
    return b"".join((*parts, b"\xff\xd9"))


def _up_to_fault(data: bytes, faults: list[str]) -> Iterator[tuple[int, bytes, int]]:
    """Yield segments up to the first that is wrong, and note what is."""
    try:
        yield from _segments(data)
    except ValueError as error:
        faults.append(str(error))


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield the marker, content and end of each segment; a scan ends where its picture data do."""
    position = 2
    while True:
        while data[position : position + 2] == b"\xff\xff":
            position += 1
        if position + 2 > len(data):
            raise ValueError("is truncated")
        marker = data[position + 1]
        if data[position] != 0xFF or marker < 0xC0 or 0xD0 <= marker <= _START:
            raise ValueError("is damaged: there is no marker where one must be")
        if marker == _END:
            return
        start = position + 4
        end = position + 2 + int.from_bytes(data[position + 2 : start], "big")
        if end > len(data) or start > len(data):
            raise ValueError("is truncated")
        if end < start:
            raise ValueError("is damaged: a segment has no length")
        position = end
        if marker == _SCAN:
            following = _AFTER_SCAN.search(data, end)
            position = following.start() if following else len(data)
        yield marker, data[start:end], position


def _read_scan(
    content: bytes, depth: dict[int, npt.NDArray[np.int8]], *, progressive: bool
) -> None:
    """Note which coefficients a scan brings, and down to which bit."""
    members = content[1:-3:2]
    if not members or any(member not in depth for member in members):
        raise ValueError("is damaged: a scan header makes no sense")
    first, last, bits = content[-3:] if progressive else (0, 63, 0)
    for member in members:
        depth[member][first : last + 1] = bits & 15
