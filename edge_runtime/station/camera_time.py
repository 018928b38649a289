"""When a photograph was taken, by the camera's own clock."""

import datetime
from pathlib import Path

from PIL import Image

_EXIF, _ORIGINAL, _CHANGED = 0x8769, 0x9003, 0x0132  # tags: sub-directory, DateTimeOriginal


def time_taken(photo: Path) -> str | None:
    """Read the time out of a photograph's EXIF data.

    Args:
        photo: Its file.

    Returns:
        ISO 8601 without an offset from UTC, since cameras tell none; None where the file doesn't
        say, or says what is no time.

    Source: Exif 2.32, 4.6.5, tags 36867 and 306.
    """
    try:
        with Image.open(photo) as opened:
            told = opened.getexif()
            values = told.get_ifd(_EXIF).get(_ORIGINAL), told.get(_CHANGED)
    except Exception:  # whatever Pillow raises of a file that was read already
        return None
    for value in values:
        try:
            taken = datetime.datetime.strptime(str(value).strip("\0 "), "%Y:%m:%d %H:%M:%S")
        except ValueError:
            continue
        return taken.isoformat()
    return None
