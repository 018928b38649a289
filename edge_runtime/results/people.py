"""Group a run's photos by person, by what their names tell."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

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

#: What stands in the place of a patient's ID where there is none.
_NOBODY = frozenset(
    {"", "0", "anon", "anonymised", "anonymized", "anonymous", "none", "na", "null", "noid",
     "test", "unknown", "xxx"}
)  # fmt: skip
_NO_PATIENTS: Mapping[int, tuple[str, str]] = MappingProxyType({})

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Person:
    """A person and the numbers of their photos in the run, in its order.

    ``name`` is what the photos' names or DICOM files call the person; where they don't
    (``is_named`` is false), it is that of the one photo; the folder, or who issued the patient's
    ID, stands before it where two persons are called the same.
    ``file`` is what the person's files are called, without an ending.
    """

    name: str
    file: str
    is_named: bool
    photos: tuple[int, ...]


def people_of(
    photos: Iterable[tuple[int, Path]], patients: Mapping[int, tuple[str, str]] = _NO_PATIENTS
) -> tuple[Person, ...]:
    """Group photos by person; where the names leave a doubt they are of two.

    What DICOM files say counts instead of names: the patient's ID within its issuer. A photo whose
    DICOM file has none is a person of its own.

    One name in two folders is two persons, as folders may number theirs alike. So it is where
    different words follow the eye in the names, and where a date stands in the person's place.

    Args:
        photos: Numbers in the run, ascending, and files.
        patients: Of photos of DICOM files, by number, the patient's ID and its issuer, or "".
    """
    groups: dict[tuple[object, ...], tuple[str, str, bool, list[int]]] = {}
    for number, path in photos:
        if number in patients:
            patient, issuer = patients[number]
            told: tuple[str, str] | None = (patient, issuer) if is_patient(patient) else None
            key: tuple[object, ...] = ("DICOM", *told) if told else (number,)
            name, folder = (patient, issuer) if told else (path.stem, path.parent.name)
        else:
            told = told_in_name(path)
            key = (path.parent, *told) if told else (number,)
            found = parts_of_name(path, PATIENT_PATTERN)["patient"] if told else path.stem
            name, folder = found or "", path.parent.name
        shown = printable(name), printable(folder)
        group = groups.setdefault(key, (*shown, told is not None, []))
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


def is_patient(patient_id: str) -> bool:
    """Tell whether a patient's ID is one: where it was taken out, others have the same word."""
    return re.sub(r"[\W_]+", "", patient_id).casefold() not in _NOBODY


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
