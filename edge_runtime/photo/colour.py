"""Bring a photo's colours to sRGB, as its colour profile says."""

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edge_runtime.photo.icc import read_profile

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

_Pixels = npt.NDArray[np.uint8]

_PIECE = 1 << 20  # pixels that are converted in one go: little CMS needs four bytes for each
_SHOWN = ((0, 0, 64), (128, 24, 232), (255, 192, 255))  # what a sound profile makes of three greys
_GREYS = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
_MODES = {1: "L", 3: "RGB"}
_UNUSED = "its colour profile can't be used, so its colours are taken as sRGB"


def to_srgb(pixels: _Pixels, profile: bytes) -> tuple[_Pixels, str]:
    """Convert colours to sRGB.

    A profile that is broken, or of another kind of colours than the photo's, changes nothing, and
    one of sRGB itself neither.

    Args:
        pixels: uint8 (height, width, 3), RGB.
        profile: ICC.

    Returns:
        uint8 (height, width, 3), ``pixels`` itself where nothing changes; and a clause that says
        what was done, empty for a profile of sRGB.
    """
    told = read_profile(profile)
    if told is not None and told.is_srgb:
        return pixels, ""
    if told is None or (told.channels == 1 and not _is_grey(pixels)):
        return pixels, _UNUSED
    transform = _transform(profile, told.channels)
    if transform is None:
        return pixels, _UNUSED
    note = f"its colours were brought from {told.name or 'those of its profile'} to sRGB"
    if told.channels == 1:
        return np.asarray(_apply(transform, _GREYS, 1)[0][pixels[..., 0]]), note
    converted = np.empty_like(pixels)
    rows = max(1, _PIECE // pixels.shape[1])
    for top in range(0, len(pixels), rows):
        converted[top : top + rows] = _apply(transform, pixels[top : top + rows], 3)
    return converted, note


def _is_grey(pixels: _Pixels) -> bool:
    return bool((pixels[..., :2] == pixels[..., 1:]).all())


@lru_cache(maxsize=4)
def _transform(profile: bytes, channels: int) -> "ImageCmsTransform | None":
    """Build the way from a profile to sRGB; None if it is broken."""
    from PIL import ImageCms  # noqa: PLC0415 - slow, and few photos need it

    # little CMS's shortcut for a grey curve is up to 10 levels off in the dark
    exactly = ImageCms.Flags.NOOPTIMIZE if channels == 1 else ImageCms.Flags.NONE
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            _MODES[channels],
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION | exactly,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    shown = _apply(transform, _GREYS, channels)[0].astype(int).sum(axis=1) // 3
    sound = all(least <= shown[grey] <= most for grey, least, most in _SHOWN)
    return transform if sound and (np.diff(shown) >= -1).all() else None


def _apply(transform: "ImageCmsTransform", pixels: _Pixels, channels: int) -> _Pixels:
    from PIL import Image  # noqa: PLC0415

    part = np.ascontiguousarray(pixels[..., 0] if channels == 1 else pixels)
    return np.asarray(transform.apply(Image.fromarray(part)), np.uint8)
