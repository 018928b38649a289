"""The photos that every model of a validation is asked about."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.explain.eye_side import side_in_name
from train.copies.groups import find_groups
from train.data.dataset import Dataset, LabelledPhoto, load_photos, read_dataset
from train.data.labelled import with_class
from train.data.truth import Truth, truth_of
from train.errors import DatasetError
from train.evaluation.gate import gated_photos
from train.evaluation.held_out import relabel

#: The name under which every photo of the data is taken, whatever its split.
ALL_PHOTOS = "all"

Images = npt.NDArray[np.uint8]
Faults = tuple[str | None, ...]


@dataclass(frozen=True, eq=False)
class EvaluationSet:
    """N photos with their classes, in the order of ``classes``, and M others.

    ``others`` are photos of which only a class that they aren't is known; they count in figures by
    source alone. ``truth`` and ``all_groups``, (N + M,), are of both, the others last; the group is
    the same number for photos that aren't independent.
    """

    dataset: Dataset
    split: str
    photos: tuple[LabelledPhoto, ...]
    others: tuple[LabelledPhoto, ...]
    classes: tuple[str, ...]
    truth: Truth
    all_groups: npt.NDArray[np.intp]
    _images: dict[tuple[int, int], Images] = field(default_factory=dict)
    _faults: dict[tuple[tuple[int, int], QualityLimits], Faults] = field(default_factory=dict)

    @property
    def labels(self) -> npt.NDArray[np.intp]:
        """The N photos' indices into ``classes``, (N,)."""
        return self.truth.labels[: len(self.photos)]

    @property
    def groups(self) -> npt.NDArray[np.intp]:
        """The N photos' groups, (N,)."""
        return self.all_groups[: len(self.photos)]

    @property
    def sides(self) -> tuple[str | None, ...]:
        """The side of the eye of each of the N photos, as its file's name tells it."""
        return tuple(side_in_name(photo.path) for photo in self.photos)

    def images(self, size: tuple[int, int]) -> Images:
        """Give the photos as a model of this input size sees them, uint8 (N, height, width, 3)."""
        return self._all_images(size)[: len(self.photos)]

    def other_images(self, size: tuple[int, int]) -> Images:
        """Give the others likewise, uint8 (M, height, width, 3)."""
        return self._all_images(size)[len(self.photos) :]

    def _all_images(self, size: tuple[int, int]) -> Images:
        if size not in self._images:
            self._images[size] = load_photos((*self.photos, *self.others), size=size)
        return self._images[size]

    def faults(self, size: tuple[int, int], limits: QualityLimits) -> Faults:
        """Say of the N photos and the M others why the quality gate refuses each, None if not.

        Asked before ``images`` of that size, it reads the photos for both.
        """
        key = (size, limits)
        if key not in self._faults:
            everyone = (*self.photos, *self.others)
            images, self._faults[key] = gated_photos(everyone, size=size, limits=limits)
            self._images.setdefault(size, images)
        return self._faults[key]


def read_evaluation_set(
    data: Path, *, split: str, classes: tuple[str, ...], cache: Path | None = None
) -> EvaluationSet:
    """Read the photos of a split.

    Args:
        data: A dataset.
        split: "val_dir", "test_dir" or ``ALL_PHOTOS``.
        classes: The classes in the order wanted; the dataset must have the same, in any order.
        cache: Folder to keep in what was read of the photos; None keeps nothing.

    Raises:
        DatasetError: It can't be read, has other classes or no such split.
    """
    dataset = read_dataset(data)
    if set(dataset.classes) != set(classes):
        raise DatasetError(
            data, f"has the classes {', '.join(dataset.classes)}, not {', '.join(classes)}"
        )
    if split == ALL_PHOTOS:
        photos = tuple(photo for part in dataset.splits.values() for photo in part)
    elif split in dataset.splits:
        photos = dataset.splits[split]
    else:
        raise DatasetError(data, f"has no {split}/")
    return make_evaluation_set(dataset, split, photos, classes, cache=cache)


def make_evaluation_set(
    dataset: Dataset,
    split: str,
    photos: tuple[LabelledPhoto, ...],
    classes: tuple[str, ...],
    *,
    cache: Path | None = None,
) -> EvaluationSet:
    """Sort photos into those whose class is known and the others, and group all of them.

    Raises:
        DatasetError: Of none the class is known.
    """
    known = with_class(photos)
    if not known:
        raise DatasetError(dataset.root, f"no photo of {split} has a class", expected="")
    others = tuple(photo for photo in photos if photo.label is None)
    truth = truth_of(relabel((*known, *others), dataset.classes, classes))
    groups = find_groups((*known, *others), cache=cache).ids
    return EvaluationSet(dataset, split, known, others, classes, truth, groups)
