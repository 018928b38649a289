"""Read out of a photo's EXIF data when it was taken and by what."""

import datetime
import io
from pathlib import Path

from msgspec import Struct

_EXIF, _ORIGINAL, _CHANGED, _MAKER, _MODEL = 0x8769, 0x9003, 0x0132, 0x010F, 0x0110


class CameraExif(Struct, frozen=True):
    """What a photo's EXIF data tell; "" and None where they don't.

    ``taken`` is by the camera's own clock, without an offset from UTC, since cameras tell none.
    """

    taken: datetime.datetime | None = None
    maker: str = ""
    model: str = ""


def read_exif(source: bytes | Path) -> CameraExif:
    """Read the EXIF data of a photo.

    When it was taken is DateTimeOriginal, else DateTime, which a camera that doesn't know the
    former writes at the same moment.

    Args:
        source: The photo's file, or its content.

    Source: Exif 2.32, 4.6.5, tags 271, 272, 306 and 36867.
    """
    from PIL import Image  # noqa: PLC0415 - slow, and few photos need it

    try:
        with Image.open(source if isinstance(source, Path) else io.BytesIO(source)) as opened:
            told = opened.getexif()
            times = told.get_ifd(_EXIF).get(_ORIGINAL), told.get(_CHANGED)
            maker, model = (_plain(told.get(tag)) for tag in (_MAKER, _MODEL))
    except Exception:  # whatever Pillow raises of a file that was decoded already
        return CameraExif()
    taken = next(filter(None, map(_time, times)), None)
    return CameraExif(taken, maker, model)


def _time(value: object) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(str(value).strip("\0 "), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None


def _plain(value: object) -> str:
    """Give a text as DICOM takes it for a name of 64 letters."""
    text = value if isinstance(value, str) else ""
    return "".join(each for each in text if each.isprintable() and each != "\\").strip()[:64]
