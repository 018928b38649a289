"""Measure how well the class can be told without looking at the eye, and the source from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats.contingency import crosstab
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from train.copies.facts import Facts
from train.data.labelled import LabelledPhoto, class_indices

ALL = "all of these"


@dataclass(frozen=True)
class Confounds:
    """The accuracy, 0..1, of guessing the class from what isn't the eye.

    ``majority`` is the accuracy of always naming the most frequent class; ``accuracy`` has an
    entry for each family of features and for ``ALL`` together.
    """

    photos: int
    folds: int
    majority: float
    accuracy: dict[str, float]


def measure_confounds(
    photos: Sequence[LabelledPhoto], facts: Sequence[object], groups: npt.NDArray[np.integer]
) -> Confounds | None:
    """Cross-validate a small classifier on file and frame features, group by group.

    Args:
        photos: N photos; those without a class are left out.
        facts: The ``Facts`` of each, or what stands in the place of those that can't be read.
        groups: int (N,); a group is never in two folds.

    Returns:
        None where a class has fewer than two groups: there is nothing to hold out.
    """
    known = [
        (index, photo.path, each)
        for index, (photo, each) in enumerate(zip(photos, facts, strict=True))
        if photo.label is not None and isinstance(each, Facts)
    ]
    chosen = [index for index, _, _ in known]
    groups, labels = groups[chosen], np.array(class_indices(photos[index] for index in chosen))
    kinds = np.unique(labels)
    per_class = [len(np.unique(groups[labels == kind])) for kind in kinds]
    folds = min(5, *per_class) if len(kinds) > 1 else 0
    if folds < 2:
        return None
    families = _families([(path, each) for _, path, each in known])
    families[ALL] = np.hstack(list(families.values()))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    cuts = list(splitter.split(labels, labels, groups))
    accuracy = {}
    for name, features in families.items():
        trees = ExtraTreesClassifier(100, min_samples_leaf=3, random_state=0)
        guessed = cross_val_predict(trees, features, labels, cv=cuts)
        accuracy[name] = float((guessed == labels).mean())
    majority = float(np.bincount(labels).max() / len(labels))
    return Confounds(len(labels), folds, majority, accuracy)


@dataclass(frozen=True)
class SourceGuess:
    """How well source and class tell each other, as shares of the photos, 0..1.

    ``source`` is right where the most frequent source of each class is named,
    ``source_majority`` where the most frequent of all is; ``label`` and ``label_majority``
    likewise for the most frequent label of each source. ``sources`` counts photos by source.
    """

    sources: dict[str, int]
    source: float
    source_majority: float
    label: float
    label_majority: float


def guess_sources(sources: Sequence[str], labels: Sequence[str]) -> SourceGuess | None:
    """Guess the source from the label, and the label from the source, as well as counts can.

    A label of the kind ``!glaucoma`` counts as one of its own. Photos without a source are left
    out.

    Args:
        sources: Of N photos.
        labels: Of each, by name.

    Returns:
        None where fewer than two sources are known.
    """
    known = [pair for pair in zip(sources, labels, strict=True) if pair[0]]
    if len({source for source, _ in known}) < 2:
        return None
    (names, _), counts = crosstab(*zip(*known, strict=True))
    total = len(known)
    return SourceGuess(
        sources=dict(zip(names.tolist(), counts.sum(axis=1).tolist(), strict=True)),
        source=int(counts.max(axis=0).sum()) / total,
        source_majority=int(counts.sum(axis=1).max()) / total,
        label=int(counts.max(axis=1).sum()) / total,
        label_majority=int(counts.sum(axis=0).max()) / total,
    )


def _families(rows: Sequence[tuple[Path, Facts]]) -> dict[str, npt.NDArray[np.float64]]:
    facts = [each for _, each in rows]
    endings = np.array([path.suffix.lower() for path, _ in rows])
    sizes = np.array([(each.size_bytes, *each.size) for each in facts], np.float64)
    return {
        "size": np.log(np.maximum(sizes, 1)),
        "file type": endings[:, None] == np.unique(endings),
        "aspect ratio": (sizes[:, 2] / sizes[:, 1])[:, None],
        "border": np.array([(*each.border_colour, each.dark_share) for each in facts]),
        "mean colour": np.array([each.field_colour for each in facts]),
    }
