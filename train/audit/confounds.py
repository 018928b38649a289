"""Measure how well the class can be told without looking at the eye, and the source from it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from train.copies.facts import Facts

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
    photos: Sequence[Path],
    facts: Sequence[Facts],
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.integer],
) -> Confounds | None:
    """Cross-validate a small classifier on file and frame features, group by group.

    Args:
        photos: N files.
        facts: Of each.
        labels: int (N,), the classes.
        groups: int (N,); a group is never in two folds.

    Returns:
        None where a class has fewer than two groups: there is nothing to hold out.
    """
    kinds = np.unique(labels)
    per_class = [len(np.unique(groups[labels == kind])) for kind in kinds]
    folds = min(5, *per_class) if len(kinds) > 1 else 0
    if folds < 2:
        return None
    families = _families(photos, facts)
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
    pairs = Counter(pair for pair in zip(sources, labels, strict=True) if pair[0])
    by_source, by_label = Counter[str](), Counter[str]()
    in_source, in_label = Counter[str](), Counter[str]()
    for (source, label), count in pairs.items():
        by_source[source] += count
        by_label[label] += count
        in_source[source] = max(in_source[source], count)
        in_label[label] = max(in_label[label], count)
    if len(by_source) < 2:
        return None
    total = pairs.total()
    return SourceGuess(
        sources=dict(sorted(by_source.items())),
        source=in_label.total() / total,
        source_majority=max(by_source.values()) / total,
        label=in_source.total() / total,
        label_majority=max(by_label.values()) / total,
    )


def _families(photos: Sequence[Path], facts: Sequence[Facts]) -> dict[str, npt.NDArray[np.float64]]:
    endings = sorted({path.suffix.lower() for path in photos})
    sizes = np.array([(each.size_bytes, *each.size) for each in facts], np.float64)
    return {
        "size": np.log(np.maximum(sizes, 1)),
        "file type": np.array([[path.suffix.lower() == end for end in endings] for path in photos]),
        "aspect ratio": (sizes[:, 2] / sizes[:, 1])[:, None],
        "border": np.array([(*each.border_colour, each.dark_share) for each in facts]),
        "mean colour": np.array([each.field_colour for each in facts]),
    }
