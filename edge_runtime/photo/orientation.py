"""Read from EXIF how a photo must be turned, and turn it upright."""

import struct

import cv2
import numpy as np
import numpy.typing as npt

_ORIENTATION = 0x0112
_FLIPS = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}  # by orientation, of 6 and up once transposed


def read_orientation(exif: bytes) -> int:
    """Read the orientation from EXIF, which is a TIFF without a picture; 1 where it has none."""
    order = "<" if exif[:2] == b"II" else ">"
    try:
        magic, directory = struct.unpack_from(order + "HI", exif, 2)
        count = struct.unpack_from(order + "H", exif, directory)[0] if magic == 42 else 0
        for at in range(directory + 2, directory + 2 + 12 * count, 12):
            tag, value = struct.unpack_from(order + "H6xH", exif, at)
            if tag == _ORIENTATION:
                return int(value) if value in range(1, 9) else 1
    except struct.error:  # it ends too early
        pass
    return 1


def turned(photo: npt.NDArray[np.uint8], orientation: int) -> npt.NDArray[np.uint8]:
    """Turn a picture upright.

    Args:
        photo: uint8 (height, width) or (height, width, 3), as stored.
        orientation: 1 to 8, EXIF's.
    """
    upright: cv2.typing.MatLike = photo
    if orientation > 4:
        upright = cv2.transpose(upright)
    if orientation in _FLIPS:
        upright = cv2.flip(upright, _FLIPS[orientation])
    return np.asarray(upright, np.uint8)
