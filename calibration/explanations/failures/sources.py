"""Test whether the source of a photo tells a wrong prediction."""

from collections import Counter

import numpy as np

from calibration.explanations.estimate import estimate
from calibration.explanations.explained import Explained
from calibration.explanations.failures.contrast import Draws
from calibration.explanations.failures.exchange import (
    Doubles,
    Numbers,
    exchangeable,
    exchanged,
    expected,
)
from calibration.explanations.failures.record import OfSource, Sources
from train.metrics.intervals import Bootstrap

_NOT_KNOWN = "not known"
_ROUNDING = 1e-9


def source_numbers(explained: Explained) -> tuple[list[str], Numbers]:
    """Name the sources, and give the number of each photo's, (N,)."""
    named = [photo.source or _NOT_KNOWN for photo in explained.photos]
    names = sorted(set(named))
    return names, np.array([names.index(name) for name in named], np.intp)


def compare_sources(kept: Explained, draws: Draws) -> Sources:
    """Compare how often predictions are wrong in each source with what their classes make expect.

    The statistic is Pearson's chi-squared of the wrong ones by source, against the share of each
    predicted class; its p-value is by exchanges of persons.

    Args:
        kept: Photos; those of which nobody knows whether the prediction is right don't count.
        draws: How many.
    """
    found = kept.taken(kept.right | kept.wrong)
    names, numbers = source_numbers(found)
    wrong, top, groups = found.wrong, found.top, found.groups
    by_class = np.zeros(len(found.photos))
    for label in np.unique(top):
        by_class[top == label] = wrong[top == label].mean()
    bootstrap = Bootstrap(draws.resamples, draws.seed)
    of = {}
    for number, name in enumerate(names):
        here = numbers == number
        labels = Counter(
            photo.label or f"not {photo.excluded}" for photo in found.taken(here).photos
        )
        of[name] = OfSource(
            photos=int(here.sum()),
            persons=len(np.unique(groups[here])),
            wrong=estimate(wrong[here], groups[here], bootstrap=bootstrap, is_share=True),
            by_class=float(by_class[here].mean()),
            labels=dict(sorted(labels.items())),
        )
    if len(names) < 2:
        return Sources(of, None, "there is but one source")
    alike = exchangeable(top, groups)
    if np.array_equal(expected(wrong, alike), wrong):
        return Sources(of, None, "no two persons have as many photos in these classes")
    here = np.eye(len(names))[numbers]
    by_chance = by_class @ here

    def apart(outcomes: Doubles) -> Doubles:
        off = outcomes @ here - by_chance
        return np.asarray((off**2 / np.maximum(by_chance, _ROUNDING)).sum(axis=1))

    (own,) = apart(wrong[None].astype(np.float64))
    beyond = sum(
        int((apart(drawn.astype(np.float64)) >= own - _ROUNDING).sum())
        for drawn in exchanged(wrong, alike, permutations=draws.permutations, seed=draws.seed)
    )
    return Sources(of, (beyond + 1) / (draws.permutations + 1), None)
