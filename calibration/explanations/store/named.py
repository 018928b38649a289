"""Which photos a command line names, and what is known of each before it is opened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.explain.eye_side import side_in_name
from train.data.dataset import SPLITS, Dataset, read_dataset
from train.data.labelled import LabelledPhoto
from train.data.patients import person_of
from train.data.table import is_table, read_table
from train.errors import DatasetError

#: In the place of a split: all of them.
ALL = "all"


@dataclass(frozen=True)
class NamedPhoto:
    """A photo's file and what is known of it; None where it isn't.

    ``label`` is its class, ``excluded`` a class that it isn't of, ``eye`` "left" or "right".
    What comes from names is text, with escapes where they are no UTF-8; ``path`` is the file's own.
    """

    path: Path
    label: str | None = None
    excluded: str | None = None
    source: str | None = None
    patient: str | None = None
    eye: str | None = None
    split: str | None = None


def is_dataset(path: Path) -> bool:
    """Tell a dataset from a folder of photos: by ``labels.csv`` or ``train_dir/`` in it."""
    return is_table(path) or (path / SPLITS[0]).is_dir()


def photos_of_dataset(root: Path, *, split: str, seed: int) -> tuple[NamedPhoto, ...]:
    """List the photos of a split of a dataset, or of all splits.

    Args:
        root: The dataset's folder, see ``read_dataset``.
        split: One of ``SPLITS``, or ``ALL``. Of a dataset that has none a split is dealt only where
            it is asked for: with ``ALL`` no photo has one.
        seed: Deals the splits of a dataset that has none.

    Raises:
        DatasetError: It is no dataset, or lacks the split.
    """
    dataset = read_dataset(root, seed=seed)
    if split != ALL and not dataset.splits.get(split):
        has = ", ".join(name for name, photos in dataset.splits.items() if photos)
        raise DatasetError(root, f"has no photo in {split}", expected=f"one of {has}, or {ALL}")
    chosen = dataset.splits if split == ALL else {split: dataset.splits[split]}
    known = split != ALL or _has_splits(root)
    return tuple(
        _named(photo, dataset, name if known else None)
        for name, photos in chosen.items()
        for photo in photos
    )


def photos_alone(paths: Iterable[Path]) -> tuple[NamedPhoto, ...]:
    """Say of photos without a dataset what their names tell: the patient and the eye."""
    return tuple(_named(LabelledPhoto(path, None), None, None) for path in paths)


def _has_splits(root: Path) -> bool:
    """Tell whether a dataset itself says which photo is in which split."""
    return read_table(root).splits is not None if is_table(root) else is_dataset(root)


def _named(photo: LabelledPhoto, dataset: Dataset | None, split: str | None) -> NamedPhoto:
    classes: Sequence[str] = dataset.classes if dataset else ()
    person = person_of(photo)
    return NamedPhoto(
        photo.path,
        label=None if photo.label is None else printable(classes[photo.label]),
        excluded=None if photo.excluded is None else printable(classes[photo.excluded]),
        source=printable(photo.source) or None,
        patient=printable(person[2]) if person else None,
        eye=side_in_name(photo.path),
        split=split,
    )
