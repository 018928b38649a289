"""The mean of what is known, where some figures don't exist."""

import numpy as np
import numpy.typing as npt


def known_mean(values: npt.ArrayLike, *, axis: int = 0) -> npt.NDArray[np.float64]:
    """Average over an axis what is finite.

    Args:
        values: Of any shape; NaN where there is no figure.
        axis: Which axis goes.

    Returns:
        float64, without that axis; NaN where no figure is known.
    """
    table = np.asarray(values, np.float64)
    known = np.isfinite(table)
    sums, counts = np.where(known, table, 0).sum(axis=axis), known.sum(axis=axis)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
