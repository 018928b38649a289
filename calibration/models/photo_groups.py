"""Put photos that aren't independent into groups."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from train.copies.groups import find_groups
from train.data.dataset import LabelledPhoto


def photo_groups(
    photos: Sequence[LabelledPhoto], *, cache: Path | None = None
) -> npt.NDArray[np.intp]:
    """Number the groups of photos as the audit does: copies by content, and patients.

    Args:
        photos: N photos.
        cache: Folder to keep in what was read of the photos; None keeps nothing.

    Returns:
        (N,), the same number for photos of one group.
    """
    return find_groups(photos, cache=cache).ids


def group_folds(
    groups: npt.NDArray[np.integer], labels: npt.NDArray[np.integer], *, folds: int, seed: int
) -> Iterator[npt.NDArray[np.bool_]]:
    """Deal whole groups into folds, class by class, so that each has its share of every class.

    Args:
        groups: (N,), the group of each photo.
        labels: (N,), its class.
        folds: How many.
        seed: The same seed deals alike.

    Yields:
        (N,), true for the photos of one fold.
    """
    _, first, member = np.unique(groups, return_index=True, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(first))
    order = order[np.argsort(labels[first][order], kind="stable")]
    fold = np.empty(len(first), np.intp)
    fold[order] = np.arange(len(first)) % folds
    for number in range(folds):
        yield fold[member] == number
