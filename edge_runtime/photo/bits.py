"""Tell how many of a photo's 16 bits are in use, and bring those to 8."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

_LEVELS = 1 << 16
_HOT = 10_000  # one sample of so many, and three, don't count: pixels of a sensor may be stuck
#: What share of its range a photo reaches at least, by its number of bits. Of 716 photos 99 in 100
#: reach half, 94 three quarters. No camera gives an odd number, so those must show it better.
_REACHED = {8: 0.5, 9: 0.75, 10: 0.5, 11: 0.75, 12: 0.5, 13: 0.75, 14: 0.5}

#: What is said of a photo whose file tells how many of 16 bits are in use.
TOLD = "brightened: its file says that {} of its 16 bits are in use"
_SEEN = (
    "brightened: its values look like {} of 16 bits; a photo that was taken much too dark can look "
    "the same"
)
_UNSURE = (
    "not brightened, though it may use fewer than its 16 bits; if it looks brighter in another "
    "program, save it there with 8 bits"
)


@dataclass(frozen=True)
class _Use:
    """``bits`` are in use, 16 where nothing is to be done; ``note`` is for who wants to know."""

    bits: int = 16
    note: str = ""


def read_few_bits(
    data: bytes, *, bits: int | None = None
) -> tuple[npt.NDArray[np.uint8] | None, str]:
    """Decode a photo of 16 bits a sample of which fewer are in use, scaled by those.

    The file is believed where it tells, else the values are: see ``_judge``. A few pixels above
    the bits in use are hot ones, and become as bright as those can be.

    Args:
        data: A PNG or TIFF.
        bits: How many bits are in use, if the file tells.

    Returns:
        uint8 (height, width, 3), RGB, upright, or None if all 16 bits are in use, or if it can't be
        decoded so: the decoder's own 8 bits are right then. And a clause that says what was done,
        or couldn't be told; empty where the photo is plain.
    """
    # in BGR: OpenCV 5.0 mixes up the channels of such a TIFF where RGB is asked of it
    deep = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    if deep is None or deep.dtype != np.uint16:
        return None, ""
    use = _judge(np.asarray(deep, np.uint16), bits)
    if use.bits == 16:
        return None, use.note
    np.minimum(deep, (1 << use.bits) - 1, out=deep)
    np.right_shift(deep, use.bits - 8, out=deep)
    return np.asarray(cv2.cvtColor(deep.astype(np.uint8), cv2.COLOR_BGR2RGB), np.uint8), use.note


def _judge(deep: npt.NDArray[np.uint16], told: int | None) -> _Use:
    """Tell the bits in use, by the file's word, by the brightest values and by the step of levels.

    Values that keep a step between them were scaled up. A step as 8 bits have in the bits that are
    in use can be those; any other shows that the values reach over all 16, and are dark because the
    photo is.
    """
    counts = sum(cv2.calcHist([deep], [each], None, [_LEVELS], [0, _LEVELS]) for each in range(3))
    numbers = np.asarray(counts).ravel()
    above = np.cumsum(numbers[::-1])[::-1]  # samples of this value or more
    largest = int(np.flatnonzero(above > 3 + deep.size // _HOT)[-1:].sum())
    levels = np.flatnonzero(numbers[: largest + 1])
    step = int(np.diff(levels).min(initial=_LEVELS))
    # what PNG's standard asks for: the bits that the file names, scaled up to all 16
    scaled_up = told is not None and step >= 1 << 16 - told
    if told is not None and (told == 16 or largest >> told):
        return _Use()
    if told is not None and not scaled_up:
        return _Use(told, TOLD.format(told))
    bits = max(largest.bit_length(), 8)
    if bits == 16 or largest < 1 << 7 or step not in (1, 1 << bits - 8):
        return _Use()
    if largest < _REACHED.get(bits, 1.0) * (1 << bits):
        return _Use(note=_UNSURE)
    return _Use(bits, _SEEN.format(bits))
