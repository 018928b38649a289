"""Spoil real files in the ways that cards, cables and attackers do."""

import numpy as np

from edge_runtime.errors import PhotoUnreadableError
from edge_runtime.photo.decode import decode

MAX_PIXELS = 1_000_000  # so that a header that lies can cost 3 MB, and never more

_NUMBERS = (b"\x00", b"\xff", b"\x00\x00", b"\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff")


def spoilt(data: bytes, generator: np.random.Generator) -> bytes:
    """Change a file at one to four random places, each in a random way."""
    for _ in range(int(generator.integers(1, 5))):
        size = max(1, len(data))
        # headers are short, and most of what can go wrong is there
        span = size if generator.random() < 0.5 else min(size, 200)
        at = int(generator.integers(0, span))
        length = int(generator.integers(1, 64))
        kind = int(generator.integers(0, 7))
        if kind == 0 and data:
            flipped = data[at] ^ 1 << int(generator.integers(8))
            data = data[:at] + bytes([flipped]) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + bytes(length) + data[at + length :]
        elif kind == 2:
            data = data[:at] + generator.bytes(length) + data[at + length :]
        elif kind == 3:
            data = data[:at] + data[at + length :]
        elif kind == 4:
            data = data[:at] + data[at : at + length] + data[at:]
        elif kind == 5:
            number = _NUMBERS[int(generator.integers(len(_NUMBERS)))]
            data = data[:at] + number + data[at + len(number) :]
        else:
            data = data[:at]
    return data


def check_decode(data: bytes) -> bool:
    """Decode: either a photo of the promised form comes, or one sentence. True for a photo."""
    try:
        found = decode(data, max_pixels=MAX_PIXELS)
    except PhotoUnreadableError as error:
        check_sentence(error)
        return False
    pixels = found.pixels
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    assert 0 < pixels.size <= 3 * MAX_PIXELS
    assert found.size[0] * found.size[1] <= MAX_PIXELS
    return True


def check_sentence(error: Exception) -> None:
    """An error is one line that says something."""
    assert str(error)
    assert "\n" not in str(error)
