"""What a dataset's files hold, as hashes."""

import hashlib
import json
from dataclasses import dataclass

from train.data.labelled import Dataset, LabelledPhoto
from train.data.table import read_file
from train.errors import DatasetError, PhotosUnreadableError


@dataclass(frozen=True)
class Content:
    """A photo's place in a dataset, its label's name, and the SHA-256 of its file."""

    split: str
    photo: LabelledPhoto
    class_name: str
    sha256: str


def contents(dataset: Dataset) -> tuple[Content, ...]:
    """Hash every photo of a dataset.

    Raises:
        PhotosUnreadableError: Some can't be read; the sentence counts and names them.
    """
    broken: list[str] = []

    def sha256_of(photo: LabelledPhoto) -> str:
        try:
            return hashlib.sha256(read_file(photo.path)).hexdigest()
        except DatasetError as error:
            broken.append(str(error))
            return ""

    found = tuple(
        Content(split, photo, photo.label_name(dataset.classes), sha256_of(photo))
        for split, photos in dataset.splits.items()
        for photo in photos
    )
    if broken:
        raise PhotosUnreadableError(dataset.root, broken)
    return found


def fingerprint(dataset: Dataset) -> str:
    """Hash what a dataset holds: SHA-256 over each photo's split, label and content.

    A source and a weight other than 1 count where a table gives them. File names and the folder's
    place don't, so a copy elsewhere has the same fingerprint, and so has a table that says no more
    than folders do.

    Raises:
        PhotosUnreadableError: As ``contents``.
    """
    rows = sorted(
        f"{row.split}\t{row.class_name}\t{row.sha256}{_more(row.photo)}"
        for row in contents(dataset)
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _more(photo: LabelledPhoto) -> str:
    """Write what folders can't tell."""
    is_plain = not photo.source and photo.weight == 1
    return "" if is_plain else "\t" + json.dumps([photo.source, photo.weight])
