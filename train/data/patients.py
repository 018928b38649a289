"""Tell which photos are of one patient, by what is known of them or by their file names."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_runtime.photo.patient import PATIENT_PATTERN, parts_of_name, patient_of
from train.data.labelled import LabelledPhoto

_SIDES = dict.fromkeys(("r", "re", "od"), "right") | dict.fromkeys(("l", "le", "os", "oi"), "left")


def person_of(
    photo: LabelledPhoto, *, pattern: str | None = PATIENT_PATTERN
) -> tuple[str, str, str] | None:
    """Name whom a photo is of: how that is known, in which source, and the patient there.

    Returns:
        None where the patient neither was given nor stands in the photo's name.
    """
    if photo.patient:
        return "given", photo.source, photo.patient
    name = patient_of(photo.path, pattern=pattern)
    return ("name", photo.source, name.casefold()) if name else None


def patient_links(
    photos: Sequence[LabelledPhoto], content: npt.NDArray[np.integer], *, pattern: str | None
) -> list[tuple[int, int]]:
    """Link the photos of one patient.

    A patient that was given with a photo counts within its source. The other photos go by their
    names, within their source too where that was given. Collections that were put together from
    several sources use the same numbers for other people. Where no source was given, and one
    number and eye stands in two (a class folder's name and a file ending) with photos that aren't
    copies, the number is taken to mean one person in each.

    Args:
        photos: N photos.
        content: int (N,), equal for photos that show the same eye.
        pattern: See ``compile_pattern``; a group named ``eye`` may tell the eyes apart. None
            takes no patient from names.

    Returns:
        Pairs of indices that connect each patient's photos, first < second.
    """
    people: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for index, photo in enumerate(photos):
        if person := person_of(photo, pattern=pattern):
            people[person].append(index)
    links = []
    for (known_by, source, _), members in people.items():
        by_place: dict[object, list[int]] = defaultdict(list)
        clashing = known_by == "name" and not source and _clash(photos, content, members, pattern)
        for index in members:
            by_place[clashing and _place(photos[index].path)].append(index)
        links += [(same[0], index) for same in by_place.values() for index in same[1:]]
    return sorted(links)


def count_unknown(photos: Sequence[LabelledPhoto], *, pattern: str | None) -> int:
    """Count the photos whose patient neither was given nor stands in their names."""
    return sum(person_of(photo, pattern=pattern) is None for photo in photos)


def say_unknown(unknown: int, photos: int) -> str:
    """Say of how many photos no patient is known, and what follows; empty if of none."""
    if not unknown:
        return ""
    return (
        f"no patient known for {unknown:,} of {photos:,} photographs: neither a table's column nor "
        "the file's name tells it, so only copies of these are kept together, not their other eyes"
    )


def _clash(
    photos: Sequence[LabelledPhoto],
    content: npt.NDArray[np.integer],
    members: Sequence[int],
    pattern: str | None,
) -> bool:
    """Tell whether one eye stands in two places with different content."""
    seen: dict[str, tuple[tuple[str, str], int]] = {}
    for index in members:
        path = photos[index].path
        eye = _eye(path, pattern)
        here = _place(path), int(content[index])
        there = seen.setdefault(eye, here) if eye else here
        if here[0] != there[0] and here[1] != there[1]:
            return True
    return False


def _eye(photo: Path, pattern: str | None) -> str:
    """Read the eye likewise, its shorter names brought to one; empty where it isn't told."""
    eye = (parts_of_name(photo, pattern).get("eye") or "").casefold()
    return _SIDES.get(eye, eye)


def _place(photo: Path) -> tuple[str, str]:
    return photo.parent.name, photo.suffix.lower()
