"""Find the photos to evaluate a trained model on, labelled in the model's class order."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from train.data.dataset import list_photos, read_dataset
from train.data.labelled import NOT, SPLITS, LabelledPhoto, with_class
from train.data.table import is_table, read_table
from train.errors import DatasetError

#: In the place of a split: every photo of a dataset that has no splits.
ALL = "all"

#: What stands beside the figures of a split that leaks.
LEAKS = "the split leaks"

#: How photos are grouped, for whoever reads the intervals.
GROUPING = "copies by content and patients by table or file name, as 'fundus-edge audit' finds them"


def find_held_out(
    root: Path,
    *,
    split: str,
    classes: tuple[str, ...],
    seed: int,
    with_excluded: bool = False,
) -> tuple[LabelledPhoto, ...]:
    """List the photos of one split of a dataset.

    Photographs of another hospital seldom show every class. So a split may have fewer class folders
    than the model has classes, but none that it doesn't know; and the other splits needn't exist.
    Likewise the rows of a table.

    Args:
        root: A dataset with split folders, plain class folders, or a table.
        split: One of ``SPLITS``, or ``ALL`` for a dataset that has no splits.
        classes: The model's classes, in its order.
        seed: The training's seed, with which such a dataset is split as the training split it.
        with_excluded: Whether to list also photos of which only the class that they aren't is
            known; their ``label`` is None.

    Returns:
        The photos with labels into ``classes``, by label and path; those without a label last.

    Raises:
        DatasetError: There is no such folder or split, a class that the model doesn't know, or no
            photo.
    """
    if not root.is_dir():
        raise DatasetError(root, "no such folder")
    if is_table(root):
        found = _of_table(root, split, classes, seed)
        photos = found if with_excluded else with_class(found)
        if not photos:
            raise DatasetError(root, f"has no photo to evaluate as '{split}'", expected="")
        return photos
    return _of_folders(root, split, classes, seed)


def _of_folders(
    root: Path, split: str, classes: tuple[str, ...], seed: int
) -> tuple[LabelledPhoto, ...]:
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
        photos = list(relabel(dataset.splits.get(split, ()), dataset.classes, classes))
    if not photos:
        raise DatasetError(folder, f"has no photo to evaluate as '{split}'")
    return _sorted(photos)


def relabel(
    photos: Sequence[LabelledPhoto], names: Sequence[str], classes: Sequence[str]
) -> tuple[LabelledPhoto, ...]:
    """Turn indices into ``names`` into such into ``classes``."""
    return tuple(
        replace(
            photo,
            label=None if photo.label is None else classes.index(names[photo.label]),
            excluded=None if photo.excluded is None else classes.index(names[photo.excluded]),
        )
        for photo in photos
    )


def _of_table(
    root: Path, split: str, classes: tuple[str, ...], seed: int
) -> tuple[LabelledPhoto, ...]:
    table = read_table(root, classes=classes)
    names = table.classes
    if table.splits is not None and split == ALL:
        raise DatasetError(
            root, f"is split already, so '{ALL}' would mix in what was trained on", expected=""
        )
    if split == ALL:
        chosen = table.photos
    elif table.splits is None:
        plain = read_dataset(root, seed=seed)
        names, chosen = plain.classes, plain.splits.get(split, ())
    else:
        rows = zip(table.photos, table.splits, strict=True)
        chosen = tuple(photo for photo, place in rows if place == split)
    unknown = sorted({photo.label_name(names) for photo in chosen} - _labels(classes))
    if unknown:
        raise DatasetError(
            root,
            f"has the label(s) {', '.join(unknown)}, but the run was trained for "
            f"{', '.join(classes)}",
            expected="",
        )
    return _sorted(relabel(chosen, names, classes))


def _labels(classes: Sequence[str]) -> set[str]:
    return set(classes) | {NOT + name for name in classes}


def _sorted(photos: Sequence[LabelledPhoto]) -> tuple[LabelledPhoto, ...]:
    def place(photo: LabelledPhoto) -> tuple[bool, int, Path]:
        return photo.label is None, photo.label or 0, photo.path

    return tuple(sorted(photos, key=place))
