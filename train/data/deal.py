"""Deal groups of photos into splits, shares kept."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby

from edge_runtime.photo.patient import patient_of
from train.data.labelled import SPLITS, LabelledPhoto, class_indices

#: The share of ``val_dir``, and of ``test_dir``, in a dataset that came without splits.
SHARE = 0.1

Stratum = tuple[int, str]


def deal_groups(
    photos: Sequence[LabelledPhoto],
    groups: Sequence[int],
    *,
    val_share: float = SHARE,
    test_share: float = SHARE,
    seed: int,
) -> tuple[str, ...]:
    """Give each group a split, so that each has its share of every class and source.

    Larger groups are drawn with the room that is left as the chance, so that copies come in every
    split as often as its share; single photos then fill what is missing. Photos of which only the
    class that they aren't is known count as a class of their own.

    Args:
        photos: N photos.
        groups: Of each.
        val_share: Share of ``val_dir``.
        test_share: Share of ``test_dir``. The rest is that of ``train_dir``; what has none is left
            out.
        seed: The same seed and photos give the same splits.

    Returns:
        One of ``SPLITS`` for each photo.
    """
    wished = zip(SPLITS, (1 - val_share - test_share, val_share, test_share), strict=True)
    shares = {name: share for name, share in wished if share > 0}
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
        left = {
            split: min(some[stratum] - count for stratum, count in content.items())
            for split, some in room.items()
        }
        if content.total() > 1 and max(left.values()) > 0:
            weights = [max(0.0, each) for each in left.values()]
            split = generator.choices(list(left), weights)[0]
        else:
            split = max(left, key=lambda split: left[split])
        chosen[group] = split
        for stratum, count in content.items():
            room[split][stratum] -= count
    _fill_empty(chosen, contents, list(shares))
    return tuple(chosen[group] for group in groups)


def deal_people(photos: Sequence[LabelledPhoto], *, seed: int) -> tuple[str, ...]:
    """Give the people of each class their splits, by the names of the files alone.

    Args:
        photos: N photos whose class is known.
        seed: The same seed and photos give the same splits.

    Returns:
        One of ``SPLITS`` for each photo.
    """
    people = [
        (label, patient_of(photo.path) or photo.path.stem)
        for label, photo in zip(class_indices(photos), photos, strict=True)
    ]
    places: dict[tuple[int, str], str] = {}
    generator = random.Random(seed)
    for _, same in groupby(sorted(set(people)), key=lambda person: person[0]):
        of_class = list(same)
        generator.shuffle(of_class)
        count = round(len(of_class) * SHARE)
        dealt = [SPLITS[1]] * max(1, count) + [SPLITS[2]] * count + [SPLITS[0]] * len(of_class)
        places |= zip(of_class, dealt, strict=False)
    return tuple(places[person] for person in people)


def _strata(photos: Sequence[LabelledPhoto], share: float) -> list[Stratum]:
    """Number each photo's class, and name its source where that has enough photos to be dealt."""
    strata = [(_label(photo), photo.source) for photo in photos]
    counts = Counter(strata)
    return [each if counts[each] * share >= 1 else (each[0], "") for each in strata]


def _label(photo: LabelledPhoto) -> int:
    return photo.label if photo.label is not None else -1 - (photo.excluded or 0)


def _fill_empty(
    chosen: dict[int, str], contents: Mapping[int, Counter[Stratum]], splits: Sequence[str]
) -> None:
    """Move the smallest group there is into each split that has none of a class."""
    for label in sorted({label for content in contents.values() for label, _ in content}):
        holders = [group for group in contents if label in {each for each, _ in contents[group]}]
        for split in splits:
            held = Counter(chosen[group] for group in holders)
            spare = [group for group in holders if held[chosen[group]] > 1]
            if not held[split] and spare:
                chosen[min(spare, key=lambda group: (contents[group].total(), group))] = split
