"""Read what a compressed frame claims of itself before it is decoded, and how it means colours."""

from typing import NamedTuple

from edge_runtime.hospital.damage import ClauseError

_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
_LOSSLESS = 0xC3
_ADOBE, _JFIF = (0xEE, b"Adobe"), (0xE0, b"JFIF\0")
_J2K_START = b"\xff\x4f\xff\x51"


class Claim(NamedTuple):
    """What a codestream says of itself; ``bits`` are those of a sample.

    ``marker`` is a JPEG's for its process. ``is_marked`` is true of a JPEG that says by itself
    whether its colours are YCbCr.
    """

    size: tuple[int, int]
    samples: int
    bits: int
    marker: int = 0
    is_marked: bool = False

    @property
    def is_lossless(self) -> bool:
        """Whether it is a JPEG of the lossless process."""
        return self.marker == _LOSSLESS


def jpeg_claim(data: bytes) -> Claim:
    """Read the claim of a JPEG or JPEG-LS.

    Raises:
        ClauseError: It is none, or damaged.
    """
    position, is_marked = 2, False
    while data[:2] == b"\xff\xd8" and position + 4 <= len(data):
        if data[position] != 0xFF:
            break
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        length = max(2, int.from_bytes(data[position + 2 : position + 4], "big"))
        content = data[position + 4 : position + 2 + length]
        if marker in _JPEG_FRAMES and len(content) >= 6:
            height, width = (int.from_bytes(content[at : at + 2], "big") for at in (1, 3))
            is_marked = is_marked or content[6::3][:3] in (b"RGB", b"rgb")
            return Claim((height, width), content[5], content[0], marker, is_marked)
        is_marked = is_marked or any(
            marker == number and content.startswith(word) for number, word in (_ADOBE, _JFIF)
        )
        position += 2 + length
    raise ClauseError("is damaged: its compressed picture has no header")


def j2k_claim(data: bytes) -> Claim:
    """Read the claim of a JPEG 2000 codestream; likewise."""
    if not data.startswith(_J2K_START) or len(data) < 44:
        raise ClauseError("is damaged: its compressed picture has no header")
    right, bottom, left, top = (int.from_bytes(data[at : at + 4], "big") for at in (8, 12, 16, 20))
    samples = int.from_bytes(data[40:42], "big")
    return Claim((bottom - top, right - left), samples, (data[42] & 0x7F) + 1)


def with_colours_told(data: bytes, *, ycc: bool) -> bytes:
    """Tell a JPEG that doesn't say it whether its colours are YCbCr, by Adobe's marker."""
    marker = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([1 if ycc else 0])
    return data[:2] + marker + data[2:]
