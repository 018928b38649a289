"""Measure how concentrated the evidence of a map is."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def entropy(cam: Floats) -> float:
    """Measure how evenly the positive evidence is spread over the cells.

    Args:
        cam: float32 (h, w), signed Grad-CAM in logits.

    Returns:
        Shannon's entropy of the cells' shares over its maximum, log(h w): 0 where one cell has all,
        1 where each has as much; NaN where nothing speaks for the class.

    Source: Shannon, A mathematical theory of communication, Bell Syst. Tech. J. 27, 1948.
    """
    shares = _shares(cam)
    kept = shares[shares > 0]
    return float(-(kept * np.log(kept)).sum() / np.log(cam.size)) if kept.size else float("nan")


def half_area(cam: Floats) -> float:
    """Measure the share 0..1 of the cells that hold half of the positive evidence, as few as do.

    NaN where nothing speaks for the class.
    """
    shares = np.sort(_shares(cam))[::-1]
    if not shares.any():
        return float("nan")
    sums = shares.cumsum()
    last = int(np.searchsorted(sums, 0.5 * sums[-1]))
    before = sums[last - 1] if last else 0.0
    return float((last + (0.5 * sums[-1] - before) / shares[last]) / cam.size)


def _shares(cam: Floats) -> npt.NDArray[np.float64]:
    positive = np.maximum(cam, 0).astype(np.float64).ravel()
    return positive / (positive.sum() or 1.0)
