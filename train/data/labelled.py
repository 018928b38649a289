"""What is known of a photo, and of a dataset of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

SPLITS = ("train_dir", "val_dir", "test_dir")

#: Before a class: any class but that.
NOT = "!"


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo file, what is known of its class, and where it comes from.

    ``label`` is the index of its class, or None where only the class that it isn't is known: that
    one's index is then ``excluded``. ``source`` is the collection that it comes from, whose own
    names ``camera`` and ``patient`` are; empty where nothing tells. ``weight`` is its weight in
    the training's loss, 1 as a rule.
    """

    path: Path
    label: int | None
    excluded: int | None = None
    source: str = ""
    camera: str = ""
    patient: str = ""
    weight: float = 1.0

    def allowed(self, classes: int) -> tuple[int, ...]:
        """List the indices of the classes, of ``classes`` in all, that it can be of."""
        if self.label is not None:
            return (self.label,)
        return tuple(index for index in range(classes) if index != self.excluded)

    def label_name(self, classes: Sequence[str]) -> str:
        """Name its class, or, where only that is known, the class that it isn't: ``!glaucoma``."""
        if self.label is not None:
            return classes[self.label]
        return NOT + classes[self.excluded or 0]

    def __lt__(self, other: "LabelledPhoto") -> bool:
        """Sort by path."""
        return self.path < other.path


@dataclass(frozen=True)
class Dataset:
    """A dataset as it was found.

    ``classes`` are the classes' names, sorted; ``splits`` has the keys of ``SPLITS`` that exist,
    each with its photos sorted.
    """

    root: Path
    classes: tuple[str, ...]
    splits: Mapping[str, tuple[LabelledPhoto, ...]]

    @property
    def photos(self) -> tuple[LabelledPhoto, ...]:
        """The photos of all splits, one split after the other."""
        return tuple(chain.from_iterable(self.splits.values()))


def with_class(photos: Iterable[LabelledPhoto]) -> tuple[LabelledPhoto, ...]:
    """Leave out the photos of which only the class that they aren't is known."""
    return tuple(photo for photo in photos if photo.label is not None)


def class_indices(photos: Iterable[LabelledPhoto]) -> list[int]:
    """List the class of each photo of ``with_class``."""
    return [photo.label for photo in photos if photo.label is not None]
