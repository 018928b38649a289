"""Find the photos to evaluate a trained model on, labelled in the model's class order."""

from pathlib import Path

from train.dataset import SPLITS, LabelledPhoto, list_photos, read_dataset
from train.errors import DatasetError

#: In the place of a split: every photo of a plain dataset.
ALL = "all"

#: What stands beside the figures of a split that leaks.
LEAKS = "the split leaks"

#: How photos are grouped, for whoever reads the intervals.
GROUPING = "copies by content and patients by file name, as 'fundus-edge audit' finds them"


def find_held_out(
    root: Path, *, split: str, classes: tuple[str, ...], seed: int
) -> tuple[LabelledPhoto, ...]:
    """List the photos of one split of a dataset.

    Photographs of another hospital seldom show every class. So a split may have fewer class folders
    than the model has classes, but none that it doesn't know; and the other splits needn't exist.

    Args:
        root: A dataset with split folders, or plain class folders.
        split: One of ``SPLITS``, or ``ALL`` for a plain dataset.
        classes: The model's classes, in its order.
        seed: The training's seed, with which a plain dataset is split as the training split it.

    Returns:
        The photos with labels into ``classes``, sorted by label and path.

    Raises:
        DatasetError: There is no such folder or split, a class that the model doesn't know, or no
            photo.
    """
    if not root.is_dir():
        raise DatasetError(root, "no such folder")
    has_splits = any((root / name).is_dir() for name in SPLITS)
    if has_splits and split == ALL:
        raise DatasetError(root, f"is split already, so '{ALL}' would mix in what was trained on")
    if has_splits and not (root / split).is_dir():
        raise DatasetError(root, f"{split}/ is missing")
    folder = root / split if has_splits else root
    found = [path.name for path in folder.iterdir() if path.is_dir() and path.name[0] != "."]
    unknown = sorted(set(found) - set(classes))
    if unknown:
        raise DatasetError(
            folder,
            f"has the class folder(s) {', '.join(unknown)}, but the run was trained for "
            f"{', '.join(classes)}",
        )
    if has_splits or split == ALL:
        photos = [
            LabelledPhoto(path, label)
            for label, name in enumerate(classes)
            for path in list_photos(folder / name)
        ]
    else:
        dataset = read_dataset(root, seed=seed)
        photos = [
            LabelledPhoto(photo.path, classes.index(dataset.classes[photo.label]))
            for photo in dataset.splits.get(split, ())
        ]
    if not photos:
        raise DatasetError(folder, f"has no photo to evaluate as '{split}'")
    return tuple(sorted(photos, key=lambda photo: (photo.label, photo.path)))
