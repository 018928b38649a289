"""Turn judged maps into figures with intervals."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from calibration.explanations.estimate import Estimate, against_chance, estimates
from calibration.explanations.lesions.judged import CONTROLS, LEVELS, MODEL, NAMED, Judged
from calibration.explanations.lesions.marked_eyes import MarkedEye
from calibration.explanations.lesions.marked_photos import DISC
from calibration.explanations.lesions.masks import TARGETS
from calibration.explanations.lesions.measures import MEASURES, Doubles
from calibration.explanations.lesions.record import Marked, Measures, OnMarks, PhotoRow, Trends
from train.metrics.intervals import (
    Bootstrap,
    figure_interval,
    resample_groups,
    resampled_weights,
)

Groups = npt.NDArray[np.integer]

_FEWEST = 3  # photos, below which an order means nothing


def right_ones(eyes: Sequence[MarkedEye], named: int) -> Doubles:
    """Say of each eye whether the named class is predicted: 1 or 0; NaN without a marked lesion."""
    return np.array([float(eye.top == named) if eye.is_ill else np.nan for eye in eyes])


def marked_of(
    judged: Judged, eyes: Sequence[MarkedEye], groups: Groups, bootstrap: Bootstrap
) -> dict[str, Marked]:
    """Say how much is marked, by the names of ``TARGETS`` that are in any photo."""
    area = np.where(judged.area > 0, judged.area, np.nan)
    spots = np.where(judged.area > 0, [eye.marks.spots for eye in eyes], np.nan)
    areas, counts = (estimates(each, groups, bootstrap=bootstrap) for each in (area, spots))
    return {
        name: Marked(areas[at].photos, areas[at], counts[at])
        for at, name in enumerate(TARGETS)
        if areas[at].photos
    }


def on_marks(
    judged: Judged,
    explained: str,
    right: Doubles,
    groups: Groups,
    bootstrap: Bootstrap,
    *,
    told: Mapping[tuple[str, str], Doubles],
) -> dict[str, dict[str, OnMarks]]:
    """Summarise the maps of one explained class, by level and by kind of mark.

    Args:
        judged: From ``judge_eyes``.
        explained: ``PREDICTED`` or ``NAMED``.
        right: From ``right_ones``.
        groups: (N,), the person of each photo.
        bootstrap: The draws of persons.
        told: From ``told_from_random``.
    """
    take = partial(_take, groups, bootstrap)
    return {
        level: {
            name: _on_marks(judged, explained, level, at, right, take, told[explained, level][at])
            for at, name in enumerate(TARGETS)
            if (judged.area[:, at] > 0).any()
        }
        for level in LEVELS
    }


def trends_of(
    judged: Judged,
    eyes: Sequence[MarkedEye],
    named: int,
    groups: Groups,
    bootstrap: Bootstrap,
) -> dict[str, Trends]:
    """Correlate the named class's evidence with how much is marked, by kind of lesion."""
    shown = judged.maps[NAMED, LEVELS[0], MODEL]
    probability = [eye.probabilities[named] for eye in eyes]
    found = {}
    for at, name in enumerate(TARGETS):
        if name == DISC:
            continue
        table = np.column_stack(
            [judged.area[:, at], [eye.marks.spots[at] for eye in eyes], shown[:, at, :2],
             probability]
        )  # fmt: skip
        known = np.isfinite(table).all(axis=1) & (judged.area[:, at] > 0)
        if known.any():
            found[name] = _trends(table[known], groups[known], bootstrap)
    return found


def photo_rows(
    judged: Judged, eyes: Sequence[MarkedEye], classes: tuple[str, ...], named: int
) -> tuple[PhotoRow, ...]:
    """List each photo with its own figures."""
    shown, rows = judged.maps[NAMED, LEVELS[0], MODEL], []
    for at, (eye, right) in enumerate(zip(eyes, right_ones(eyes, named), strict=True)):
        marked = [k for k in range(len(TARGETS)) if judged.area[at, k] > 0]
        times, auroc = (
            {TARGETS[k]: float(v) for k in marked if np.isfinite(v := shown[at, k, column])}
            for column in (MEASURES.index("times"), MEASURES.index("auroc"))
        )
        rows.append(
            PhotoRow(
                str(eye.photo.photo.path),
                classes[eye.top],
                float(eye.probabilities[named]),
                None if np.isnan(right) else bool(right),
                {TARGETS[k]: float(judged.area[at, k]) for k in marked},
                {TARGETS[k]: int(eye.marks.spots[k]) for k in marked},
                times,
                auroc,
            )
        )
    return tuple(rows)


