"""Split a dataset so that no group of photos straddles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scipy.cluster.hierarchy import DisjointSet

from edge_runtime.photo.patient import PATIENT_PATTERN
from train.audit.audit import POOL, Audit, Problem, audit_dataset
from train.copies.facts import Facts
from train.copies.groups import component_ids
from train.copies.progress import OnShare
from train.data.deal import SHARE, deal_groups
from train.data.labelled import Dataset, LabelledPhoto
from train.errors import DatasetError


@dataclass(frozen=True)
class DatasetSplit:
    """A split: each photo's place, and the photos that have none.

    ``photos``, ``classes`` (the label's name), ``splits`` and ``groups`` have an entry for each
    photo that is in; ``doubtful`` names those among them that hardly belong there, and
    ``unknown_patients`` counts those of which no patient is known. ``left_out`` says why each of
    the others isn't in.
    """

    root: Path
    photos: tuple[Path, ...]
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    groups: tuple[int, ...]
    left_out: Mapping[Path, str]
    doubtful: tuple[Problem, ...]
    unknown_patients: int


def split_dataset(
    dataset: Dataset,
    *,
    val_share: float = SHARE,
    test_share: float = SHARE,
    seed: int = 0,
    patient_pattern: str | None = PATIENT_PATTERN,
    cache: Path | None = None,
    on_share: OnShare = lambda _label, _share: None,
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
        on_share: Shows how far the reading, then the comparison is.

    Raises:
        DatasetError: A class has too few groups to be in every split.
    """
    pool = tuple(sorted(dataset.photos))
    together = DisjointSet(photo.path for photo in pool)
    left_out: dict[Path, str] = {}
    while True:
        kept = tuple(photo for photo in pool if photo.path not in left_out)
        audit = audit_dataset(
            replace(dataset, splits={POOL: kept}),
            patient_pattern=patient_pattern,
            cache=cache,
            with_confounds=False,
            on_share=on_share,
        )
        for link in audit.groups.links:
            together.merge(audit.photos[link.first], audit.photos[link.second])
        more = _unusable(audit)
        if not more:
            break
        left_out |= more
    ids = dict(zip(together, component_ids(together).tolist(), strict=True))
    groups = [ids[path] for path in audit.photos]
    _check(dataset, kept, groups, splits=3 if test_share else 2)
    return DatasetSplit(
        root=dataset.root,
        photos=audit.photos,
        classes=audit.classes,
        splits=deal_groups(kept, groups, val_share=val_share, test_share=test_share, seed=seed),
        groups=tuple(groups),
        left_out=dict(sorted(left_out.items())),
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
        labels = " and ".join(conflict.names)
        unusable |= dict.fromkeys(conflict.photos, f"one photo under two labels: {labels}")
    return unusable


def _check(
    dataset: Dataset, photos: Sequence[LabelledPhoto], groups: Sequence[int], *, splits: int
) -> None:
    for label, name in enumerate(dataset.classes):
        of_class = {g for g, photo in zip(groups, photos, strict=True) if photo.label == label}
        if len(of_class) < splits:
            raise DatasetError(
                dataset.root,
                f"the class {name} has {len(of_class)} independent group(s) of photos, too few "
                f"for {splits} splits",
            )
