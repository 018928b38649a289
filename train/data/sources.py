"""What each source of a dataset holds, as the loss and the sampling need it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from train.data.labelled import LabelledPhoto

#: The indices of the classes that each source holds, by its name; photos without one have "".
Held = Mapping[str, frozenset[int]]


def classes_held(photos: Sequence[LabelledPhoto], classes: int) -> Held:
    """Say which classes each source holds: all that the label of any of its photos allows.

    Args:
        photos: The training photos.
        classes: Number of classes.
    """
    held: dict[str, frozenset[int]] = defaultdict(frozenset)
    for photo in photos:
        held[photo.source] |= frozenset(photo.allowed(classes))
    return held


def source_labels(
    photos: Sequence[LabelledPhoto], classes: int, held: Held
) -> npt.NDArray[np.float32]:
    """Make the labels of ``train.network.source_loss``.

    A photo without a source is compared with all classes. So that its own is among them, a photo
    of a class that its source has in no training photo adds that class for itself; one of a
    source that no training photo has is compared with what the photos given have of it.

    Args:
        photos: N photos.
        classes: Number of classes C.
        held: ``classes_held`` of the training photos.

    Returns:
        float32 (N, 2C) of 0 and 1.
    """
    held = {**classes_held(photos, classes), **held}
    labels = np.zeros((len(photos), 2, classes), np.float32)
    for row, photo in zip(labels, photos, strict=True):
        allowed = photo.allowed(classes)
        row[0, list(allowed)] = 1
        row[1, list(held[photo.source].union(allowed)) if photo.source else slice(None)] = 1
    return labels.reshape(len(photos), 2 * classes)


def cell_numbers(photos: Sequence[LabelledPhoto], classes: int) -> npt.NDArray[np.intp]:
    """Number the cells, each the photos of one source and one label.

    Returns:
        (N,), from 0 on.
    """
    keys = [(photo.source, photo.allowed(classes)) for photo in photos]
    numbers = {key: number for number, key in enumerate(sorted(set(keys)))}
    return np.array([numbers[key] for key in keys], np.intp)


def named(held: Held) -> tuple[str, ...]:
    """List the sources that have a name, sorted."""
    return tuple(sorted(name for name in held if name))


def describe_sources(names: Sequence[str], held: Held) -> dict[str, list[str]]:
    """List the classes, of these names, that each source with a name holds."""
    return {source: [names[at] for at in sorted(held[source])] for source in named(held)}


def warnings(photos: Sequence[LabelledPhoto], names: Sequence[str], held: Held) -> list[str]:
    """Say of each source in which no photo is compared with another class that it is so.

    Args:
        photos: The training photos.
        names: The classes' names.
        held: ``classes_held`` of these photos.

    Returns:
        A sentence for each such source.
    """
    compared = {
        photo.source
        for photo in photos
        if held[photo.source] != frozenset(photo.allowed(len(names)))
    }
    return [
        f"source {source} has photos of one label alone "
        f"({' or '.join(names[each] for each in sorted(held[source]))}): they teach nothing within "
        "it, only by --whole-share"
        for source in named(held)
        if source not in compared
    ]
