"""Turn logits into probabilities."""

import numpy as np
import numpy.typing as npt
from scipy import special


def softmax(
    logits: npt.NDArray[np.floating], *, temperature: float = 1.0
) -> npt.NDArray[np.float64]:
    """Turn logits (N, C) into probabilities at a temperature, float64 (N, C)."""
    scaled = np.asarray(logits, np.float64) / temperature
    return np.asarray(special.softmax(scaled, axis=1))
