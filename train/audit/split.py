"""Split a dataset so that no group of photos straddles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.cluster.hierarchy import DisjointSet

from train.audit.audit import Audit, Problem, audit_dataset
from train.copies.components import component_ids
from train.copies.facts import Facts
from train.data.deal import deal_groups
from train.data.labelled import SPLITS, Dataset, LabelledPhoto
from train.data.patients import PATIENT_PATTERN
from train.errors import DatasetError


@dataclass(frozen=True)
class LeftOut:
    """A photo that the split doesn't take, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class DatasetSplit:
    """A split: each photo's place, and the photos that have none.

    ``photos``, ``classes`` (the label's name), ``splits`` and ``groups`` have an entry for each
    photo that is in; ``doubtful`` names those among them that hardly belong there, and
    ``unknown_patients`` counts those of which no patient is known.
    """

    root: Path
    photos: tuple[Path, ...]
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    groups: tuple[int, ...]
    left_out: tuple[LeftOut, ...]
    doubtful: tuple[Problem, ...]
    unknown_patients: int


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
) -> DatasetSplit:
    """Pool a dataset's photos and split them anew, group by group, class and source shares kept.

    Photos that can't be read and photos under two labels are left out. What is left is grouped
    once more, since fewer photos can be grouped otherwise: both groupings hold.

    Args:
        dataset: From ``read_pool``; how it was split doesn't count.
        val_share: Share of each class's photos that is wished for val_dir, above 0.
        test_share: Likewise for test_dir; 0 makes none.
        seed: The same seed and photos give the same split.
        patient_pattern: See ``train.data.patients``; None takes no patients from names.
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
    together = DisjointSet(range(len(pool)))
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
            together.merge(place[kept[link.first].path], place[kept[link.second].path])
        more = _unusable(audit)
        if not more:
            break
        left_out |= more
    ids = component_ids(together)
    groups = [int(ids[place[photo.path]]) for photo in kept]
    wishes = {SPLITS[0]: 1 - val_share - test_share, SPLITS[1]: val_share, SPLITS[2]: test_share}
    shares = {name: share for name, share in wishes.items() if share > 0}
    _check(dataset, kept, groups, len(shares))
    chosen = deal_groups(kept, groups, shares, seed)
    return DatasetSplit(
        root=dataset.root,
        photos=tuple(photo.path for photo in kept),
        classes=tuple(photo.label_name(dataset.classes) for photo in kept),
        splits=tuple(chosen[group] for group in groups),
        groups=tuple(groups),
        left_out=tuple(LeftOut(path, why) for path, why in sorted(left_out.items())),
        doubtful=tuple(
            each for each in audit.problems if each.kind in ("tiny", "not a fundus photo")
        ),
        unknown_patients=audit.groups.unknown_patients,
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
