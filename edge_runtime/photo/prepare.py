"""Take a photo from its file to what the network sees, and time each stage."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.contract import MAX_PIXELS
from edge_runtime.photo.decode import Decoded, decode, read_photo
from edge_runtime.photo.fault import fault
from edge_runtime.photo.field import Field
from edge_runtime.photo.quality import Quality, measure
from edge_runtime.photo.round_field import round_field


class Prepared(Struct, frozen=True, eq=False):
    """A photo on its way to the network.

    ``image`` is uint8 (height, width, 3), RGB, of the model's size, and ``inside`` bool
    (height, width), true where it shows lit retina; ``field`` is its place in the file's pixels, of
    which there are ``photo_size``. ``fault`` says why it can't be graded, or is None. ``times_ms``
    has the milliseconds of decode, field and quality (with the gate). ``read_as`` is ``Decoded``'s,
    ``quality`` what was measured for the gate, None without one.
    """

    image: npt.NDArray[np.uint8]
    inside: npt.NDArray[np.bool_]
    field: Field
    photo_size: tuple[int, int]
    fault: str | None
    times_ms: Mapping[str, float]
    read_as: tuple[str, ...]
    quality: Quality | None = None


def decode_timed(
    path: Path, *, max_pixels: int = MAX_PIXELS, on_read: Callable[[bytes], None] = lambda _: None
) -> tuple[Decoded, float]:
    """Read and decode a photo file.

    Args:
        path: The file.
        max_pixels: Refuse one that claims more.
        on_read: Called with the file's content before it is decoded.

    Returns:
        The photo, and the milliseconds that it took.

    Raises:
        PhotoNotFoundError: The file doesn't exist.
        PhotoUnreadableError: It can't be decoded.
    """
    started = time.perf_counter()
    data = read_photo(path, max_pixels=max_pixels)
    reading_ms = ms_since(started)
    on_read(data)
    started = time.perf_counter()
    decoded = decode(data, path=path, max_pixels=max_pixels)
    return decoded, reading_ms + ms_since(started)


def prepare_timed(
    decoded: Decoded, *, size: tuple[int, int], limits: QualityLimits | None, decode_ms: float
) -> Prepared:
    """Bring a decoded photo to its round field, and judge its quality.

    Args:
        decoded: The photo.
        size: (height, width) of the model's input.
        limits: Of the quality gate; None for no gate.
        decode_ms: What to report as the time of decoding.
    """
    times = {"decode": decode_ms}
    started = time.perf_counter()
    photo = decoded.pixels
    seen = round_field(photo, size=size)
    field = seen.field.scaled((photo.shape[0], photo.shape[1]), decoded.size)
    times["field"] = ms_since(started)

    reason, quality = None, None
    if limits is not None:
        started = time.perf_counter()
        quality = measure(seen, photo, field_pixels=round(field.minor))
        reason = fault(quality, limits)
        times["quality"] = ms_since(started)
    return Prepared(
        seen.image, seen.inside, field, decoded.size, reason, times, decoded.read_as, quality
    )


def ms_since(started: float) -> float:
    """Tell the milliseconds since a moment of ``time.perf_counter``."""
    return (time.perf_counter() - started) * 1000
