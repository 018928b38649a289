"""How alike maps are in the mean, with intervals over persons, beside what chance gives."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.compare.similarity import MORE_IS_ALIKE
from calibration.explanations.estimate import FEWEST_PERSONS, Estimate, estimates
from calibration.explanations.map_pairs import (
    OTHER_PERSON,
    TITLES,
    PairMeasures,
    RandomPairs,
    Values,
)
from calibration.explanations.pair_estimate import pair_estimates
from train.metrics.intervals import Bootstrap

Measures = Mapping[str, Estimate]

#: The one measure by which maps are judged; the others stand beside it, so that no table has seven
#: chances to be called more than chance. It has the signed map as the model gives it.
PRIMARY = "pearson"

#: What is said of it beside chance.
MORE, LESS, LEVEL, UNJUDGED = (
    "more alike than by chance",
    "less alike than by chance",
    "not told from chance",
    "not judged",
)


@dataclass(frozen=True)
class Likeness:
    """How alike the maps of some pairs are, by the names of ``TITLES``.

    In ``blank`` of the ``pairs`` nothing speaks for the class on either side, or too little is
    known, and these have no figure. ``controls`` are what other maps reach in the place of the
    second, by what they are, over photos that have a figure; for a control that some of these lack,
    ``same_photos`` are the pairs' own figures over those that it has. Of ``other_class`` pairs a
    photo of another person was of another predicted class, of ``other_side`` pairs of the other
    side of the eye, or a side isn't known; ``fewer`` pairs had not as many other persons as are
    drawn. ``beyond_chance`` is by how much more alike the maps are than with other persons' photos,
    pair by pair: above 0 is more alike, whatever the measure. Its intervals and those of other
    persons' photos count these as drawn too, see ``pair_estimates``. ``verdict`` says what the
    interval of ``PRIMARY`` does; "not judged" with fewer than ten persons.
    """

    pairs: int
    persons: int
    blank: int
    measures: Measures
    controls: Mapping[str, Measures]
    same_photos: Mapping[str, Measures]
    other_class: int
    other_side: int
    fewer: int
    beyond_chance: Measures
    verdict: str


def likeness(
    compared: PairMeasures,
    chosen: npt.NDArray[np.bool_],
    groups: npt.NDArray[np.intp],
    *,
    bootstrap: Bootstrap,
) -> Likeness:
    """Take the means over some of the pairs.

    Args:
        compared: N pairs.
        chosen: bool (N,), which ones.
        groups: (N,), the person of each.
        bootstrap: The draws of persons.
    """
    own, groups = compared.own[chosen], groups[chosen]
    controls = {
        name: np.where(np.isnan(own), np.nan, table[chosen])
        for name, table in compared.controls.items()
    }
    fewer = {
        name: np.where(np.isnan(table), np.nan, own)
        for name, table in controls.items()
        if any(0 < there < here for there, here in zip(_counts(table), _counts(own), strict=True))
    }
    first, *others = means([own, *controls.values(), *fewer.values()], groups, bootstrap=bootstrap)
    named = dict(zip(controls, others, strict=False))
    partners = compared.partners[chosen]
    of_others = np.where(np.isnan(own)[:, None], np.nan, compared.others[chosen])
    named[OTHER_PERSON] = _named(pair_estimates(of_others, groups, partners))
    more = np.where(MORE_IS_ALIKE, 1, -1) * (own[:, None] - of_others)
    beyond = _named(pair_estimates(more, groups, partners))
    return Likeness(
        pairs=len(own),
        persons=len(np.unique(groups)),
        blank=int(np.isnan(own).all(axis=1).sum()),
        measures=first,
        controls=named,
        same_photos=dict(zip(fewer, others[len(controls) :], strict=True)),
        other_class=int(compared.other_class[chosen].sum()),
        other_side=int(compared.other_side[chosen].sum()),
        fewer=int(compared.fewer[chosen].sum()),
        beyond_chance=beyond,
        verdict=verdict(beyond[PRIMARY]),
    )


def random_means(drawn: RandomPairs) -> Measures:
    """Take the mean of each measure of random pairs, with intervals over both persons."""
    values, seconds = drawn.values[:, None], drawn.seconds[:, None]
    return _named(pair_estimates(values, drawn.firsts, seconds))


def _named(found: list[Estimate]) -> Measures:
    return dict(zip(TITLES, found, strict=True))


def _counts(table: Values) -> npt.NDArray[np.intp]:
    return np.asarray(np.isfinite(table).sum(axis=0))


def means(
    tables: list[Values], groups: npt.NDArray[np.intp], *, bootstrap: Bootstrap
) -> list[Measures]:
    """Take the mean of each measure of tables (N, M), all from the same draws of persons."""
    if len(groups):
        found = iter(estimates(np.hstack(tables), groups, bootstrap=bootstrap))
        return [dict(zip(TITLES, found, strict=False)) for _ in tables]
    nothing = Estimate(None, None, 0, 0, "there is no photograph to measure it on")
    return [dict.fromkeys(TITLES, nothing) for _ in tables]


def verdict(gain: Estimate) -> str:
    """Say what the interval of a difference, above 0 for more alike, does."""
    if gain.interval is None or gain.persons < FEWEST_PERSONS:
        return UNJUDGED
    low, high = gain.interval
    return MORE if low > 0 else LESS if high < 0 else LEVEL
