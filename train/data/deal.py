"""Deal groups of photos into splits, shares kept."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from train.data.labelled import LabelledPhoto

Stratum = tuple[int, str]


def deal_groups(
    photos: Sequence[LabelledPhoto], groups: Sequence[int], shares: dict[str, float], seed: int
) -> dict[int, str]:
    """Give each group a split, so that each has its share of every class and source.

    Larger groups are drawn with the room that is left as the chance, so that copies come in every
    split as often as its share; single photos then fill what is missing. Photos of which only the
    class that they aren't is known count as a class of their own.

    Args:
        photos: N photos.
        groups: Of each.
        shares: Of each split, above 0; their sum is 1.
        seed: The same seed and photos give the same splits.
    """
    contents: dict[int, Counter[Stratum]] = defaultdict(Counter)
    for stratum, group in zip(_strata(photos, min(shares.values())), groups, strict=True):
        contents[group][stratum] += 1
    totals = sum(contents.values(), Counter[Stratum]())
    room = {
        split: {stratum: share * count for stratum, count in totals.items()}
        for split, share in shares.items()
    }
    generator = random.Random(seed)
    order = sorted(contents)
    generator.shuffle(order)
    order.sort(key=lambda group: contents[group].total() == 1)
    chosen: dict[int, str] = {}
    for group in order:
        content = contents[group]
        names = list(shares)
        left = [
            min(room[split][stratum] - count for stratum, count in content.items())
            for split in names
        ]
        if content.total() > 1 and max(left) > 0:
            weights = [max(0.0, each) for each in left]
            split = generator.choices(names, weights)[0]
        else:
            split = names[int(np.argmax(left))]
        chosen[group] = split
        for stratum, count in content.items():
            room[split][stratum] -= count
    _fill_empty(chosen, photos, groups, list(shares))
    return chosen


def _strata(photos: Sequence[LabelledPhoto], share: float) -> list[Stratum]:
    """Number each photo's class, and name its source where that has enough photos to be dealt."""
    labels = [_label(photo) for photo in photos]
    counts = Counter(zip(labels, (photo.source for photo in photos), strict=True))
    return [
        (label, photo.source if counts[label, photo.source] * share >= 1 else "")
        for label, photo in zip(labels, photos, strict=True)
    ]


def _label(photo: LabelledPhoto) -> int:
    return photo.label if photo.label is not None else -1 - (photo.excluded or 0)


def _fill_empty(
    chosen: dict[int, str],
    photos: Sequence[LabelledPhoto],
    groups: Sequence[int],
    splits: Sequence[str],
) -> None:
    """Move the smallest group there is into each split that has none of a class."""
    contents: dict[int, Counter[int]] = defaultdict(Counter)
    for photo, group in zip(photos, groups, strict=True):
        contents[group][_label(photo)] += 1
    for label in sorted({_label(photo) for photo in photos}):
        for split in splits:
            holders: dict[str, list[int]] = {name: [] for name in splits}
            for group in sorted(chosen):
                if contents[group][label]:
                    holders[chosen[group]].append(group)
            spare = [group for held in holders.values() if len(held) > 1 for group in held]
            if not holders[split] and spare:
                smallest = min(spare, key=lambda group: (contents[group].total(), group))
                chosen[smallest] = split
