"""Say in a few figures how closely a model follows the one that it was made of."""

from dataclasses import dataclass

import numpy as np
from msgspec import UNSET, UnsetType

from calibration.models.model_under_test import Outputs
from edge_runtime.explain.similarity import map_correlation


@dataclass(frozen=True)
class Agreement:
    """How closely a model follows its original on the same photos.

    ``top1`` is the share of photos with the same class, the differences are those of a probability,
    and the correlation is Pearson's of the Grad-CAM of the class that both chose, None if they
    never chose the same. ``gradients`` says how the maps were made, where that isn't plain.
    """

    photos: int
    top1: float
    probability_difference_mean: float
    probability_difference_max: float
    cam_correlation_median: float | None
    gradients: str | UnsetType = UNSET


def agreement(
    original: Outputs, model: Outputs, *, gradients: str | UnsetType = UNSET
) -> Agreement:
    """Measure how closely a model follows its original, to four digits."""
    same, apart = original.top == model.top, np.abs(original.probabilities - model.probabilities)
    correlations = [
        map_correlation(original.cam[i, top], model.cam[i, top])
        for i, top in enumerate(original.top)
        if same[i]
    ]
    return Agreement(
        photos=len(same),
        top1=round(float(same.mean()), 4),
        probability_difference_mean=round(float(apart.mean()), 4),
        probability_difference_max=round(float(apart.max()), 4),
        cam_correlation_median=(
            round(float(np.nanmedian(correlations)), 4) if correlations else None
        ),
        gradients=gradients,
    )
