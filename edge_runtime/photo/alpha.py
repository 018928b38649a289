"""Make black what is transparent, whatever lies under it."""

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.photo.extras import Extras
from edge_runtime.photo.orientation import turned


def on_black(pixels: npt.NDArray[np.uint8], data: bytes, extras: Extras) -> npt.NDArray[np.uint8]:
    """Lay a photo on black.

    The most opaque pixel counts as opaque, so a veil over the whole photo changes nothing.

    Args:
        pixels: uint8 (height, width, 3), upright, as if nothing were transparent.
        data: The PNG or WebP that they were decoded from.
        extras: What it says of them.

    Raises:
        ValueError: With a clause: nothing of it can be seen.
    """
    stored = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if stored is None:
        return pixels
    stored = np.asarray(stored)
    if stored.ndim == 3 and stored.shape[2] == 4:
        alpha = stored[..., 3]
    elif stored.ndim == 2 and extras.clear_grey is not None:
        alpha = np.where(stored == extras.clear_grey, 0, 255)
    else:
        return pixels
    alpha = (alpha // 256 if alpha.dtype == np.uint16 else alpha).astype(np.uint8)
    most = int(alpha.max(initial=0))
    if not most:
        raise ValueError("is wholly transparent; save it anew without transparency")
    if alpha.min() == most:
        return pixels
    share = turned(np.ascontiguousarray(alpha), extras.orientation).astype(np.uint16)[..., None]
    return ((pixels * share + most // 2) // most).astype(np.uint8)
