"""Choose the photos that set the ranges of a quantised model."""

import random

from train.dataset import Dataset, LabelledPhoto


def representative_set(dataset: Dataset, *, photos: int, seed: int) -> tuple[LabelledPhoto, ...]:
    """Choose as many training photos of each class as there are to be had, seeded.

    Validation and test photos are never among them.

    Args:
        dataset: From ``read_dataset``.
        photos: How many in all; fewer are returned where a class has fewer than its share.
        seed: The same seed chooses the same photos.
    """
    generator = random.Random(seed)
    chosen: list[LabelledPhoto] = []
    share = photos // len(dataset.classes)
    for label in range(len(dataset.classes)):
        of_class = [photo for photo in dataset.splits["train_dir"] if photo.label == label]
        chosen += generator.sample(of_class, min(len(of_class), share))
    return tuple(chosen)
