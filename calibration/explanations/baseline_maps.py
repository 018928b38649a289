"""Maps that say nothing of a photo: baselines of every comparison."""

import numpy as np
import numpy.typing as npt

from edge_runtime.explain.gradcam import inside_shares
from edge_runtime.photo.field import circle

Floats = npt.NDArray[np.float32]

_SPREAD = 0.5  # standard deviation of the centre's map, in radii of the field
_FINE = 16  # pixels of a cell where the field's edge is drawn


def baseline_maps(cells: Floats, *, seed: int) -> dict[str, Floats]:
    """Make a bell in the centre of the field, the field itself, and a map of normal noise.

    Args:
        cells: float32 (N, h, w), how much of each cell shows the eye of each photo.
        seed: Of the noise.

    Returns:
        float32 (N, h, w) each, by what it is.
    """
    return {
        "centre of the field": centre(cells),
        "the whole field": cells,
        "random map": np.random.default_rng(seed).standard_normal(cells.shape, np.float32),
    }


def centre(cells: Floats) -> Floats:
    """Make a bell in the centre of the field, with half its radius as standard deviation.

    Args:
        cells: float32 (N, h, w), how much of each cell shows the eye of each photo.

    Returns:
        float32 (N, h, w), 0..1, as far as there is an eye.
    """
    rows, columns = ((np.arange(count) + 0.5) / count * 2 - 1 for count in cells.shape[1:])
    squares = rows[:, None] ** 2 + columns**2
    bell = np.exp(-squares / (2 * _SPREAD**2)).astype(np.float32)
    return np.asarray(bell * cells, np.float32)


def whole_field(size: tuple[int, ...]) -> Floats:
    """Spread evidence evenly over a whole round field: float32 (h, w) of ``size``, 0..1."""
    height, width = size
    return inside_shares(circle((_FINE * height, _FINE * width)), (height, width))
