"""Decode PNG, TIFF, BMP and WebP, as their files say that their pixels are meant."""

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.photo import alpha, bits, colour, png, tiff, webp
from edge_runtime.photo.extras import Extras


def decode(
    data: bytes, kind: str, size: tuple[int, int]
) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """Check a file, decode it, and bring it to 8 bits of sRGB on black.

    Args:
        data: The file.
        kind: From ``formats.kind_of``, any but JPEG.
        size: (height, width) as it claims.

    Returns:
        uint8 (height, width, 3), RGB, upright; and how it was read where that isn't plain, in
        clauses.

    Raises:
        ValueError: With a clause that says what is wrong.
    """
    extras = Extras()
    if kind == "PNG":
        whole, data = data, png.check(data)
        extras = png.read_extras(whole)
    elif kind == "TIFF":
        page = tiff.read_page(data)
        tiff.check(page)
        extras = tiff.read_extras(page)
    elif kind == "WebP":
        extras = webp.read_extras(data)
    photo: cv2.typing.MatLike | None = None
    notes = []
    if extras.deep:
        photo, note = bits.read_few_bits(data, bits=extras.bits)
        notes.append(note)
    if photo is None:
        photo = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    if photo is None or photo.shape[0] * photo.shape[1] != size[0] * size[1]:
        raise ValueError("is damaged, or of a kind that isn't read; save it anew as PNG")
    pixels = np.asarray(photo, np.uint8)
    if extras.clear:
        opaque, pixels = pixels, alpha.on_black(pixels, data, extras)
        notes.append("" if pixels is opaque else "transparent parts are shown black")
    if extras.profile:
        pixels, note = colour.to_srgb(pixels, extras.profile)
        notes.append(note)
    return pixels, tuple(filter(None, notes))
