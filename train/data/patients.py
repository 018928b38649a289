"""Tell which photos are of one patient, by what is known of them or by their file names."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from train.data.labelled import LabelledPhoto

#: Names like 17_left.jpg, P1_OD.jpg, 9-re.jpg and, with a digit in the patient's part, such where
#: something follows the eye: P1_OS_2024.jpg. A pattern is searched for in the name without its
#: ending. The first eye in a name counts, so that both eyes give the patient the same name.
PATIENT_PATTERN = (
    r"^(?P<patient>.*?\d.*?|.+(?=[_-][a-z]+$))[_-](?P<eye>left|right|o[dsi]|[lr]e?)(?:[_-].*)?$"
)

_SIDES = dict.fromkeys(("r", "re", "od"), "right") | dict.fromkeys(("l", "le", "os", "oi"), "left")


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a patient pattern, ignoring case.

    Raises:
        ValueError: It is no regular expression or has no group named ``patient``.
    """
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if "patient" not in compiled.groupindex:
        raise ValueError("it needs a group (?P<patient>...) around the patient's number or name")
    return compiled


def patient_of(photo: Path, *, pattern: str | None = PATIENT_PATTERN) -> str | None:
    """Read the patient out of a file's name; None where the pattern doesn't match."""
    match = compile_pattern(pattern).search(photo.stem) if pattern is not None else None
    return match["patient"] if match else None


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
    given: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, photo in enumerate(photos):
        if photo.person:
            given[photo.person].append(index)
    links = [(same[0], index) for same in given.values() for index in same[1:]]
    if pattern is None:
        return sorted(links)
    compiled = compile_pattern(pattern)
    people: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for index, photo in enumerate(photos):
        match = None if photo.person else compiled.search(photo.path.stem)
        if match and match["patient"]:
            eye = (match["eye"] or "") if "eye" in compiled.groupindex else ""
            key = photo.source, match["patient"].casefold()
            people[key].append((index, _SIDES.get(eye.casefold(), eye.casefold())))
    for members in people.values():
        by_source: dict[tuple[str, str], list[int]] = defaultdict(list)
        clashing = not photos[members[0][0]].source and _clash(photos, content, members)
        for index, _ in members:
            by_source[_source(photos[index].path) if clashing else ("", "")].append(index)
        for indices in by_source.values():
            links += [(indices[0], index) for index in indices[1:]]
    return sorted(links)


def count_unknown(photos: Sequence[LabelledPhoto], *, pattern: str | None) -> int:
    """Count the photos whose patient neither was given nor stands in their names."""
    compiled = compile_pattern(pattern) if pattern is not None else None
    return sum(
        not photo.person and not (compiled and compiled.search(photo.path.stem)) for photo in photos
    )


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
    members: list[tuple[int, str]],
) -> bool:
    """Tell whether one eye stands in two sources with different content."""
    seen: dict[str, tuple[tuple[str, str], int]] = {}
    for index, eye in members:
        if not eye:
            continue
        here = _source(photos[index].path), int(content[index])
        there = seen.setdefault(eye, here)
        if here[0] != there[0] and here[1] != there[1]:
            return True
    return False


def _source(photo: Path) -> tuple[str, str]:
    return photo.parent.name, photo.suffix.lower()
