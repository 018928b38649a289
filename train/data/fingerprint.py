"""What a dataset's files hold, as hashes."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from train.data.labelled import Dataset
from train.errors import DatasetError


@dataclass(frozen=True)
class Content:
    """A photo's place in a dataset and the SHA-256 of its file.

    ``class_name`` is the label's name; ``source`` and ``weight`` are those of ``LabelledPhoto``.
    """

    split: str
    class_name: str
    path: Path
    sha256: str
    source: str
    weight: float


def contents(dataset: Dataset) -> tuple[Content, ...]:
    """Hash every photo of a dataset.

    Raises:
        DatasetError: One can't be read.
    """
    return tuple(
        Content(
            split,
            photo.label_name(dataset.classes),
            photo.path,
            _digest(photo.path),
            photo.source,
            photo.weight,
        )
        for split, photos in dataset.splits.items()
        for photo in photos
    )


def fingerprint(dataset: Dataset) -> str:
    """Hash what a dataset holds: SHA-256 over each photo's split, label and content.

    A source and a weight other than 1 count where a table gives them. File names and the folder's
    place don't, so a copy elsewhere has the same fingerprint, and so has a table that says no more
    than folders do.

    Raises:
        DatasetError: A photo can't be read.
    """
    rows = sorted(
        f"{row.split}\t{row.class_name}\t{row.sha256}{_more(row)}" for row in contents(dataset)
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _more(row: Content) -> str:
    """Write what folders can't tell."""
    is_plain = not row.source and row.weight == 1
    return "" if is_plain else "\t" + json.dumps([row.source, row.weight])


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        cause = f"can't be read: {(error.strerror or str(error)).lower()}"
        raise DatasetError(path, cause, expected="") from error
