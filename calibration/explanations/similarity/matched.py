"""Match the photos of two stores by their content."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from calibration.errors import StoresDifferError
from calibration.explanations.explained import Explained, ExplainedPhoto
from calibration.explanations.store.read import read_store


@dataclass(frozen=True)
class Matching:
    """Which photos of two stores are the same, by the SHA-256 of their files.

    ``first`` and ``second`` are the photos of each, ``matched`` those that are compared.
    ``twice`` counts files whose content stands in their own store already. ``refused`` photos stand
    in both, and the quality gate or familiarity refused them in one. The others are named.
    """

    first: int
    second: int
    matched: int
    twice: int
    refused: int
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


def match(first: Explained, second: Explained) -> tuple[Matching, Explained, Explained]:
    """Match photos, of each content the first.

    Args:
        first: Of a store; its persons and labels are those of the result.
        second: Of another store, with the same classes in the same order.

    Returns:
        What was matched, and the photos of each store in one order.
    """
    here, there = _places(first.photos), _places(second.photos)
    shared = [digest for digest in here if digest in there]
    graded = [
        digest
        for digest in shared
        if not first.photos[here[digest]].fault and not second.photos[there[digest]].fault
    ]
    found = Matching(
        first=len(first.photos),
        second=len(second.photos),
        matched=len(graded),
        twice=len(first.photos) - len(here) + len(second.photos) - len(there),
        refused=len(shared) - len(graded),
        only_first=tuple(first.photos[i].path for each, i in here.items() if each not in there),
        only_second=tuple(second.photos[i].path for each, i in there.items() if each not in here),
    )
    rows, columns = (np.array([at[d] for d in graded], np.intp) for at in (here, there))
    return found, first.taken(rows), second.taken(columns)


def read_like(store: Path, other: Path, first: Explained) -> Explained:
    """Read a store whose photos shall be compared with another's, its classes in that one's order.

    Args:
        store: The store.
        other: The other one.
        first: What is in the other one.

    Raises:
        ExplanationStoreError: It can't be read.
        StoresDifferError: Its classes or its maps are others.
    """
    found = read_store(store)
    if set(found.classes) != set(first.classes):
        said = " and ".join(", ".join(each.classes) for each in (first, found))
        raise StoresDifferError(other, store, f"their classes differ ({said})")
    if found.maps.shape[2:] != first.maps.shape[2:]:
        said = " and ".join(" x ".join(map(str, each.maps.shape[2:])) for each in (first, found))
        raise StoresDifferError(other, store, f"their maps differ in size ({said} cells)")
    order = [found.classes.index(name) for name in first.classes]
    return replace(
        found,
        classes=first.classes,
        maps=found.maps[:, order],
        probabilities=found.probabilities[:, order],
    )


def _places(photos: Sequence[ExplainedPhoto]) -> dict[str, int]:
    places: dict[str, int] = {}
    for number, photo in enumerate(photos):
        places.setdefault(photo.sha256, number)
    return places
