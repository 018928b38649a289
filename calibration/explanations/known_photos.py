"""What a folder's table, a file's name or the photo itself tells of the persons and eyes."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from edge_runtime.explain.eye_side import agreed_side, side_in_name
from edge_runtime.explain.optic_disc import find_landmarks
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


def side_of_eye(
    path: Path, image: npt.NDArray[np.uint8], inside: npt.NDArray[np.bool_]
) -> str | None:
    """Tell the side of the eye by the file's name and by where the optic disc lies.

    Args:
        path: The file.
        image: uint8 (S, S, 3), RGB, its round field.
        inside: bool (S, S), where that shows lit retina.

    Returns:
        "left" or "right", None where neither tells it, or they disagree.
    """
    return agreed_side(side_in_name(path), find_landmarks(image, inside).eye)


def choose(photos: tuple[_Photo, ...], limit: int | None, *, seed: int) -> tuple[_Photo, ...]:
    """Draw at most ``limit`` of the photos, in their order; None takes all."""
    if limit is None or limit >= len(photos):
        return photos
    chosen = random.Random(seed).sample(range(len(photos)), limit)
    return tuple(photos[number] for number in sorted(chosen))
