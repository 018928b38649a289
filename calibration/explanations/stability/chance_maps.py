"""What maps that say nothing of a photo reach against its own: baselines of every comparison."""

from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

from calibration.compare.map_drift import other_photos
from calibration.compare.similarity import MEASURES, compare_maps
from calibration.explanations.baseline_maps import baseline_maps
from calibration.explanations.explained import Explained, Floats

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ChanceMaps:
    """By baseline, the measures (N, M) in the order of ``MEASURES``; NaN where there is none.

    ``relative``, (N,), is the change that another photo's map would be, as a share of the norm of
    the photo's own.
    """

    distances: dict[str, Values]
    relative: Values


def chance_maps(
    photos: Explained, cells: Floats, *, size: tuple[int, int], seed: int
) -> ChanceMaps:
    """Compare the predicted class's map of each photo with maps that weren't made of it.

    They are the map of another person's photo of the same predicted class and side (where there is
    none, of any side or class), a bell in the centre of the field, the field itself (each cell by
    the share of it that shows the eye), and a map of normal noise.

    Args:
        photos: N photos.
        cells: float32 (N, h, w), how much of each cell shows the eye.
        size: (height, width) of the model's input in pixels, which the maps cover.
        seed: Of what is drawn.
    """
    rows = np.arange(len(photos.photos))
    own = photos.maps[rows, photos.top]
    partners = other_photos(photos.top, photos.groups, photos.sides, seed=seed)
    others = [None if j is None else own[j] for j in partners]
    makers = {"another photo of the class": others}
    makers |= {name: list(maps) for name, maps in baseline_maps(cells, seed=seed).items()}
    relative = np.full(len(own), np.nan)
    for i, j in enumerate(partners):
        norm = float(np.linalg.norm(own[i]))
        if j is not None and norm:
            relative[i] = float(np.linalg.norm(own[j] - own[i])) / norm
    return ChanceMaps(
        {
            name: np.array([_values(*pair, size) for pair in zip(own, maps, strict=True)])
            for name, maps in makers.items()
        },
        relative,
    )


def _values(own: Floats, other: Floats | None, size: tuple[int, int]) -> tuple[float, ...]:
    found = None if other is None else compare_maps(own, other, input_size=size)
    return (np.nan,) * len(MEASURES) if found is None else astuple(found)
