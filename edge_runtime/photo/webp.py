"""Read what the chunks of a WebP say of its pixels."""

from edge_runtime.photo.extras import Extras
from edge_runtime.photo.orientation import read_orientation

_ALPHA = 0x10  # of the flags of a VP8X chunk
_MOST_CHUNKS = 1000


def read_extras(data: bytes) -> Extras:
    """Read colour profile, transparency and orientation; a chunk that is cut short doesn't count.

    Args:
        data: A WebP whose header was checked.
    """
    chunks: dict[bytes, bytes] = {}
    position = 12
    for _ in range(_MOST_CHUNKS):
        kind, length = data[position : position + 4], data[position + 4 : position + 8]
        end = position + 8 + int.from_bytes(length, "little")
        if len(length) < 4 or end > len(data):
            break
        start = position + 8
        whole = kind in (b"ICCP", b"EXIF")
        chunks.setdefault(kind, data[start : end if whole else min(end, start + 10)])
        position = end + end % 2
    canvas, lossless = chunks.get(b"VP8X", b""), chunks.get(b"VP8L", b"")
    exif = chunks.get(b"EXIF", b"") if canvas else b""
    return Extras(
        profile=chunks.get(b"ICCP", b"") if canvas else b"",
        clear=bool(canvas and canvas[0] & _ALPHA) or bool(lossless[4:5] and lossless[4] & 0x10),
        orientation=read_orientation(exif.removeprefix(b"Exif\0\0")),
    )
