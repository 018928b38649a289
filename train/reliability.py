"""Say how far a classifier's confidence can be believed."""

import numpy as np
import numpy.typing as npt


def expected_calibration_error(
    probabilities: npt.NDArray[np.floating], labels: npt.NDArray[np.integer], *, bins: int = 15
) -> float:
    """Average the gap between confidence and accuracy over bins of equal width.

    The confidence is the largest probability. Each bin's gap counts by the share of photos in it.

    Args:
        probabilities: (N, C), rows sum to 1.
        labels: (N,), indices of the true classes.
        bins: How many bins between 0 and 1.

    Returns:
        0 for a classifier that is right as often as it says, at most 1.

    Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = probabilities.argmax(axis=1) == labels
    number = np.clip(np.ceil(confidence * bins).astype(np.intp) - 1, 0, bins - 1)
    gaps = np.bincount(number, weights=correct - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))
