"""Split a dataset so that no group of photos straddles."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from train.audit import Audit, Problem, audit_dataset
from train.components import Components
from train.dataset import SPLITS, Dataset, LabelledPhoto
from train.errors import DatasetError
from train.facts import Facts
from train.patients import PATIENT_PATTERN


@dataclass(frozen=True)
class LeftOut:
    """A photo that the split doesn't take, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Split:
    """A split: each photo's place, and the photos that have none.

    ``photos``, ``classes``, ``splits`` and ``groups`` have an entry for each photo that is in;
    ``doubtful`` names those among them that hardly belong there.
    """

    root: Path
    photos: tuple[Path, ...]
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    groups: tuple[int, ...]
    left_out: tuple[LeftOut, ...]
    doubtful: tuple[Problem, ...]


def split_dataset(
    dataset: Dataset,
    *,
    val_share: float = 0.1,
    test_share: float = 0.1,
    seed: int = 0,
    patient_pattern: str | None = PATIENT_PATTERN,
    cache: Path | None = None,
    on_photo: Callable[[], None] = lambda: None,
    on_share: Callable[[float], None] = lambda _: None,
) -> Split:
    """Pool a dataset's photos and split them anew, group by group, class shares kept.

    Photos that can't be read and photos under two labels are left out. What is left is grouped
    once more, since fewer photos can be grouped otherwise: both groupings hold.

    Args:
        dataset: From ``read_pool``; how it was split doesn't count.
        val_share: Share of each class's photos that is wished for val_dir, above 0.
        test_share: Likewise for test_dir; 0 makes none.
        seed: The same seed and photos give the same split.
        patient_pattern: See ``train.patients``; None looks for no patients.
        cache: Folder to keep what was read in; None keeps nothing.
        on_photo: Called once after each photo that was read.
        on_share: Called with the share of the comparison that is done, 0..1.

    Raises:
        DatasetError: A class has too few groups to be in every split.
    """
    pool = tuple(
        sorted((photo for some in dataset.splits.values() for photo in some), key=lambda p: p.path)
    )
    place = {photo.path: index for index, photo in enumerate(pool)}
    together = Components(len(pool))
    left_out: dict[Path, str] = {}
    while True:
        kept = tuple(photo for photo in pool if photo.path not in left_out)
        audit = audit_dataset(
            Dataset(dataset.root, dataset.classes, {"all": kept}),
            patient_pattern=patient_pattern,
            cache=cache,
            with_confounds=False,
            on_photo=on_photo,
            on_share=on_share,
        )
        for link in audit.groups.links:
            together.join(place[kept[link.first].path], place[kept[link.second].path])
        more = _unusable(audit)
        if not more:
            break
        left_out |= more
    ids = together.ids()
    groups = [int(ids[place[photo.path]]) for photo in kept]
    wishes = {SPLITS[0]: 1 - val_share - test_share, SPLITS[1]: val_share, SPLITS[2]: test_share}
    shares = {name: share for name, share in wishes.items() if share > 0}
    _check(dataset, kept, groups, len(shares))
    chosen = _assign(kept, groups, shares, seed)
    return Split(
        root=dataset.root,
        photos=tuple(photo.path for photo in kept),
        classes=tuple(dataset.classes[photo.label] for photo in kept),
        splits=tuple(chosen[group] for group in groups),
        groups=tuple(groups),
        left_out=tuple(LeftOut(path, why) for path, why in sorted(left_out.items())),
        doubtful=tuple(
            each for each in audit.problems if each.kind in ("tiny", "not a fundus photo")
        ),
    )


def _unusable(audit: Audit) -> dict[Path, str]:
    unusable = {
        path: "unreadable: " + str(facts).partition(": ")[2]
        for path, facts in zip(audit.photos, audit.groups.facts, strict=True)
        if not isinstance(facts, Facts)
    }
    for conflict in audit.conflicts:
        labels = " and ".join(conflict.classes)
        unusable |= dict.fromkeys(conflict.photos, f"one photo under two labels: {labels}")
    return unusable


def _check(
    dataset: Dataset, photos: Sequence[LabelledPhoto], groups: Sequence[int], splits: int
) -> None:
    for label, name in enumerate(dataset.classes):
        of_class = {g for g, photo in zip(groups, photos, strict=True) if photo.label == label}
        if len(of_class) < splits:
            raise DatasetError(
                dataset.root,
                f"the class {name} has {len(of_class)} independent group(s) of photos, too few "
                f"for {splits} splits",
            )


def _assign(
    photos: Sequence[LabelledPhoto], groups: Sequence[int], shares: dict[str, float], seed: int
) -> dict[int, str]:
    """Give each group a split.

    Larger groups are drawn with the room that is left as the chance, so that copies come in every
    split as often as its share; single photos then fill what is missing.
    """
    contents: dict[int, Counter[int]] = defaultdict(Counter)
    for photo, group in zip(photos, groups, strict=True):
        contents[group][photo.label] += 1
    totals = Counter(photo.label for photo in photos)
    room = {
        split: {label: share * count for label, count in totals.items()}
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
            min(room[split][label] - count for label, count in content.items()) for split in names
        ]
        if content.total() > 1 and max(left) > 0:
            weights = [max(0.0, each) for each in left]
            split = generator.choices(names, weights)[0]
        else:
            split = names[int(np.argmax(left))]
        chosen[group] = split
        for label, count in content.items():
            room[split][label] -= count
    _fill_empty(chosen, contents, list(shares), list(totals))
    return chosen


def _fill_empty(
    chosen: dict[int, str],
    contents: dict[int, Counter[int]],
    splits: Sequence[str],
    labels: Sequence[int],
) -> None:
    """Move the smallest group there is into each split that has none of a class."""
    for label in sorted(labels):
        for split in splits:
            holders: dict[str, list[int]] = {name: [] for name in splits}
            for group in sorted(chosen):
                if contents[group][label]:
                    holders[chosen[group]].append(group)
            spare = [group for held in holders.values() if len(held) > 1 for group in held]
            if not holders[split] and spare:
                smallest = min(spare, key=lambda group: (contents[group].total(), group))
                chosen[smallest] = split
