"""Group a run's photos by person, by what their names tell."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.photo.patient import PATIENT_PATTERN, parts_of_name
from edge_runtime.results.overlays import plain_name

#: The folder of the persons' pages and reports.
PEOPLE = "people"

_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_BREAK = "[-_.]"
_DATE = re.compile(  # with a time behind it or without
    rf"(?:{_YEAR}{_BREAK}?{_MONTH}{_BREAK}?{_DAY}|{_DAY}{_BREAK}{_MONTH}{_BREAK}{_YEAR})"
    r"(?:[-_T]?\d{2,6})?"
)

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Person:
    """A person and the numbers of their photos in the run, in its order.

    ``name`` is what the photos' names call the person; where they don't (``is_named`` is false), it
    is that of the one photo; the folder stands before it where two persons are called the same.
    ``file`` is what the person's files are called, without an ending.
    """

    name: str
    file: str
    is_named: bool
    photos: tuple[int, ...]


def people_of(photos: Iterable[tuple[int, Path]]) -> tuple[Person, ...]:
    """Group photos by person; where the names leave a doubt they are of two.

    One name in two folders is two persons, as folders may number theirs alike. So it is where
    different words follow the eye in the names, and where a date stands in the person's place.

    Args:
        photos: Numbers in the run, ascending, and files.
    """
    groups: dict[tuple[object, ...], tuple[str, str, bool, list[int]]] = {}
    for number, path in photos:
        told = told_in_name(path)
        key: tuple[object, ...] = (path.parent, *told) if told else (number,)
        name = parts_of_name(path, PATIENT_PATTERN)["patient"] if told else path.stem
        folder = printable(path.parent.name)
        group = groups.setdefault(key, (printable(name or ""), folder, told is not None, []))
        group[3].append(number)
    taken: set[str] = set()
    called = Counter(name.casefold() for name, _, _, _ in groups.values())
    return tuple(
        Person(
            f"{folder}/{name}" if called[name.casefold()] > 1 and folder else name,
            _free_name(name, taken),
            is_named,
            tuple(numbers),
        )
        for name, folder, is_named, numbers in groups.values()
    )


def told_in_name(photo: Path) -> tuple[str, str] | None:
    """Give what tells a person from others in one folder: the name, and words behind the eye.

    Returns:
        None where the file's name tells no person and eye, or a date stands in the person's place.
    """
    parts = parts_of_name(photo, PATIENT_PATTERN)
    patient, eye = parts.get("patient"), parts.get("eye")
    if not patient or not eye or is_date(patient):
        return None
    rest = photo.stem[len(patient) + 1 + len(eye) :]
    return patient.casefold(), " ".join(_WORD.findall(rest)).casefold()


def is_date(name: str) -> bool:
    """Tell whether a name is a date, as a camera calls its files and folders by."""
    return _DATE.fullmatch(name) is not None


def _free_name(name: str, taken: set[str]) -> str:
    """Make a file's name of a person's that no other has, on disks that know no capitals too."""
    plain = plain_name(name).lstrip(".") or "person"
    tried = itertools.chain([plain], (f"{plain}-{count}" for count in itertools.count(2)))
    free = next(each for each in tried if each.casefold() not in taken)
    taken.add(free.casefold())
    return free
