"""Test whether maps lie on marks otherwise than random maps do."""

import numpy as np
import numpy.typing as npt

from calibration.explanations.chance_test import corrected_p
from calibration.explanations.lesions.judged import LEVELS, MODEL, NAMED, PREDICTED, Judged
from calibration.explanations.lesions.measures import Doubles


def told_from_random(
    judged: Judged, groups: npt.NDArray[np.integer], *, seed: int
) -> dict[tuple[str, str], Doubles]:
    """Test all measures of the model's maps against random maps, all of a run together.

    Args:
        judged: From ``judge_eyes``.
        groups: (N,), the person of each photo.
        seed: Of the test's draws.

    Returns:
        The corrected p of each, float64 (T, M), by explained class and level.
    """
    keys = [(explained, level) for explained in (PREDICTED, NAMED) for level in LEVELS]
    own = np.stack([judged.maps[explained, level, MODEL] for explained, level in keys], axis=1)
    own = own.astype(np.float32)  # as the random ones are kept, or equal ones would differ
    random = np.stack([judged.drawn[level] for _, level in keys], axis=2)
    p = corrected_p(
        own.reshape(len(own), -1), random.reshape(*random.shape[:2], -1), groups, seed=seed
    )
    return dict(zip(keys, p.reshape(own.shape[1:]), strict=True))
