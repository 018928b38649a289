"""Tell from where a photograph lies and what it is called whom it is of."""

import re
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.photo.patient import PATIENT_PATTERN, parts_of_name
from edge_runtime.results.people import is_date, told_in_name

#: Folders that cameras and people make for other reasons than a person: DCIM, 100CANON, dates.
_NO_PERSON = re.compile(r"dcim|\d{3}[a-z0-9_]{5}|inbox|images?|photos?|new folder.*", re.IGNORECASE)


def whose(photo: Path) -> tuple[tuple[str, ...], str]:
    """Say whom a photograph is of.

    Args:
        photo: Its file below the inbox.

    Returns:
        What tells the person from others, empty where nothing does, and what they are called. A
        file's name tells it where it names an eye too, see ``photo.patient``; else the folder.
    """
    folder = photo.parent
    told = told_in_name(photo)
    if told and told[0] != folder.name.casefold():
        name = parts_of_name(photo, PATIENT_PATTERN)["patient"] or ""
        return (str(folder), *told), printable(name)
    if not told and (not folder.name or _NO_PERSON.fullmatch(folder.name) or is_date(folder.name)):
        return (), ""
    return (str(folder),), printable(folder.name)
