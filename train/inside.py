"""Weigh the cells of the last convolution by how much of the eye each one covers."""

import numpy as np
import numpy.typing as npt

from edge_runtime.field import circle
from edge_runtime.gradcam import inside_shares

_FINE = 32  # pixels a side of a cell on which the shares are counted


def inside_weights(cells: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Say by how much each cell is multiplied before the global pooling.

    In the round field the corners of the square are black in every photo, yet a plain mean over
    the cells lets what the network computes there speak as loudly as the macula. By these weights
    the pooling is the mean over the circle.

    Args:
        cells: (h, w) of the last convolution.

    Returns:
        float32 (h, w): the share of each cell inside of the circle, scaled to a mean of 1.
    """
    height, width = cells
    shares = inside_shares(circle((height * _FINE, width * _FINE), share=1.0), cells)
    return np.asarray(shares / shares.mean(dtype=np.float64), np.float32)
