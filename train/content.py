"""What a dataset's files hold, as hashes."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from train.dataset import Dataset
from train.errors import DatasetError


@dataclass(frozen=True)
class Content:
    """A photo's place in a dataset and the SHA-256 of its file."""

    split: str
    class_name: str
    path: Path
    sha256: str


def contents(dataset: Dataset) -> tuple[Content, ...]:
    """Hash every photo of a dataset.

    Raises:
        DatasetError: One can't be read.
    """
    return tuple(
        Content(split, dataset.classes[photo.label], photo.path, _digest(photo.path))
        for split, photos in dataset.splits.items()
        for photo in photos
    )


def fingerprint(dataset: Dataset) -> str:
    """Hash what a dataset holds: SHA-256 over each photo's split, class and content.

    File names and the folder's place don't count, so a copy elsewhere has the same fingerprint.

    Raises:
        DatasetError: A photo can't be read.
    """
    rows = sorted(f"{row.split}\t{row.class_name}\t{row.sha256}" for row in contents(dataset))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        cause = f"can't be read: {(error.strerror or str(error)).lower()}"
        raise DatasetError(path, cause, expected="") from error
