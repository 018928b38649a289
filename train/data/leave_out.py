"""Keep whole sources out of a training, to measure what it makes of cameras it has never seen."""

from dataclasses import replace
from pathlib import Path

from edge_runtime.errors import UnknownNameError
from train.data.dataset import SPLITS, Dataset, read_dataset
from train.errors import DatasetError

#: The split that holds the photos of the sources that were left out.
LEFT_OUT = "left_out"


def training_dataset(root: Path, *, seed: int, without: str = "") -> Dataset:
    """Read a dataset as a training read it.

    Args:
        root: The dataset folder.
        seed: The training's.
        without: The sources that it left out; runs of older versions could leave nothing out.

    Raises:
        DatasetError: As ``read_dataset`` and ``leave_out`` do.
        UnknownNameError: It has no such source to leave out.
    """
    return leave_out(read_dataset(root, seed=seed), without)


def leave_out(dataset: Dataset, names: str) -> Dataset:
    """Move all photos of some sources from the dataset's splits into ``LEFT_OUT``.

    Args:
        dataset: What to train on.
        names: The sources, with commas between them; empty for none.

    Raises:
        UnknownNameError: The dataset has no such source; the sentence lists its sources.
        DatasetError: It has no sources at all, or too little is left to train on.
    """
    wanted = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if not wanted:
        return dataset
    known = tuple(sorted({photo.source for photo in dataset.photos} - {""}))
    if not known:
        cause = f"its photos have no source, so {', '.join(wanted)} can't be left out"
        raise DatasetError(dataset.root, cause, expected="")
    for name in wanted:
        if name not in known:
            raise UnknownNameError("source", name, known)
    splits = {
        split: tuple(photo for photo in photos if photo.source not in wanted)
        for split, photos in dataset.splits.items()
    }
    labels = {photo.label for photo in splits[SPLITS[0]]}
    lacking = [name for at, name in enumerate(dataset.classes) if at not in labels]
    if lacking or not splits[SPLITS[1]]:
        cause = f"without {', '.join(wanted)} no photo is left "
        cause += f"of {', '.join(lacking)} to train on" if lacking else "to validate on"
        raise DatasetError(dataset.root, cause, expected="")
    left_out = sorted(photo for photo in dataset.photos if photo.source in wanted)
    splits[LEFT_OUT] = tuple(left_out)
    return replace(dataset, splits={name: photos for name, photos in splits.items() if photos})
