"""Audit a dataset: what hangs together, what leaks, what contradicts itself."""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import reduce
from operator import and_
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from edge_runtime.errors import printable
from edge_runtime.photo.patient import PATIENT_PATTERN
from train.audit.confounds import Confounds, SourceGuess, guess_sources, measure_confounds
from train.copies.facts import Facts
from train.copies.groups import Groups, Link, Reason, find_groups
from train.copies.progress import OnShare
from train.data.dataset import list_photos, read_dataset
from train.data.labelled import SPLITS, Dataset
from train.data.table import is_table, read_table
from train.errors import DatasetError

#: A photo whose shorter side is below this many pixels has lost the vessels.
SMALLEST_SIDE = 128

#: The split of a dataset that has none.
POOL = "all"


@dataclass(frozen=True)
class Finding:
    """A group with photos in more than one split, or copies whose labels can't all hold.

    ``names`` are those of the splits, or of the labels; ``reasons`` say what connects the photos,
    and ``links`` which of them: those that cross from one name to another, or all if none does.
    """

    group: int
    photos: tuple[Path, ...]
    names: tuple[str, ...]
    reasons: tuple[Reason, ...]
    links: tuple[Link, ...]


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
    photos, aligned with ``groups.ids``. ``leaks`` are apart in splits, ``conflicts`` in labels.
    ``confounds`` is None where there is too little to measure, ``sources`` where fewer than two
    are known.
    """

    root: Path
    photos: tuple[Path, ...]
    splits: tuple[str, ...]
    classes: tuple[str, ...]
    groups: Groups
    leaks: tuple[Finding, ...]
    conflicts: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    confounds: Confounds | None
    sources: SourceGuess | None

    @property
    def is_clean(self) -> bool:
        """Whether nothing leaks and no photo has two labels."""
        return not self.leaks and not self.conflicts

    def name(self, photo: Path) -> str:
        """Name a file by its place in the dataset, fit to be printed."""
        return printable(photo.relative_to(self.root))


def audit_dataset(
    dataset: Dataset,
    *,
    patient_pattern: str | None = PATIENT_PATTERN,
    cache: Path | None = None,
    with_confounds: bool = True,
    on_share: OnShare = lambda _label, _share: None,
) -> Audit:
    """Audit a dataset as it is split.

    Args:
        dataset: From ``read_dataset``, or from ``read_pool`` for a dataset without splits.
        patient_pattern: See ``train.data.patients``; None takes no patients from names.
        cache: Folder to keep what was read in; None keeps nothing.
        with_confounds: Whether to measure them; they take some seconds.
        on_share: Shows how far the reading, then the comparison is.
    """
    photos = dataset.photos
    groups = find_groups(photos, patient_pattern=patient_pattern, cache=cache, on_share=on_share)
    paths = tuple(photo.path for photo in photos)
    splits = tuple(split for split, some in dataset.splits.items() for _ in some)
    classes = tuple(photo.label_name(dataset.classes) for photo in photos)
    allowed = [frozenset(photo.allowed(len(dataset.classes))) for photo in photos]
    return Audit(
        root=dataset.root,
        photos=paths,
        splits=splits,
        classes=classes,
        groups=groups,
        leaks=tuple(
            _findings(paths, groups, groups.ids, splits, [frozenset({each}) for each in splits])
        ),
        conflicts=tuple(_findings(paths, groups, groups.content, classes, allowed)),
        problems=(*_problems(paths, groups), *_strangers(dataset, paths)),
        confounds=measure_confounds(photos, groups.facts, groups.ids) if with_confounds else None,
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
    return Dataset(root, dataset.classes, {POOL: tuple(sorted(dataset.photos))})


def _findings(
    photos: Sequence[Path],
    groups: Groups,
    ids: npt.NDArray[np.intp],
    names: Sequence[str],
    fitting: Sequence[Set[object]],
) -> Iterator[Finding]:
    """Find the groups, by their ``ids``, for all of whose photos no split, or no label, fits."""
    members: dict[int, list[int]] = defaultdict(list)
    for index, group in enumerate(ids.tolist()):
        members[group].append(index)
    for some in members.values():
        if reduce(and_, (fitting[i] for i in some)):
            continue
        here = {*some}
        inside = [link for link in groups.links if {link.first, link.second} <= here]
        crossing = [link for link in inside if names[link.first] != names[link.second]]
        yield Finding(
            group=int(groups.ids[some[0]]),
            photos=tuple(photos[i] for i in some),
            names=tuple(dict.fromkeys(names[i] for i in some)),
            reasons=tuple(dict.fromkeys(link.reason for link in inside)),
            links=tuple(crossing or inside),
        )


def _problems(photos: Sequence[Path], groups: Groups) -> Iterator[Problem]:
    for path, facts in zip(photos, groups.facts, strict=True):
        if not isinstance(facts, Facts):
            yield Problem(path, "unreadable", str(facts).partition(": ")[2])
            continue
        height, width = facts.size
        if min(height, width) < SMALLEST_SIDE:
            sentence = f"{width} x {height} pixels; at least {SMALLEST_SIDE} a side are needed"
            yield Problem(path, "tiny", sentence)
        if not facts.is_fundus:
            yield Problem(path, "not a fundus photo", "no lit retina was found in it; look at it")


def _strangers(dataset: Dataset, photos: Sequence[Path]) -> list[Problem]:
    """List the files in the class folders, or beside a table, that training passes over."""
    known = {*photos}
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
