"""Compare maps by pairs, beside what pairs by chance and maps that know nothing reach."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np
import numpy.typing as npt

from calibration.compare.other_persons import Candidates, draw_all_partners
from calibration.compare.similarity import shown
from calibration.explanations.baseline_maps import baseline_maps, whole_field
from calibration.explanations.explained import Floats
from calibration.explanations.known_mean import known_mean
from calibration.explanations.stability.carried import compare_where
from edge_runtime.explain.gradcam import heatmap

Values = npt.NDArray[np.float64]

#: The measures of ``MapDistance`` in its order, both ways in degrees of the field, and how a person
#: calls them.
TITLES = {
    "pearson": "Pearson correlation, 1 is alike",
    "spearman": "Spearman correlation, 1 is alike",
    "ssim": "SSIM, 1 is alike",
    "iou": "overlap of the hottest tenth, 1 is alike",
    "jensen_shannon": "Jensen-Shannon distance, 0 is alike",
    "emd_degrees": "earth mover's distance, degrees",
    "peak_degrees": "distance of the peaks, degrees",
}

#: The controls by name: the same with another person's photo comes first.
OTHER_PERSON = "another person's photo"

#: As many pairs of photos of other persons, of any class, as Arun et al., arXiv 2008.02766, take.
RANDOM_PAIRS = 50

#: Other persons' photos that each photo's chance is the mean of, where there are as many persons.
PARTNERS = 5

_FEWEST_CELLS = 3  # that two maps must share
_TIED = 1.5  # tenths that are as hot


@dataclass(frozen=True, eq=False)
class MapPairs:
    """N pairs of photos, or of models on a photo, whose maps are compared.

    ``first`` is float32 (N, h, w), the map of class ``labels``, (N,), of the first of each pair.
    ``second`` gives of a pair's number i, another pair's number j and a class the map of j's second
    where i's first would show it, mirrored where i's own second is, float32 (h, w), NaN where that
    isn't known. ``tops``, (N,), are the classes that were predicted of the seconds, ``groups``,
    (N,), the persons, and ``sides`` the sides of the eyes on the seconds, None where unknown.
    """

    first: Floats
    second: Callable[[int, int, int], Floats]
    labels: npt.NDArray[np.intp]
    tops: npt.NDArray[np.intp]
    groups: npt.NDArray[np.intp]
    sides: tuple[str | None, ...]


@dataclass(frozen=True, eq=False)
class PairMeasures:
    """The measures of N pairs, float64 (N, M) in the order of ``TITLES``, NaN where there is none.

    ``controls`` are likewise what other maps than the second reach. ``other_class``, bool (N,), are
    those with another person's photo of another predicted class, as no person's was of this one;
    ``other_side`` are those with one of the other side of the eye, or a side isn't known; ``fewer``
    those with fewer than ``PARTNERS`` other persons. ``others``, (N, P, M), is what each of these
    reaches, of which ``OTHER_PERSON`` is the mean, and ``partners``, (N, P), are their persons.
    """

    own: Values
    controls: Mapping[str, Values]
    other_class: npt.NDArray[np.bool_]
    other_side: npt.NDArray[np.bool_]
    fewer: npt.NDArray[np.bool_]
    others: Values
    partners: npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class RandomPairs:
    """The measures of R pairs of photos of different persons, float64 (R, M), and both persons."""

    values: Values
    firsts: npt.NDArray[np.intp]
    seconds: npt.NDArray[np.intp]


def compare_two(first: Floats, second: Floats, *, field_degrees: float) -> tuple[float, ...]:
    """Take all measures of two maps.

    Args:
        first: float32 (h, w), signed Grad-CAM over the square around the field of view.
        second: The same, NaN where it isn't known; there nothing is compared.
        field_degrees: The angle that the square's sides span.

    Returns:
        In the order of ``TITLES``; NaN where nothing speaks for the class in either, or too little
        is known of the second. The distance of the peaks and the overlap are NaN too where so much
        of a map is as hot, as of a flat one, that no place and no tenth is the hottest.
    """
    valid = ~np.isnan(second)
    if valid.sum() < _FEWEST_CELLS:
        return (np.nan,) * len(TITLES)
    span = field_degrees, field_degrees
    found = compare_where(first, np.nan_to_num(second), valid, size=span)
    if found is None:
        return (np.nan,) * len(TITLES)
    heats = [heatmap(cam * valid) for cam in (first, np.nan_to_num(second))]
    if all(heat.positive for heat in heats) and any(_tied(shown(heat.values)) for heat in heats):
        found = replace(found, iou=np.nan, peak_pixels=np.nan)
    return astuple(found)


def _tied(values: Floats) -> bool:
    """Say whether so many places are as hot that no tenth of them is the hottest."""
    count = math.ceil(values.size / 10)
    limit = np.partition(values.ravel(), -count)[-count]
    return bool(limit > 0 and (values >= limit).sum() > _TIED * count)


def compare_pairs(
    pairs: MapPairs,
    *,
    field_degrees: float,
    seed: int,
    baselines: bool = True,
    on_share: Callable[[float], None] = lambda share: None,
) -> PairMeasures:
    """Compare the maps of pairs, and the first of each with maps that aren't its second's.

    They are the maps of ``PARTNERS`` other persons' seconds of the same predicted class and side of
    the eye, of which the mean is taken, and the baselines. For each partner all are compared over
    the same cells, those that are known of both persons' seconds.

    Args:
        pairs: N pairs.
        field_degrees: As in ``compare_two``.
        seed: Of what is drawn.
        baselines: Whether to take those of ``baseline_maps``.
        on_share: Called with the share of the pairs that is done, 0..1.
    """
    among = Candidates.of(pairs.tops, pairs.groups, pairs.sides)
    drawn = draw_all_partners(among, count=PARTNERS, seed=seed)
    cells = np.tile(whole_field(pairs.first.shape[1:]), (len(pairs.first), 1, 1))
    made = baseline_maps(cells, seed=seed) if baselines else {}
    shape = len(pairs.first), len(TITLES)
    others = np.full((shape[0], PARTNERS, shape[1]), np.nan)
    persons = np.full((shape[0], PARTNERS), -1, np.intp)
    tables = {name: np.full(shape, np.nan) for name in ("", *made)}
    for i, partners in enumerate(drawn):
        baseline = {name: each[i] for name, each in made.items()}
        found, chance = _beside_partners(
            pairs, i, partners.photos, baseline, field_degrees=field_degrees
        )
        for name, row in found.items():
            tables[name][i] = row
        others[i, : len(chance)] = chance
        persons[i, : len(chance)] = pairs.groups[list(partners.photos)]
        on_share((i + 1) / len(pairs.first))
    return PairMeasures(
        tables.pop(""),
        {OTHER_PERSON: known_mean(others, axis=1), **tables},
        np.array([each.other_class for each in drawn], np.bool_),
        np.array([each.other_side for each in drawn], np.bool_),
        np.array([len(each.photos) < PARTNERS for each in drawn], np.bool_),
        others,
        persons,
    )


def _beside_partners(
    pairs: MapPairs,
    i: int,
    partners: Sequence[int],
    made: Mapping[str, Floats],
    *,
    field_degrees: float,
) -> tuple[dict[str, Values], Values]:
    """Measure a pair, its first beside maps that were made, and beside each partner's second.

    Returns:
        float64 (M,) by name, "" for the pair's own: means over the partners' cells, NaN without a
        figure; and float64 (P, M), beside the second of each of P partners.
    """
    first, label = pairs.first[i], int(pairs.labels[i])
    own = {"": pairs.second(i, i, label), **made}
    others = [pairs.second(i, j, label) for j in partners]
    gaps = [np.isnan(own[""]) | np.isnan(each) for each in others] or [np.isnan(own[""])]

    def measured(maps: Iterable[Floats], gap: npt.NDArray[np.bool_]) -> Values:
        known = (np.where(gap, np.nan, each) for each in maps)
        return _table([compare_two(first, each, field_degrees=field_degrees) for each in known])

    distinct, which = np.unique(gaps, axis=0, return_inverse=True)
    tables = np.stack([measured(own.values(), gap) for gap in distinct])[which]
    found = dict(zip(own, known_mean(tables), strict=True))
    chance = [measured([each], gap)[0] for each, gap in zip(others, gaps, strict=False)]
    return found, np.array(chance, np.float64).reshape(len(others), len(TITLES))


def compare_random(pairs: MapPairs, *, field_degrees: float, seed: int) -> RandomPairs:
    """Compare ``RANDOM_PAIRS`` pairs of photos of different persons, whatever was predicted.

    The first's map is of its pair's class, the second's of the class that was predicted of it.

    Returns:
        Their measures; there are none where all photos are of one person.
    """
    generator, rows, groups = np.random.default_rng(seed), [], list[npt.NDArray[np.intp]]()
    persons = len(np.unique(pairs.groups))
    for _ in range(RANDOM_PAIRS if persons > 1 else 0):
        i = int(generator.integers(len(pairs.first)))
        j = int(generator.choice(np.flatnonzero(pairs.groups != pairs.groups[i])))
        second = pairs.second(i, j, int(pairs.tops[j]))
        rows.append(compare_two(pairs.first[i], second, field_degrees=field_degrees))
        groups.append(pairs.groups[[i, j]])
    both = np.array(groups, np.intp).reshape(len(rows), 2)
    return RandomPairs(_table(rows), both[:, 0], both[:, 1])


def _table(rows: list[tuple[float, ...]]) -> Values:
    return np.array(rows, np.float64).reshape(len(rows), len(TITLES))
