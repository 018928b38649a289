"""Read a photo file's kind and size from its first bytes, before anything is decoded."""

import struct

from edge_runtime.photo import jpeg_markers

#: What is read, as a sentence lists it.
KINDS = "JPEG, PNG, TIFF, BMP or WebP"

_MAGIC = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"BM": "BMP",
    b"RIFF": "WebP",
}

#: Kinds that cameras, phones and archives write and that aren't read: where they are told, by what.
_FOREIGN = (
    (0, b"II+\x00", "BigTIFF"),
    (0, b"MM\x00+", "BigTIFF"),
    (0, b"GIF8", "GIF"),
    (0, b"%PDF", "PDF"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (4, b"ftypavi", "AVIF"),
    (4, b"ftyphe", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypmsf1", "HEIC"),
    (4, b"ftyp", "video"),
    (128, b"DICM", "DICOM"),
)
_ANIMATED = 0x02  # of the flags of a WebP's VP8X chunk
_NOT_COMPRESSED = frozenset({0, 3, 6})  # a BMP's plain kinds: pixels, and pixels with bit masks


def kind_of(data: bytes) -> str:
    """Tell a file's kind by its first bytes.

    Raises:
        ValueError: It isn't one of the kinds that are read; a clause that says what it is.
    """
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)
    if kind is not None and (kind != "WebP" or data[8:12] == b"WEBP"):
        return kind
    for at, magic, name in _FOREIGN:
        if data[at : at + len(magic)] == magic:
            raise ValueError(f"its kind is {name}, which isn't read; save the photo as JPEG or PNG")
    raise ValueError(
        f"not a {KINDS} file; open it with another program to see what it is, and "
        "save the photo as JPEG or PNG"
    )


def read_size(data: bytes, kind: str) -> tuple[int, int]:
    """Read the (height, width) that a file claims, as stored, before the orientation.

    Args:
        data: The file.
        kind: From ``kind_of``.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after "the JPEG file".
    """
    if kind == "JPEG":
        return jpeg_markers.read_size(data)
    if kind == "PNG":
        from edge_runtime.photo import png  # noqa: PLC0415 - most photos are JPEGs

        return png.read_size(data)
    if kind == "TIFF":
        from edge_runtime.photo import tiff  # noqa: PLC0415

        return tiff.read_page(data).size
    return _bmp_size(data) if kind == "BMP" else _webp_size(data)


def _bmp_size(data: bytes) -> tuple[int, int]:
    if len(data) < 54:
        raise ValueError("is truncated")
    file_size, pixels_at, header = struct.unpack_from("<I4xII", data, 2)
    compression = 0
    if header == 12:
        width, height, _, bits = struct.unpack_from("<4H", data, 18)
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    if width <= 0 or height == 0:
        raise ValueError("is damaged: it has no size")
    if compression not in _NOT_COMPRESSED:
        raise ValueError("is compressed, which isn't read; save the photo as PNG")
    if pixels_at < 14 + header:
        raise ValueError("is damaged: its pixels begin in its header")
    end = pixels_at + abs(height) * (-(-width * bits // 32) * 4)
    if max(file_size, end) > len(data):
        raise ValueError("is truncated")
    return abs(height), width


def _webp_size(data: bytes) -> tuple[int, int]:
    if len(data) < 30 or int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise ValueError("is truncated")
    chunk = data[12:16]
    if chunk == b"VP8X":
        if data[20] & _ANIMATED:
            raise ValueError("is an animation; save the photo as a still picture")
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif chunk == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise ValueError("is damaged: its header makes no sense")
    if not width or not height:
        raise ValueError("is damaged: it has no size")
    return height, width
