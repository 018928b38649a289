"""Compare a quantised model with the original, photo by photo."""

from typing import Any

import numpy as np
import numpy.typing as npt

from edge_runtime.contract import CAM, PROBABILITIES
from edge_runtime.engine.onnx import Arrays


def agreement(original: Arrays, quantised: Arrays) -> dict[str, Any]:
    """Measure how closely a quantised model follows the original on the same photos.

    Args:
        original: ``probabilities`` (N, C) and ``cam`` (N, C, h, w) of the original.
        quantised: The same of the quantised model.

    Returns:
        JSON-ready: ``photos``; ``top1``, the share of photos with the same class; the mean and the
        largest difference of a probability; and the median Pearson correlation of the Grad-CAM of
        the class that both chose, null if they never chose the same.
    """
    first, second = original[PROBABILITIES], quantised[PROBABILITIES]
    top, same = first.argmax(axis=1), first.argmax(axis=1) == second.argmax(axis=1)
    correlations = [
        np.corrcoef(original[CAM][i, top[i]].ravel(), quantised[CAM][i, top[i]].ravel())[0, 1]
        for i in np.flatnonzero(same)
    ]
    difference: npt.NDArray[np.float32] = np.abs(first - second)
    return {
        "photos": len(first),
        "top1": round(float(same.mean()), 4),
        "probability_difference_mean": round(float(difference.mean()), 4),
        "probability_difference_max": round(float(difference.max()), 4),
        "cam_correlation_median": (
            round(float(np.nanmedian(correlations)), 4) if correlations else None
        ),
    }
