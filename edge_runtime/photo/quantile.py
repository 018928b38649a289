"""Take quantiles without what NumPy's own load: its masked arrays, 9 ms and 1 MiB at the start."""

from typing import Any

import numpy as np
import numpy.typing as npt


def quantile(values: npt.NDArray[Any], share: float) -> npt.NDArray[np.float64]:
    """Take quantiles along the last axis as ``numpy.quantile`` does, linear between two values.

    Args:
        values: (..., count), at least one, none NaN.
        share: 0..1; the median is at 0.5.

    Returns:
        float64 (...).
    """
    last = values.shape[-1] - 1
    low = int(share * last)
    high = min(low + 1, last)
    ordered = np.partition(values, (low, high))[..., [low, high]].astype(np.float64)
    below, above = ordered[..., 0], ordered[..., 1]
    return np.asarray(below + (above - below) * (share * last - low))
