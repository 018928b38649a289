"""Measure how like its class's average each map is, beside what maps reach that know nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.explanations.analysis.averages import Density, Doubles, densities, likenesses
from calibration.explanations.baseline_maps import baseline_maps, whole_field
from calibration.explanations.estimate import Estimate, estimates
from calibration.explanations.explained import Explained, Floats
from calibration.explanations.known_mean import known_mean
from train.metrics.intervals import Bootstrap

#: What stands in the photos' place, each held against averages in the same way.
NOISE, MIDDLE, OTHER_CLASS = (
    "maps of noise",
    "maps of the middle with noise",
    "another class's average",
)

_ON_MIDDLE = 0.3  # standard deviation of the noise on a bell of height 1

#: float64 (3, N), correlations aligned, mirrored and as photos are.
Table = Doubles


@dataclass(frozen=True)
class LikeAverage:
    """How maps correlate with an average of other persons' maps, -1..1.

    ``aligned`` in the common frame, ``mirrored`` in the field of view with left eyes mirrored,
    ``unaligned`` as the photos are, all three of the same photos; ``alignment_gain`` is the first
    less the second.
    """

    aligned: Estimate
    mirrored: Estimate
    unaligned: Estimate
    alignment_gain: Estimate


def ignorant_tables(
    kept: Explained, *, seed: int, on_table: Callable[[], object] = lambda: None
) -> dict[str, Table]:
    """Put maps in the place of the photos' own that know nothing of them.

    Each photo gets noise, and a bell in the middle of its field of view with noise on it: as alike
    as maps are that look at the same place of every picture. All else is as with the photos' own:
    their classes, eyes and persons.

    Args:
        kept: N photos.
        seed: Of the noise.
        on_table: Called after each of the two.

    Returns:
        By ``NOISE`` and ``MIDDLE``, NaN where a photo can't be aligned.
    """
    cells = np.tile(whole_field(kept.maps.shape[2:]), (len(kept.photos), 1, 1))
    made = baseline_maps(cells, seed=seed)
    noise = np.random.default_rng([seed, 1]).standard_normal(cells.shape, np.float32)
    maps: dict[str, Floats] = {
        NOISE: made["random map"],
        MIDDLE: made["centre of the field"] + np.float32(_ON_MIDDLE) * noise,
    }
    found = {}
    for name, each in maps.items():
        found[name] = own_table(densities(kept, each), kept)
        on_table()
    return found


def own_table(density: Density, kept: Explained) -> Table:
    """Hold each map against the average of its own class."""
    return _by_class(kept, lambda chosen: likenesses(density, chosen, kept.groups))


def other_class_table(density: Density, kept: Explained) -> Table:
    """Hold each map against the average of each other class, and take the mean of these."""

    def beside_others(chosen: npt.NDArray[np.bool_]) -> Table:
        others = np.setdiff1d(kept.top, kept.top[chosen])
        found = [likenesses(density, chosen, kept.groups, of=kept.top == other) for other in others]
        return known_mean(found or [np.full((3, int(chosen.sum())), np.nan)])

    return _by_class(kept, beside_others)


def take_means(
    tables: Mapping[str, Table], groups: npt.NDArray[np.intp], *, bootstrap: Bootstrap
) -> dict[str, LikeAverage]:
    """Take the means over the photos of a class, all from the same draws of persons.

    Args:
        tables: (3, M) by name, of the class's M photos.
        groups: (M,), the persons.
        bootstrap: The draws.
    """
    columns = [column for table in tables.values() for column in (*table, table[0] - table[1])]
    found = iter(estimates(np.column_stack(columns), groups, bootstrap=bootstrap))
    return {name: LikeAverage(*(next(found) for _ in range(4))) for name in tables}


def _by_class(kept: Explained, measure: Callable[[npt.NDArray[np.bool_]], npt.ArrayLike]) -> Table:
    found = np.full((3, len(kept.photos)), np.nan)
    for label in np.unique(kept.top):
        chosen = np.asarray(kept.top == label)
        found[:, chosen] = measure(chosen)
    return found