def _on_marks(
    judged: Judged,
    explained: str,
    level: str,
    at: int,
    right: Doubles,
    take: "partial[dict[str, Measures]]",
    p_values: Doubles,
) -> OnMarks:
    """Summarise the maps of one explained class at one level, on one kind of mark."""
    maps = {kind: judged.maps[explained, level, kind][:, at] for kind in (MODEL, *CONTROLS)}
    own = maps[MODEL]
    gains = take({kind: own - maps[kind] for kind in CONTROLS}, differences=True)
    parts = {name: np.where(right[:, None] == value, own, np.nan)
             for name, value in (("right", 1), ("wrong", 0))}  # fmt: skip
    split = take({"chance": judged.chance[level][:, at], **parts})
    groups, bootstrap = take.args
    return OnMarks(
        photos=int((judged.area[:, at] > 0).sum()),
        maps=take(maps),
        chance=split["chance"],
        gains=gains,
        p_corrected={
            name: None if np.isnan(p) else float(p)
            for name, p in zip(MEASURES, p_values, strict=True)
        },
        verdicts={
            name: against_chance(gain, p).replace("chance", "random maps")
            for (name, gain), p in zip(gains["random"].items(), p_values, strict=True)
        },
        right=split["right"],
        wrong=split["wrong"],
        right_less_wrong=_named(_differences(parts["right"], parts["wrong"], groups, bootstrap)),
    )


def _take(
    groups: Groups,
    bootstrap: Bootstrap,
    tables: Mapping[str, Doubles],
    *,
    differences: bool = False,
) -> dict[str, Measures]:
    """Take the means of some (N, M), all from the same draws; a pointing is right or wrong."""
    table, pointing = np.hstack([*tables.values()]), MEASURES.index("pointing")
    every = estimates(table, groups, bootstrap=bootstrap)
    if not differences:
        at = slice(pointing, None, len(MEASURES))
        every[at] = estimates(table[:, at], groups, bootstrap=bootstrap, are_shares=True)
    found = iter(every)
    return {name: _named([next(found) for _ in MEASURES]) for name in tables}


def _named(found: Sequence[Estimate]) -> Measures:
    return dict(zip(MEASURES, found, strict=True))


def _differences(
    first: Doubles, second: Doubles, groups: Groups, bootstrap: Bootstrap
) -> list[Estimate]:
    """Take the mean of each column of one less that of another, of other photos of the same N."""
    found, draws = [], []
    for weights in resampled_weights(groups, bootstrap):
        with np.errstate(invalid="ignore", divide="ignore"):
            means = [(weights @ np.nan_to_num(each)) / (weights @ np.isfinite(each))
                     for each in (first, second)]  # fmt: skip
        draws.append(means[0] - means[1])
    table = np.concatenate(draws)
    for at in range(first.shape[1]):
        known = [np.isfinite(each[:, at]) for each in (first, second)]
        persons = [len(np.unique(groups[each])) for each in known]
        photos = int(sum(map(np.sum, known)))
        if not all(persons):
            why = "it needs right and wrong predictions"
            found.append(Estimate(None, None, photos, sum(persons), why))
            continue
        value = float(first[known[0], at].mean() - second[known[1], at].mean())
        interval, note = figure_interval(table[:, at], groups=min(persons), trials=None)
        found.append(Estimate(value, interval, photos, sum(persons), note))
    return found


def _trends(table: Doubles, groups: Groups, bootstrap: Bootstrap) -> Trends:
    """Correlate area, spots, share, times and probability, (N, 5), by their ranks."""
    persons = len(np.unique(groups))
    if len(table) < _FEWEST:
        none = Estimate(None, None, len(table), persons, "an order needs at least 3 photos")
        return Trends(*[none] * 7)
    draws = np.array(
        [_rank_correlations(table[draw]) for draw in resample_groups(groups, bootstrap)]
    )
    found = []
    for value, drawn in zip(_rank_correlations(table), draws.T, strict=True):
        interval, note = figure_interval(drawn, groups=persons, trials=None)
        found.append(
            Estimate(None if np.isnan(value) else float(value), interval, len(table), persons, note)
        )
    return Trends(*found)


def _rank_correlations(table: Doubles) -> Doubles:
    """Give the seven correlations of ``Trends`` in its order; NaN where nothing varies."""
    ranks = rankdata(table, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        both = np.corrcoef(ranks.T)
    return np.array([*both[:2, 2:].T.ravel(), both[0, 1]])
