"""Give the scale of an overlay's colours, for pages and papers that say in words what it means."""

from functools import cache

import numpy as np

from edge_runtime.results.embedded import small_jpeg
from edge_runtime.results.legend import draw_scale

_SIZE = 24, 480  # pixels, height and width


@cache
def scale_jpeg() -> bytes:
    """Draw the scale, from no evidence on the left to the strongest on the right, as a JPEG."""
    scale = np.empty((*_SIZE, 3), np.uint8)
    draw_scale(scale)
    return small_jpeg(scale)
