"""What a folder's table or a file's name tells of the persons on photos."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from edge_runtime.photo.find import absolute
from train.data.labelled import LabelledPhoto
from train.data.patients import person_of
from train.data.table import is_table, read_table

_Photo = TypeVar("_Photo")


@dataclass(frozen=True)
class KnownPhoto:
    """A file, and the person and the source where they are known."""

    path: Path
    source: str | None = None
    patient: str | None = None


def known_photos(paths: Sequence[Path], photos: Sequence[Path]) -> tuple[KnownPhoto, ...]:
    """Say of photos which person they are of, where it is known.

    A folder that was named and has a ``labels.csv`` tells the sources and patients of its photos;
    of the others the file's name does, as in 17_left.jpg.

    Args:
        paths: The files and folders that were named.
        photos: The photos that were found there.

    Raises:
        DatasetError: A table can't be used.
    """
    listed = {
        absolute(photo.path): photo
        for folder in paths
        if folder.is_dir() and is_table(folder)
        for photo in read_table(folder).photos
    }
    found = []
    for path in photos:
        photo = listed.get(absolute(path), LabelledPhoto(path, None))
        person = person_of(photo)
        found.append(KnownPhoto(path, photo.source or None, person[2] if person else None))
    return tuple(found)


def choose(photos: tuple[_Photo, ...], limit: int | None, *, seed: int) -> tuple[_Photo, ...]:
    """Draw at most ``limit`` of the photos, in their order; None takes all."""
    if limit is None or limit >= len(photos):
        return photos
    chosen = random.Random(seed).sample(range(len(photos)), limit)
    return tuple(photos[number] for number in sorted(chosen))
