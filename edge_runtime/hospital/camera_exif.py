"""Read out of a photo's EXIF data when it was taken and by what."""

import datetime
import io

from msgspec import Struct

_EXIF, _ORIGINAL, _MAKER, _MODEL = 0x8769, 0x9003, 0x010F, 0x0110


class CameraExif(Struct, frozen=True):
    """What a photo's EXIF data tell; "" and None where they don't. Times are the camera's."""

    taken: datetime.datetime | None = None
    maker: str = ""
    model: str = ""


def read_exif(data: bytes) -> CameraExif:
    """Read the EXIF data of a photo's file.

    Source: Exif 2.32, 4.6.5, tags 271, 272 and 36867.
    """
    from PIL import Image  # noqa: PLC0415 - slow, and few photos need it

    try:
        with Image.open(io.BytesIO(data)) as opened:
            told = opened.getexif()
            original = str(told.get_ifd(_EXIF).get(_ORIGINAL, ""))
            maker, model = (_plain(told.get(tag)) for tag in (_MAKER, _MODEL))
    except Exception:  # whatever Pillow raises of a file that was decoded already
        return CameraExif()
    try:
        taken = datetime.datetime.strptime(original.strip("\0 "), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        taken = None
    return CameraExif(taken, maker, model)


def _plain(value: object) -> str:
    """Give a text as DICOM takes it for a name of 64 letters."""
    text = value if isinstance(value, str) else ""
    return "".join(each for each in text if each.isprintable() and each != "\\").strip()[:64]
