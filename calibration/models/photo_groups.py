"""Put photos that aren't independent into groups."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold

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
    """Deal whole groups into folds, so that each has its share of every class.

    Classes aren't looked at where none has as many photos as there are folds:
    ``StratifiedGroupKFold`` would refuse.

    Args:
        groups: (N,), the group of each photo; N at least 2.
        labels: (N,), its class.
        folds: How many; no more than N are made.
        seed: The same seed deals alike.

    Yields:
        (N,), true for the photos of one fold.
    """
    if np.bincount(labels).max() < folds:
        labels = np.zeros_like(labels)
    dealer = StratifiedGroupKFold(min(folds, len(labels)), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # some class has fewer photos than folds
        dealt = list(dealer.split(labels, labels, groups))
    for _, chosen in dealt:
        yield np.isin(np.arange(len(labels)), chosen)
