"""Tell from file names which photos are of one patient."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

#: Names like 17_left.jpg. A pattern is searched for in the name without its ending.
PATIENT_PATTERN = r"^(?P<patient>.+)[_-](?P<eye>left|right)$"


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


def patient_links(
    photos: Sequence[Path], content: npt.NDArray[np.integer], *, pattern: str
) -> list[tuple[int, int]]:
    """Link the photos that a pattern gives the same patient.

    Collections that were put together from several sources use the same numbers for other
    people. Where one number and eye stands in two sources (a class folder's name and a file
    ending) with photos that aren't copies, the number is taken to mean one person in each.

    Args:
        photos: N files.
        content: int (N,), equal for photos that show the same eye.
        pattern: See ``compile_pattern``; a group named ``eye`` may tell the eyes apart.

    Returns:
        Pairs of indices that connect each patient's photos, first < second.
    """
    compiled = compile_pattern(pattern)
    people: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for index, path in enumerate(photos):
        if match := compiled.search(path.stem):
            eye = match["eye"] if "eye" in compiled.groupindex else None
            people[match["patient"].casefold()].append((index, (eye or "").casefold()))
    links: list[tuple[int, int]] = []
    for members in people.values():
        by_source: dict[tuple[str, str], list[int]] = defaultdict(list)
        clashing = _clash(photos, content, members)
        for index, _ in members:
            by_source[_source(photos[index]) if clashing else ("", "")].append(index)
        for indices in by_source.values():
            links += [(indices[0], index) for index in indices[1:]]
    return sorted(links)


def _clash(
    photos: Sequence[Path], content: npt.NDArray[np.integer], members: list[tuple[int, str]]
) -> bool:
    """Tell whether one eye stands in two sources with different content."""
    seen: dict[str, tuple[tuple[str, str], int]] = {}
    for index, eye in members:
        if not eye:
            continue
        here = _source(photos[index]), int(content[index])
        there = seen.setdefault(eye, here)
        if here[0] != there[0] and here[1] != there[1]:
            return True
    return False


def _source(photo: Path) -> tuple[str, str]:
    return photo.parent.name, photo.suffix.lower()
