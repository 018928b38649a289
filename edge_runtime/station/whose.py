"""Tell from where a photograph lies and what it is called whom it is of."""

import re
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.photo.patient import PATIENT_PATTERN, parts_of_name
from edge_runtime.results.people import is_date, told_in_name

#: Folders that cameras and people make for other reasons than a person.
_NO_PERSON = re.compile(r"dcim|inbox|images?|photos?|new folder.*", re.IGNORECASE)
_EYE = re.compile(r"(?:left|right)(?:[ _-]?eyes?)?|o[dsi]|[lr]", re.IGNORECASE)

#: A camera's folder of photographs, such as DCIM/100CANON or 101_0517. Outside of DCIM one of
#: digits alone may as well be a person's number.
_CAMERA = re.compile(r"dcim/\d{3}\w{5}|.*/\d{3}(?!\d{5})\w{5}", re.ASCII | re.IGNORECASE)


def whose(photo: Path) -> tuple[tuple[str, ...], str]:
    """Say whom a photograph is of.

    Args:
        photo: Its file below the inbox.

    Returns:
        What tells the person from others, empty where nothing does, and what they are called. A
        file's name tells it where it names an eye too, see ``photo.patient``; else the innermost
        folder that is called by more than a date, an eye or a camera's number.
    """
    folder = next((each for each in photo.parents if _is_person(each)), Path())
    told = told_in_name(photo)
    if told and told[0] != folder.name.casefold():
        name = parts_of_name(photo, PATIENT_PATTERN)["patient"] or ""
        place = next(each for each in photo.parents if not _EYE.fullmatch(each.name))
        return (str(place), told[0]), printable(name)  # what follows the eye tells no person
    return ((str(folder),), printable(folder.name)) if folder.name else ((), "")


def _is_person(folder: Path) -> bool:
    name = folder.name
    is_other = _NO_PERSON.fullmatch(name) or _EYE.fullmatch(name) or is_date(name)
    return bool(name) and not (is_other or _CAMERA.fullmatch(f"{folder.parent.name}/{name}"))
