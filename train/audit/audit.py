"""Audit a dataset: what hangs together, what leaks, what contradicts itself."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

from train.audit.confounds import Confounds, SourceGuess, guess_sources, measure_confounds
from train.copies.facts import Facts
from train.copies.groups import Groups, Reason, find_groups
from train.data.dataset import list_photos, read_dataset
from train.data.labelled import SPLITS, Dataset, LabelledPhoto, class_indices
from train.data.patients import PATIENT_PATTERN
from train.data.table import is_table, read_table
from train.errors import DatasetError

__all__ = ["Audit", "Conflict", "Leak", "Problem", "audit_dataset", "find_groups", "read_pool"]

_T = TypeVar("_T")

#: A photo whose shorter side is below this many pixels has lost the vessels.
SMALLEST_SIDE = 128

#: The split of a dataset that has none.
POOL = "all"


@dataclass(frozen=True)
class Leak:
    """A group with photos in more than one split, and what connects it."""

    group: int
    photos: tuple[Path, ...]
    splits: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Conflict:
    """Copies of one photo whose labels can't both hold."""

    group: int
    photos: tuple[Path, ...]
    classes: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Problem:
    """A file that can't be used or shouldn't be."""

    path: Path
    kind: Literal["unreadable", "tiny", "not a fundus photo", "not a photo", "not in the table"]
    sentence: str


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    ``photos``, ``splits`` and ``classes`` (the label's name) have an entry for each of the N
    photos, aligned with ``groups.ids``. ``confounds`` is None where there is too little to
    measure, ``sources`` where fewer than two are known.
    """

    root: Path
    photos: tuple[Path, ...]
    splits: tuple[str, ...]
    classes: tuple[str, ...]
    groups: Groups
    leaks: tuple[Leak, ...]
    conflicts: tuple[Conflict, ...]
    problems: tuple[Problem, ...]
    confounds: Confounds | None
    sources: SourceGuess | None

    @property
    def is_clean(self) -> bool:
        """Whether nothing leaks and no photo has two labels."""
        return not self.leaks and not self.conflicts


def audit_dataset(
    dataset: Dataset,
    *,
    patient_pattern: str | None = PATIENT_PATTERN,
    cache: Path | None = None,
    with_confounds: bool = True,
    on_photo: Callable[[], None] = lambda: None,
    on_share: Callable[[float], None] = lambda _: None,
) -> Audit:
    """Audit a dataset as it is split.

    Args:
        dataset: From ``read_dataset``, or from ``read_pool`` for a dataset without splits.
        patient_pattern: See ``train.data.patients``; None takes no patients from names.
        cache: Folder to keep what was read in; None keeps nothing.
        with_confounds: Whether to measure them; they take some seconds.
        on_photo: Called once after each photo that was read.
        on_share: Called with the share of the comparison that is done, 0..1.
    """
    rows = [(split, photo) for split, photos in dataset.splits.items() for photo in photos]
    photos = tuple(photo for _, photo in rows)
    paths = tuple(photo.path for photo in photos)
    groups = find_groups(
        photos, patient_pattern=patient_pattern, cache=cache, on_photo=on_photo, on_share=on_share
    )
    splits = tuple(split for split, _ in rows)
    classes = tuple(photo.label_name(dataset.classes) for photo in photos)
    read = [
        (index, each)
        for index, each in enumerate(groups.facts)
        if isinstance(each, Facts) and photos[index].label is not None
    ]
    chosen = np.array([index for index, _ in read], np.intp)
    confounds = None
    if with_confounds and read:
        confounds = measure_confounds(
            [paths[index] for index in chosen],
            [each for _, each in read],
            np.array(class_indices(photos[index] for index in chosen), np.intp),
            groups.ids[chosen],
        )
    return Audit(
        root=dataset.root,
        photos=paths,
        splits=splits,
        classes=classes,
        groups=groups,
        leaks=_leaks(paths, splits, groups),
        conflicts=_conflicts(photos, dataset.classes, groups),
        problems=(*_problems(paths, groups), *_strangers(dataset, paths)),
        confounds=confounds,
        sources=guess_sources([photo.source for photo in photos], classes),
    )


def read_pool(root: Path) -> Dataset:
    """Read a dataset; one of plain class folders, or a table without, has the one split ``POOL``.

    Raises:
        DatasetError: As ``read_dataset``.
    """
    try:
        dataset = read_dataset(root)
    except OSError as error:
        raise DatasetError(root, (error.strerror or str(error)).lower()) from error
    if read_table(root).splits is not None if is_table(root) else (root / SPLITS[0]).is_dir():
        return dataset
    pooled = sorted(
        (photo for photos in dataset.splits.values() for photo in photos),
        key=lambda photo: photo.path,
    )
    return Dataset(root, dataset.classes, {POOL: tuple(pooled)})


def _leaks(photos: tuple[Path, ...], splits: tuple[str, ...], groups: Groups) -> tuple[Leak, ...]:
    return tuple(
        Leak(group, tuple(photos[i] for i in members), found, _reasons(groups, members))
        for group, members in _members(groups.ids.tolist()).items()
        if len(found := _in_order(splits[i] for i in members)) > 1
    )


def _conflicts(
    photos: tuple[LabelledPhoto, ...], classes: tuple[str, ...], groups: Groups
) -> tuple[Conflict, ...]:
    return tuple(
        Conflict(
            int(groups.ids[members[0]]),
            tuple(photos[i].path for i in members),
            _in_order(photos[i].label_name(classes) for i in members),
            _reasons(groups, members),
        )
        for members in _members(groups.content.tolist()).values()
        if not set.intersection(*(set(photos[i].allowed(len(classes))) for i in members))
    )


def _problems(photos: tuple[Path, ...], groups: Groups) -> list[Problem]:
    problems = []
    for path, facts in zip(photos, groups.facts, strict=True):
        if not isinstance(facts, Facts):
            problems.append(Problem(path, "unreadable", str(facts).partition(": ")[2]))
            continue
        height, width = facts.size
        if min(height, width) < SMALLEST_SIDE:
            sentence = f"{width} x {height} pixels; at least {SMALLEST_SIDE} a side are needed"
            problems.append(Problem(path, "tiny", sentence))
        if not facts.is_fundus:
            sentence = "no lit retina was found in it; look at it"
            problems.append(Problem(path, "not a fundus photo", sentence))
    return problems


def _strangers(dataset: Dataset, photos: tuple[Path, ...]) -> list[Problem]:
    """List the files in the class folders, or beside a table, that training passes over."""
    known = set(photos)
    if is_table(dataset.root):
        sentence = "labels.csv doesn't name it, so training passes it over"
        found = [path for path in list_photos(dataset.root) if path not in known]
        return [Problem(path, "not in the table", sentence) for path in found]
    tops = [dataset.root / name for name in dataset.splits if name != POOL] or [dataset.root]
    sentence = "its name has no photo's ending, so training passes it over"
    return [
        Problem(path, "not a photo", sentence)
        for top in tops
        for name in dataset.classes
        for path in sorted((top / name).rglob("*"))
        if path not in known and path.name[0] != "." and path.is_file()
    ]


def _reasons(groups: Groups, members: list[int]) -> tuple[Reason, ...]:
    inside = set(members)
    return _in_order(
        link.reason for link in groups.links if link.first in inside and link.second in inside
    )


def _members(ids: list[int]) -> dict[int, list[int]]:
    members: dict[int, list[int]] = defaultdict(list)
    for index, group in enumerate(ids):
        members[group].append(index)
    return members


def _in_order(values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(values))
