"""Photo files of many kinds, written by hand where no library writes them."""

import struct
import zlib

import cv2
import numpy as np


def noisy(height=96, width=128, *, seed=0):
    """A picture that no format can make small, so that each share of its file holds pixels."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def encoded(photo, suffix, *options):
    """Encode an RGB picture with OpenCV."""
    return cv2.imencode(suffix, np.ascontiguousarray(photo[..., ::-1]), options)[1].tobytes()


def jpeg_with_exif(jpeg, orientation, *, preview=b"", order=">"):
    """Add an EXIF segment with an orientation, and a preview after its directory."""
    tiff = (b"MM\x00*" if order == ">" else b"II*\x00") + struct.pack(order + "IH", 8, 1)
    tiff += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    segment = b"Exif\x00\x00" + tiff + struct.pack(order + "I", 0) + preview
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


def jpeg_claiming(jpeg, height, width):
    """Write another size into a JPEG's frame header."""
    at = max(jpeg.find(b"\xff\xc0"), jpeg.find(b"\xff\xc2")) + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def png_chunk(kind, content):
    """Write a chunk with its right checksum."""
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def png(rows, *, width, height, depth=8, colour=2, interlace=0, extra=b"", late=b"", level=6):
    """Write a PNG from its rows, each with its filter byte; with chunks before and after them."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + extra
        + png_chunk(b"IDAT", zlib.compress(rows, level))
        + late
        + png_chunk(b"IEND", b"")
    )


def tiff_of(pages, *, compression=1, order="<", tags=()):
    """Write a TIFF whose directories come first, so that a cut takes pixels only.

    ``pages`` are RGB pictures, or (picture, subfile type); ``tags`` replace entries.
    """
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    body = mark + struct.pack(order + "I", 8)
    pages = [page if isinstance(page, tuple) else (page, 0) for page in pages]
    parts = [_part(photo, compression) for photo, _ in pages]
    directory_size = 2 + 10 * 12 + 4 + 6
    pixels_at = 8 + directory_size * len(pages)
    for number, ((photo, subfile), part) in enumerate(zip(pages, parts, strict=True)):
        start = 8 + directory_size * number
        entries = [
            (254, 4, 1, subfile),
            (256, 4, 1, photo.shape[1]),
            (257, 4, 1, photo.shape[0]),
            (258, 3, 3, start + directory_size - 6),
            (259, 3, 1, compression),
            (262, 3, 1, 2),
            (273, 4, 1, pixels_at),
            (277, 3, 1, 3),
            (278, 4, 1, photo.shape[0]),
            (279, 4, 1, len(part)),
        ]
        entries = sorted({entry[0]: entry for entry in (*entries, *tags)}.values())
        body += struct.pack(order + "H", len(entries))
        for tag, kind, count, value in entries:
            short = kind == 3 and count == 1
            form = "HHIHH" if short else "HHII"
            body += struct.pack(order + form, tag, kind, count, value, *([0] if short else []))
        following = start + directory_size if number + 1 < len(pages) else 0
        body += struct.pack(order + "I3H", following, 8, 8, 8)
        body = body.ljust(start + directory_size, b"\x00")
        pixels_at += len(part)
    return body + b"".join(parts)


def _part(photo, compression):
    return photo.tobytes() if compression == 1 else zlib.compress(photo.tobytes())
