"""Read the photos of a store again, where their files still lie there."""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.photo.decode import decode_photo, read_photo
from edge_runtime.photo.round_field import prepare


def stored_field(path: str, sha256: str, *, size: tuple[int, int]) -> npt.NDArray[np.uint8] | None:
    """Read a photo's round field; None where the file is gone or another.

    Args:
        path: The photo's file.
        sha256: What it was when it was explained.
        size: (height, width) in pixels.

    Returns:
        uint8 (height, width, 3), RGB.
    """
    try:
        data = read_photo(Path(path))
        if hashlib.sha256(data).hexdigest() != sha256:
            return None
        return prepare(decode_photo(data), size=size)
    except (PhotoNotFoundError, PhotoUnreadableError):
        return None
