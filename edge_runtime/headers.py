"""Read a photo file's kind and size from its first bytes, before anything is decoded."""

from dataclasses import dataclass

from edge_runtime import jpeg, png, tiff

_MAGIC = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"BM": "BMP",
    b"RIFF": "WebP",
}
_ANIMATED = 0x02  # of the flags of a WebP's VP8X chunk


@dataclass(frozen=True)
class Header:
    """A photo file's kind, and its (height, width) as stored, before the orientation."""

    kind: str
    size: tuple[int, int]


def kind_of(data: bytes) -> str | None:
    """Tell a file's kind by its first bytes; None if it isn't one of the kinds that are read."""
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)
    return None if kind == "WebP" and data[8:12] != b"WEBP" else kind


def read_header(data: bytes, kind: str) -> Header:
    """Read what a file says of itself.

    Args:
        data: The file.
        kind: From ``kind_of``.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after "the JPEG file".
    """
    if kind == "JPEG":
        size = jpeg.read_size(data)
    elif kind == "PNG":
        size = png.read_size(data)
    elif kind == "TIFF":
        size = tiff.read_page(data).size
    elif kind == "BMP":
        size = _bmp_size(data)
    else:
        size = _webp_size(data)
    return Header(kind, size)


def _bmp_size(data: bytes) -> tuple[int, int]:
    if len(data) < 54:
        raise ValueError("is truncated")
    short = int.from_bytes(data[14:18], "little") == 12
    if short:
        width, height = (int.from_bytes(data[at : at + 2], "little") for at in (18, 20))
        bits, compressed = int.from_bytes(data[24:26], "little"), False
    else:
        width, height = (
            int.from_bytes(data[at : at + 4], "little", signed=True) for at in (18, 22)
        )
        bits = int.from_bytes(data[28:30], "little")
        compressed = int.from_bytes(data[30:34], "little") in (1, 2)
    if width <= 0 or height == 0:
        raise ValueError("is damaged: it has no size")
    size = abs(height), width
    pixels_at = int.from_bytes(data[10:14], "little")
    end = pixels_at + size[0] * (-(-width * bits // 32) * 4)
    if int.from_bytes(data[2:6], "little") > len(data) or (not compressed and end > len(data)):
        raise ValueError("is truncated")
    return size


def _webp_size(data: bytes) -> tuple[int, int]:
    if len(data) < 30 or int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise ValueError("is truncated")
    chunk, content = data[12:16], data[20:]
    if chunk == b"VP8X":
        if content[0] & _ANIMATED:
            raise ValueError("is an animation; save the photo as a still picture")
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (4, 7))
    elif chunk == b"VP8L" and content[0] == 0x2F:
        bits = int.from_bytes(content[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 " and content[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(content[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    else:
        raise ValueError("is damaged: its header makes no sense")
    if not width or not height:
        raise ValueError("is damaged: it has no size")
    return height, width
