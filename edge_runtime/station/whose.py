"""Tell from where a photograph lies and what it is called whom it is of."""

import re
import unicodedata
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.photo.patient import PATIENT_PATTERN, parts_of_name
from edge_runtime.results.people import is_date, told_in_name
from edge_runtime.station.spelling import same_number

#: Folders that cameras and people make for other reasons than a person.
_NO_PERSON = re.compile(r"dcim|inbox|images?|photos?|new folder.*", re.IGNORECASE)
_DATE_BREAKS = re.compile(r"[\W_]+")
_EYE = re.compile(r"(?:left|right)(?:[ _-]?eyes?)?|o[dsi]|[lr]", re.IGNORECASE)

#: A name in words, as people write it: P 17 OD, Maria Lopez OD, P17 (OD), P17-OD (2), 17 right.
#: Without a digit before the eye nothing but a number may follow it; letters alone, as le may be an
#: article and r an initial, are the eye at the end only.
_SPOKEN = re.compile(
    r"[\W_]*(?P<patient>\w.*?)[\W_]+"
    r"(?P<eye>(?:left|right)(?:[\W_]*eye)?|o[dsi]|[lr]e?(?=[\W\d_]*$))(?P<rest>[\W_].*)?",
    re.IGNORECASE,
)

#: What cameras call their photographs by: a number that counts them, and nobody's.
_COUNTER = re.compile(
    r"(?:_?img|_?mg|imag|dsc[fn]?|pict|mvi|cimg|gopr|dji)[\W_]*\d{3,}", re.IGNORECASE
)

#: A camera's folder of photographs, such as DCIM/100CANON or 101_0517. Outside of DCIM one of
#: digits alone may as well be a person's number.
_CAMERA = re.compile(r"dcim/\d{3}\w{5}|.*/\d{3}(?!\d{5})\w{5}", re.ASCII | re.IGNORECASE)


def whose(photo: Path) -> tuple[tuple[str, ...], str]:
    """Say whom a photograph is of.

    Args:
        photo: Its file below the inbox.

    Returns:
        What tells the person from others, empty where nothing does, and what they are called. A
        file's name tells it where it names an eye too; else the innermost folder that is called by
        more than a date, an eye or a camera's number.
    """
    folder = next((each for each in photo.parents if _is_person(each)), Path())
    name = _name_in(photo)
    if name and same_number(name) != same_number(printable(folder.name)):
        place = next(each for each in photo.parents if not _EYE.fullmatch(each.name))
        return (str(place), same_number(name)), name  # what follows the eye tells no person
    return ((str(folder),), printable(folder.name)) if folder.name else ((), "")


def _name_in(photo: Path) -> str:
    """Read the person out of a file's name; "" where it tells none, or no eye.

    Training groups by ``photo.patient`` alone, which knows fewer spellings: there a person too many
    is a leak, and here the operator sees and mends it.
    """
    told = told_in_name(photo)
    name = parts_of_name(photo, PATIENT_PATTERN)["patient"] if told else _spoken(photo.stem)
    return "" if not name or _COUNTER.fullmatch(name) else printable(name)


def _spoken(stem: str) -> str:
    found = _SPOKEN.fullmatch(unicodedata.normalize("NFC", stem))
    if not found:
        return ""
    name, rest = found["patient"], found["rest"] or ""
    is_told = re.search(r"\d", name) or not re.search(r"[^\W\d_]", rest)
    return name if is_told and not is_date(_DATE_BREAKS.sub("-", name)) else ""


def _is_person(folder: Path) -> bool:
    name = folder.name
    is_other = _NO_PERSON.fullmatch(name) or _EYE.fullmatch(name) or is_date(name)
    return bool(name) and not (is_other or _CAMERA.fullmatch(f"{folder.parent.name}/{name}"))
