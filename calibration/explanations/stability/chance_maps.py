"""What maps that say nothing of a photo reach against its own: baselines of every comparison."""

from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

from calibration.compare.other_persons import Candidates, Partners, draw_all_partners
from calibration.compare.similarity import MEASURES, compare_maps
from calibration.explanations.baseline_maps import baseline_maps
from calibration.explanations.explained import Explained, Floats
from calibration.explanations.map_pairs import PARTNERS

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ChanceMaps:
    """What N photos' maps have in common with maps that weren't made of them.

    ``distances`` are the measures (N, M) by baseline in the order of ``MEASURES``, NaN where there
    is none. ``others``, (N, P, M), are likewise of the maps of the class on P other persons'
    photos, ``relative``, (N, P), is the change that each of these would be, as a share of the norm
    of the photo's own, and ``persons``, (N, P), who they are. ``drawn`` has the N photos' partners.
    """

    distances: dict[str, Values]
    others: Values
    relative: Values
    persons: npt.NDArray[np.intp]
    drawn: tuple[Partners, ...]


def chance_maps(
    photos: Explained, cells: Floats, *, size: tuple[int, int], seed: int
) -> ChanceMaps:
    """Compare the predicted class's map of each photo with maps that weren't made of it.

    They are the maps of that class on ``PARTNERS`` other persons' photos of the same predicted
    class and side of the eye (see ``draw_partners``), a bell in the centre of the field, the field
    itself (each cell by the share of it that shows the eye), and a map of normal noise.

    Args:
        photos: N photos.
        cells: float32 (N, h, w), how much of each cell shows the eye.
        size: (height, width) of the model's input in pixels, which the maps cover.
        seed: Of what is drawn.
    """
    count, groups = len(photos.photos), photos.groups
    own = photos.maps[np.arange(count), photos.top]
    among = Candidates.of(photos.top, groups, photos.sides)
    drawn = draw_all_partners(among, count=PARTNERS, seed=seed)
    others = np.full((count, PARTNERS, len(MEASURES)), np.nan)
    relative, persons = np.full((count, PARTNERS), np.nan), np.full((count, PARTNERS), -1, np.intp)
    for i, (partners, top) in enumerate(zip(drawn, photos.top, strict=True)):
        norm = float(np.linalg.norm(own[i]))
        for place, j in enumerate(partners.photos):
            other = photos.maps[j, top]
            others[i, place] = _values(own[i], other, size)
            persons[i, place] = groups[j]
            if norm:
                relative[i, place] = float(np.linalg.norm(other - own[i])) / norm
    made = {
        name: np.array([_values(*pair, size) for pair in zip(own, maps, strict=True)])
        for name, maps in baseline_maps(cells, seed=seed).items()
    }
    return ChanceMaps(made, others, relative, persons, tuple(drawn))


def _values(own: Floats, other: Floats, size: tuple[int, int]) -> tuple[float, ...]:
    found = compare_maps(own, other, input_size=size)
    return (np.nan,) * len(MEASURES) if found is None else astuple(found)
