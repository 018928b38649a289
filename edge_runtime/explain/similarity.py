"""Measure how alike two maps are."""

import numpy as np
import numpy.typing as npt


def map_correlation(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> float:
    """Correlate two maps (h, w) as Pearson does; NaN where one of them is flat."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
