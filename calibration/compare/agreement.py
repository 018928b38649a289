"""Compare a quantised model with the original, photo by photo."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_runtime.contract import CAM, PROBABILITIES
from edge_runtime.engine.onnx import Arrays
from edge_runtime.explain.similarity import map_correlation


@dataclass(frozen=True, eq=False)
class Agreement:
    """What two models' answers to the same photos have in common.

    ``same`` bool (N,), where both choose the same class; ``difference`` (N, C), how far apart
    their probabilities are.
    """

    same: npt.NDArray[np.bool_]
    difference: npt.NDArray[np.floating]

    @property
    def top1(self) -> float:
        """The share of photos with the same class."""
        return float(self.same.mean())

    @property
    def difference_mean(self) -> float:
        """The mean difference of a probability."""
        return float(self.difference.mean())

    @property
    def difference_max(self) -> float:
        """The largest one."""
        return float(self.difference.max())


def compare_answers(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> Agreement:
    """Compare two models' probabilities, (N, C) each."""
    return Agreement(first.argmax(axis=1) == second.argmax(axis=1), np.abs(first - second))


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
    found = compare_answers(original[PROBABILITIES], quantised[PROBABILITIES])
    top = original[PROBABILITIES].argmax(axis=1)
    correlations = [
        map_correlation(original[CAM][i, top[i]], quantised[CAM][i, top[i]])
        for i in np.flatnonzero(found.same)
    ]
    return {
        "photos": len(top),
        "top1": round(found.top1, 4),
        "probability_difference_mean": round(found.difference_mean, 4),
        "probability_difference_max": round(found.difference_max, 4),
        "cam_correlation_median": (
            round(float(np.nanmedian(correlations)), 4) if correlations else None
        ),
    }
