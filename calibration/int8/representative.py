"""Choose the photos that set the ranges of a quantised model."""

import math
import random
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

from train.copies.facts import Facts
from train.copies.groups import find_groups
from train.data.dataset import Dataset, LabelledPhoto
from train.errors import DatasetError

Source = tuple[str, str, int, float]


@dataclass(frozen=True)
class Representative:
    """The photos, class by class, and the SHA-256 of each one's file."""

    photos: tuple[LabelledPhoto, ...]
    digests: tuple[str, ...]


def representative_set(
    dataset: Dataset, *, photos: int, seed: int, cache: Path | None = None
) -> Representative:
    """Choose training photos, each class and within it each source as often as there are to be had.

    Photos of which only the class that they aren't is known count as a class of their own. Where
    no source was given it can only be guessed: photos with the same ending, nearly the same shape
    and a size of the same power of two. Of each group of copies and patients
    (``train.copies.groups``) one photo is taken; others only once a class has no more groups. Of a
    group that reaches into another split, photos of ``train_dir`` are taken last of all, and of
    another split none ever.

    Args:
        dataset: From ``read_dataset``.
        photos: How many in all; fewer are returned where a class has fewer than its share.
        seed: The same seed chooses the same photos.
        cache: Folder to keep in what was read of the photos; None keeps nothing.

    Raises:
        DatasetError: No photo of ``train_dir`` can be read.
    """
    rows = [(split, photo) for split, found in dataset.splits.items() for photo in found]
    groups = find_groups([photo for _, photo in rows], cache=cache)
    elsewhere = {
        group for (split, _), group in zip(rows, groups.ids, strict=True) if split != "train_dir"
    }
    generator = random.Random(seed)
    labels = [*dataset.classes, *sorted(_names(dataset) - set(dataset.classes))]
    share, rest = divmod(photos, len(labels))
    chosen: list[int] = []
    for place, label in enumerate(labels):
        by_source: dict[Source, list[int]] = defaultdict(list)
        for index, (split, photo) in enumerate(rows):
            facts = groups.facts[index]
            is_of_label = split == "train_dir" and photo.label_name(dataset.classes) == label
            if is_of_label and isinstance(facts, Facts):
                by_source[_source(photo, facts)].append(index)
        for members in by_source.values():
            generator.shuffle(members)
        # The sources in turn; behind them what repeats a group, and behind that what leaks.
        turns = zip_longest(*(by_source[source] for source in sorted(by_source)))
        order = [index for index in chain.from_iterable(turns) if index is not None]
        first = {groups.ids[index]: index for index in reversed(order)}
        order.sort(
            key=lambda index: (
                groups.ids[index] in elsewhere,
                first[groups.ids[index]] != index,
            )
        )
        chosen += order[: share + (place < rest)]
    if not chosen:
        raise DatasetError(dataset.root, "train_dir/ has no photo that can be read")
    return Representative(
        tuple(rows[index][1] for index in chosen),
        tuple(found.digest for index in chosen if isinstance(found := groups.facts[index], Facts)),
    )


def _names(dataset: Dataset) -> set[str]:
    return {photo.label_name(dataset.classes) for photo in dataset.splits.get("train_dir", ())}


def _source(photo: LabelledPhoto, facts: Facts) -> Source:
    if photo.source:
        return photo.source, "", 0, 0.0
    height, width = facts.size
    octave = round(math.log2(max(height, width)))
    return "", photo.path.suffix.lower(), octave, round(width / height, 1)
