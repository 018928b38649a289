"""Find the photos of an evaluation, what is known of them, and how they hang together."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt

from train.copies.groups import find_groups
from train.copies.progress import progress_bars
from train.data.dataset import SPLITS, Dataset, LabelledPhoto, read_dataset
from train.data.fingerprint import contents, fingerprint
from train.data.labelled import with_class
from train.data.table import is_table, read_table
from train.data.truth import Truth, truth_of
from train.errors import DatasetError
from train.evaluation.evaluation import DatasetIdentity
from train.evaluation.held_out import ALL, find_held_out
from train.evaluation.options import EvaluationOptions


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The N photos of a split, sorted by class and path, in the model's class order.

    ``groups`` int (N,) has the same number for photos that aren't independent. ``sha256`` are the
    hashes of their files, in no order.
    """

    root: Path
    split: str
    photos: tuple[LabelledPhoto, ...]
    groups: npt.NDArray[np.intp]
    sha256: tuple[str, ...]
    fingerprint: str

    @property
    def names(self) -> list[str]:
        """Names that a person finds the photos by."""
        return [photo.path.relative_to(self.root).as_posix() for photo in self.photos]

    @property
    def truth(self) -> Truth:
        """What is known of the photos."""
        return truth_of(self.photos)

    @property
    def identity(self) -> DatasetIdentity:
        """Which data it is."""
        return DatasetIdentity(self.root.resolve().name, self.fingerprint)


def find_evaluated(
    root: Path,
    classes: tuple[str, ...],
    options: EvaluationOptions,
    *,
    seed: int,
    patients: str,
    trained_on: str | None,
) -> Evaluated:
    """Find and group the photos to evaluate a model on, with progress bars on stderr.

    Args:
        root: The dataset folder, see ``find_held_out``.
        classes: The model's classes, in its order.
        options: Which split, and how it is grouped.
        seed: The training's, with which a plain dataset is split as the training split it.
        patients: The training's pattern, or "none", where ``options`` have none.
        trained_on: The fingerprint of the dataset of the training, None if it isn't known.

    Raises:
        DatasetError: The dataset lacks the split, has classes that the model doesn't know, a photo
            that can't be read, or none whose class is known.
    """
    split = options.split or _held_out_split(root, classes, seed, trained_on)
    photos = find_held_out(root, split=split, classes=classes, seed=seed, with_excluded=True)
    if not with_class(photos):
        raise DatasetError(root, f"no photo of '{split}' has a class to measure", expected="")
    evaluated = Dataset(root, classes, {split: photos})
    hashes = tuple(row.sha256 for row in contents(evaluated))
    pattern = options.patients or patients
    with progress_bars() as on_share:
        groups = find_groups(
            photos,
            patient_pattern=None if pattern == "none" else pattern,
            cache=options.cache,
            on_share=on_share,
        )
    return Evaluated(root, split, photos, groups.ids, hashes, fingerprint(evaluated))


def bar(length: int, label: str) -> Any:
    """Show a progress bar on stderr, hidden without a terminal."""
    return click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    )


def _held_out_split(root: Path, classes: tuple[str, ...], seed: int, trained_on: str | None) -> str:
    """Choose what was held out: test_dir, but all of an unsplit dataset of another source."""
    if is_table(root) and read_table(root, classes=classes).splits is not None:
        return "test_dir"
    if any((root / name).is_dir() for name in SPLITS):
        return "test_dir"
    try:
        return "test_dir" if fingerprint(read_dataset(root, seed=seed)) == trained_on else ALL
    except DatasetError:
        return ALL
