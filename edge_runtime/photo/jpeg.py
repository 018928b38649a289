"""Decode a JPEG at the scale that is needed, upright, and refuse damage inside its picture."""

import re

import numpy as np
import numpy.typing as npt
import simplejpeg

from edge_runtime.photo.jpeg_markers import Frame
from edge_runtime.photo.orientation import turned

# What libjpeg says where it has no memory, doesn't read a kind, or can do without a header.
_NO_MEMORY = re.compile(r".*(?:Insufficient memory|Memory allocation failure)")
_FOREIGN = re.compile(r"Unsupported|Unknown Adobe color|.*Could not determine subsampling")
_REVISION = re.compile(r"Warning: unknown JFIF revision")
_PARAMETERS = re.compile(r"Invalid SOS parameters")
_EXTRA = re.compile(r"Corrupt JPEG data: (\d+) extraneous bytes before marker 0xd9")
_SPARE = 4  # bytes that some cameras leave between picture and end marker, besides zeros

# Where there is no end marker: words and films of a maker's trailer, which picture data don't have
# by chance, and a filler in the place of a lost rest of the picture.
_FILM = b"ftyp"
_WORDS = re.compile(rb"[\w .:/-]{8,}")
_FEW_LETTERS = 4
_FILLER = re.compile(rb"(.)\1{7}", re.DOTALL)
_READ_AHEAD = 8  # bytes that libjpeg may take before it knows that the picture is whole
_UNKNOWN_TRAILER = (
    "is truncated, or something unknown follows its picture; copy it anew from the camera, or open "
    "it in a viewer and save it anew"
)
_END_MARKER = b"\xff\xd9"

_MAJOR_REVISION = re.compile(rb"(\xff\xe0..JFIF\0).", re.DOTALL)


def decode(
    data: bytes, frame: Frame, *, reduction: int, is_grey: bool = False
) -> npt.NDArray[np.uint8]:
    """Decode a JPEG that ``jpeg_markers.check`` let through, upright.

    Damage inside a scan has no marker, and a JPEG no checksum. libjpeg notices where the picture
    then makes no sense, or ends too early or too late in the file. Where the end marker is lost,
    the picture is read if it is whole and what follows isn't a part of it.

    Args:
        data: The file.
        frame: From ``jpeg_markers.check``.
        reduction: 1, 2, 4 or 8: the sides are divided by it, in the decoder's own way.
        is_grey: Whether it has grey values alone; of the lossless process the decoder brings none
            to colours itself.

    Returns:
        uint8 (height', width', 3), RGB; height' is the upright height over ``reduction``, rounded
        up.

    Raises:
        ValueError: With a clause that says what is wrong.
        MemoryError: libjpeg has no memory left.
    """
    if frame.fault:
        data = data[: frame.scan_end] + _END_MARKER
    try:
        photo = _decode(data, frame, reduction, strict=True, is_grey=is_grey)
    except ValueError as error:
        said = str(error)
        mended = _MAJOR_REVISION.sub(b"\\1\x01", data, count=1) if _REVISION.match(said) else data
        if mended != data:
            return decode(mended, frame, reduction=reduction, is_grey=is_grey)
        if _NO_MEMORY.match(said):
            raise MemoryError(said) from error
        if _FOREIGN.match(said):
            foreign = "is damaged, or of a kind that isn't read; save it anew as PNG"
            raise ValueError(foreign) from error
        is_spare = _is_trailer if frame.fault else _is_padding
        if not _PARAMETERS.match(said) and not is_spare(said, data[: frame.scan_end]):
            clause = frame.fault or "is damaged: its picture data make no sense"
            clause = _UNKNOWN_TRAILER if frame.fault and _EXTRA.match(said) else clause
            raise ValueError(clause) from error
        photo = _decode(data, frame, reduction, strict=False, is_grey=is_grey)
    return turned(photo, frame.orientation)


def _decode(
    data: bytes, frame: Frame, reduction: int, *, strict: bool, is_grey: bool
) -> npt.NDArray[np.uint8]:
    height, width = (-(-side // reduction) for side in frame.size)
    photo = simplejpeg.decode_jpeg(
        data,
        "GRAY" if is_grey else "RGB",
        min_height=height,
        min_width=width,
        min_factor=reduction,
        strict=strict,
    )
    return np.asarray(np.repeat(photo, 3, axis=2) if is_grey else photo, np.uint8)


def _is_padding(said: str, head: bytes) -> bool:
    """Tell whether what libjpeg passed over are spare bytes at the end of the scan.

    Args:
        said: Its words.
        head: The file up to the end of its last scan.
    """
    extra = _EXTRA.match(said)
    return extra is not None and int(extra[1]) <= len(head) - len(head.rstrip(b"\0\xff")) + _SPARE


def _is_trailer(said: str, head: bytes) -> bool:
    """Tell whether what libjpeg passed over, up to the file's end, can't belong to the picture.

    Args:
        said: Its words.
        head: The file up to the end of its last scan, or to the first marker after it.
    """
    extra = _EXTRA.match(said)
    if extra is None or not _is_whole(head[: -int(extra[1])]):
        return False
    picture, trailer = head[: -int(extra[1])], head[-int(extra[1]) :]
    if not trailer.strip(b"\0"):
        return bool(picture[-_READ_AHEAD - 3 :].strip(b"\0"))
    picture, trailer = picture[:-_READ_AHEAD], picture[-_READ_AHEAD:] + trailer
    # a lost rest of the picture would have been read from the trailer or from a filler
    fillers = (run[1] for run in _FILLER.finditer(picture[-64:]))
    if any(filler != b"\0" for filler in fillers) or _has_words(picture[-64:], 8):
        return False
    if _FILM in picture[-4096:] or _has_words(picture[-4096:], 12):
        return False
    start = trailer[:16] + trailer[16:].lstrip(b"\0")[:64]
    return _FILM in start or _has_words(start, 8)


def _is_whole(head: bytes) -> bool:
    """Tell whether libjpeg misses nothing; where a restart is missing, it says so only then."""
    for _ in range(3):  # it may have taken a few bytes of the trailer ahead, and passes over them
        try:
            simplejpeg.decode_jpeg(head + _END_MARKER, min_factor=8, strict=True)
        except ValueError as error:  # noqa: PERF203 - three turns at most
            extra = _EXTRA.match(str(error))
            if extra is None:
                return False
            head = head[: -int(extra[1])]
        else:
            return True
    return False


def _has_words(part: bytes, letters: int) -> bool:
    """Tell whether a part has a word or number of so many letters, and not of few again and again.

    By chance one in 4 ** ``letters`` places has.
    """
    words = (found[0] for found in _WORDS.finditer(part))
    return any(len(word) >= letters and len({*word}) > _FEW_LETTERS for word in words)
