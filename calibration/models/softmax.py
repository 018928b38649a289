"""Turn logits into probabilities."""

import numpy as np
import numpy.typing as npt


def softmax(
    logits: npt.NDArray[np.floating], *, temperature: float = 1.0
) -> npt.NDArray[np.float64]:
    """Turn logits (N, C) into probabilities at a temperature, float64 (N, C)."""
    scaled = np.asarray(logits, np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
