"""The photos that every model of a validation is asked about."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calibration.groups import photo_groups
from train.dataset import Dataset, LabelledPhoto, load_photos, read_dataset
from train.errors import DatasetError
from train.held_out import relabel
from train.labelled import class_indices, with_class

#: The name under which every photo of the data is taken, whatever its split.
ALL_PHOTOS = "all"

Images = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Exam:
    """N photos with their classes, in the order of ``classes``.

    ``labels`` are (N,), indices into ``classes``; ``groups`` (N,), the same number for photos that
    aren't independent. ``without_class`` more were left out: only the class that they aren't is
    known.
    """

    dataset: Dataset
    split: str
    photos: tuple[LabelledPhoto, ...]
    classes: tuple[str, ...]
    labels: npt.NDArray[np.intp]
    groups: npt.NDArray[np.intp]
    without_class: int = 0
    _images: dict[tuple[int, int], Images] = field(default_factory=dict)

    def images(self, size: tuple[int, int]) -> Images:
        """Give the photos as a model of this input size sees them, uint8 (N, height, width, 3)."""
        if size not in self._images:
            self._images[size] = load_photos(self.photos, size=size)
        return self._images[size]


def read_exam(data: Path, *, split: str, classes: tuple[str, ...]) -> Exam:
    """Read the photos of a split.

    Args:
        data: A dataset.
        split: "val_dir", "test_dir" or ``ALL_PHOTOS``.
        classes: The classes in the order wanted; the dataset must have the same, in any order.

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
    return make_exam(dataset, split, photos, classes)


def make_exam(
    dataset: Dataset, split: str, photos: tuple[LabelledPhoto, ...], classes: tuple[str, ...]
) -> Exam:
    """Make an exam of those photos that have a class.

    Raises:
        DatasetError: None has.
    """
    known = with_class(photos)
    if not known:
        raise DatasetError(dataset.root, f"no photo of {split} has a class", expected="")
    labels = class_indices(relabel(known, dataset.classes, classes))
    return Exam(
        dataset, split, known, classes, np.array(labels, np.intp), photo_groups(known),
        without_class=len(photos) - len(known),
    )  # fmt: skip
