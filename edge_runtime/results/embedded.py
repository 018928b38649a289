"""Make pictures a part of a page, so that it needs no other file."""

import base64

import cv2
import numpy as np
import numpy.typing as npt
from simplejpeg import encode_jpeg


def embedded(picture: npt.NDArray[np.uint8], *, side: int = 640, quality: int = 85) -> str:
    """Make a picture a part of the page: a URL that holds what ``small_jpeg`` gives."""
    return data_url(small_jpeg(picture, side=side, quality=quality), "image/jpeg")


def small_jpeg(picture: npt.NDArray[np.uint8], *, side: int = 640, quality: int = 85) -> bytes:
    """Compress a picture for a page: small, and with nothing of the file that it came from.

    Args:
        picture: uint8 (height, width, 3), RGB.
        side: The longer side at most, in pixels.
        quality: Of the JPEG, 0..100.
    """
    scale = min(1.0, side / max(picture.shape[:2]))
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    return bytes(encode_jpeg(small, quality=quality, colorsubsampling="420"))


def data_url(data: bytes, kind: str) -> str:
    """Write a file as a URL that holds all of it.

    Args:
        data: The file's content.
        kind: Its media type, such as "image/svg+xml".
    """
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
