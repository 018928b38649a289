"""Read a dataset: which photos there are, their classes and their splits."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.photo.decode import decode_photo, read_photo
from edge_runtime.photo.find import PHOTO_SUFFIXES
from edge_runtime.photo.round_field import prepare
from train.data.deal import deal_groups, deal_people
from train.data.labelled import SPLITS, Dataset, LabelledPhoto
from train.data.patients import person_of
from train.data.table import LABELS_CSV, Table, is_table, read_table
from train.errors import DatasetError, PhotosUnreadableError

__all__ = ["SPLITS", "Dataset", "LabelledPhoto", "balanced_sample", "list_photos", "load_photos",
           "read_dataset"]  # fmt: skip


def read_dataset(root: Path, *, seed: int = 0) -> Dataset:
    """List a dataset's photos without opening them.

    Three layouts are understood: ``train_dir/ val_dir/ test_dir/`` (the last is optional) with one
    folder per class, plain ``<class>/`` folders, and a table, see ``train.data.table``. A plain
    one, or a table that names no splits, is split here, seeded, class by class, both eyes of a
    patient on the same side. That catches eyes, not copies: training refuses those, and
    ``fundus-edge split`` keeps them together.

    Args:
        root: The dataset folder.
        seed: Seed of the split of a dataset that has none.

    Raises:
        DatasetError: None of these, a line of the table that can't be meant, fewer than two
            classes, an empty class, or splits whose classes differ.
    """
    if not root.is_dir():
        raise DatasetError(root, "no such folder")
    if is_table(root):
        return _split_table(read_table(root), seed)
    if (root / "train_dir").is_dir():
        return _read_splits(root)
    classes, photos = _read_classes(root)
    places = deal_people(photos, seed=seed)
    if SPLITS[0] not in places:
        raise DatasetError(root, "too few photos to split")
    return Dataset(root, classes, _put(photos, places))


def load_photos(
    photos: tuple[LabelledPhoto, ...],
    *,
    size: tuple[int, int],
    read: Callable[[Path], npt.NDArray[np.uint8]] | None = None,
    on_photo: Callable[[], None] = lambda: None,
) -> npt.NDArray[np.uint8]:
    """Decode and prepare photos as the device does.

    Args:
        photos: Which ones.
        size: (height, width) of the model's input.
        read: What reads a file and prepares it, for who wants to know more of it by the way.
        on_photo: Called once after each photo, for a progress bar.

    Returns:
        uint8 (N, height, width, 3), RGB, in the order given.

    Raises:
        PhotosUnreadableError: Some photos can't be read; the sentence counts and names them.
    """
    images = np.empty((len(photos), *size, 3), np.uint8)
    broken: list[str] = []

    def prepared(path: Path) -> npt.NDArray[np.uint8]:
        return prepare(decode_photo(read_photo(path), path=path), size=size)

    def load(index: int) -> None:
        try:
            images[index] = (read or prepared)(photos[index].path)
        except (PhotoNotFoundError, PhotoUnreadableError) as error:
            broken.append(str(error))

    with ThreadPoolExecutor() as pool:
        for _ in pool.map(load, range(len(photos))):
            on_photo()
    if broken:
        raise PhotosUnreadableError(photos[0].path.parent.parent, broken)
    return images


def balanced_sample(dataset: Dataset, *, photos: int, seed: int) -> tuple[LabelledPhoto, ...]:
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


def _split_table(table: Table, seed: int) -> Dataset:
    """Put a table's photos into its splits, or into seeded ones."""
    root, places = table.root, table.splits
    if len(table.classes) < 2:
        cause = f"{LABELS_CSV} names {len(table.classes)} class(es), at least 2 are needed"
        raise DatasetError(root, cause, expected="")
    photos = table.photos
    if places is None:
        photos = tuple(sorted(photos))
        numbers: dict[object, int] = {}
        people = [person_of(photo) or photo.path for photo in photos]
        groups = [numbers.setdefault(person, len(numbers)) for person in people]
        places = deal_groups(photos, groups, seed=seed)
    splits = _put(photos, places)
    for name in SPLITS[:2] if SPLITS[0] in splits else ():
        found = {photo.label for photo in splits.get(name, ())}
        lacking = [each for label, each in enumerate(table.classes) if label not in found]
        if lacking:
            cause = f"{name.removesuffix('_dir')} has no photo of {', '.join(lacking)}"
            raise DatasetError(root, cause, expected="every class in train and in val")
    return Dataset(root, table.classes, splits)


def _put(
    photos: tuple[LabelledPhoto, ...], places: tuple[str, ...]
) -> dict[str, tuple[LabelledPhoto, ...]]:
    """Put each photo into its split, sorted."""
    rows = sorted(zip(photos, places, strict=True))
    return {
        split: tuple(photo for photo, place in rows if place == split)
        for split in SPLITS
        if split in places
    }


def _read_splits(root: Path) -> Dataset:
    splits: dict[str, tuple[LabelledPhoto, ...]] = {}
    classes: tuple[str, ...] = ()
    for name in SPLITS:
        if name == "test_dir" and not (root / name).exists():
            continue
        if not (root / name).is_dir():
            raise DatasetError(root, f"{name}/ is missing")
        found, photos = _read_classes(root / name)
        if classes and found != classes:
            raise DatasetError(
                root, f"{name}/ has the classes {', '.join(found)}, not {', '.join(classes)}"
            )
        classes, splits[name] = found, photos
    return Dataset(root, classes, splits)


def _read_classes(folder: Path) -> tuple[tuple[str, ...], tuple[LabelledPhoto, ...]]:
    names = sorted(
        entry.name
        for entry in folder.iterdir()
        if entry.is_dir() and entry.name[0] != "." and not _leads_back(entry)
    )
    if len(names) < 2:
        raise DatasetError(folder, f"{len(names)} class folder(s) found, at least 2 are needed")
    photos: list[LabelledPhoto] = []
    for label, name in enumerate(names):
        of_class = list_photos(folder / name)
        if not of_class:
            raise DatasetError(folder, f"the class folder {name}/ has no photo")
        photos += [LabelledPhoto(path, label) for path in of_class]
    return tuple(names), tuple(photos)


def list_photos(folder: Path) -> list[Path]:
    """List the photos of a class folder and its subfolders, sorted.

    A link to nothing is among them: whoever reads it says that it can't be read.
    """
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PHOTO_SUFFIXES
        and path.name[0] != "."
        and (path.is_file() or (path.is_symlink() and not path.exists()))
    )


def _leads_back(folder: Path) -> bool:
    """Tell whether a link leads to the folder that it stands in, or around that."""
    here = folder.parent.resolve()
    return folder.is_symlink() and folder.resolve() in (here, *here.parents)
