"""Choose the threshold at which a class's photos are referred with a wanted sensitivity."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edge_runtime.errors import UnknownNameError
from train.data.contrasts import HEALTHY


def choose_threshold(scores: npt.NDArray[np.floating], *, sensitivity: float) -> float:
    """Take the highest threshold that keeps the wanted sensitivity on photos not seen yet.

    It is the k-th smallest of the n scores with k = floor((1 - sensitivity) * (n + 1)): a new
    score of the same kind falls below it with a probability of at most k / (n + 1). With too few
    photos to promise that, k is 0 and the threshold too: everything is referred.

    Args:
        scores: (n,), the referral scores of a class's photos.
        sensitivity: The wanted share of them at or above the threshold.

    Source: Split conformal prediction, e.g. Angelopoulos and Bates, arXiv 2107.07511.
    """
    rank = math.floor((1 - sensitivity) * (len(scores) + 1) + 1e-9)
    return float(np.sort(scores)[rank - 1]) if rank else 0.0


def choose_thresholds(
    scores: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    classes: Sequence[str],
    *,
    no_referral: Sequence[str],
    sensitivity: float,
) -> dict[str, float]:
    """Choose the threshold of every class that needs a referral, by its name.

    Args:
        scores: (N,), from ``edge_runtime.bundle.referral.referral_score``.
        labels: (N,), indices into ``classes``.
        classes: The class names.
        no_referral: Those that need none.
        sensitivity: The wanted share of each class's photos at or above its threshold.
    """
    return {
        name: choose_threshold(scores[labels == label], sensitivity=sensitivity)
        for label, name in enumerate(classes)
        if name not in no_referral
    }


def healthy_classes(chosen: tuple[str, ...] | None, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Say which classes need no referral: those chosen, or the one named ``HEALTHY``.

    Raises:
        UnknownNameError: A chosen one is none of the classes.
    """
    if chosen is None:
        return (HEALTHY,) if HEALTHY in classes else ()
    for name in chosen:
        if name not in classes:
            raise UnknownNameError("class", name, classes)
    return chosen
