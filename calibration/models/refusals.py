"""Say of the photos of an evaluation set why `predict` gives them no class."""

import numpy as np

from calibration.models.evaluation_set import EvaluationSet
from calibration.models.model_under_test import Outputs
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.predict.familiarity import UNFAMILIAR, is_familiar


def refusals(data: EvaluationSet, said: Outputs, manifest: Manifest) -> tuple[str | None, ...]:
    """Ask the quality gate, and then how far each photo is from those of training.

    Args:
        data: N photos with a class, and M others.
        said: What a model says of the N, or of all.
        manifest: Of its bundle.

    Returns:
        A clause for each, the others last, None for those that get a class.
    """
    faults = data.faults(manifest.input_size, manifest.quality)
    if said.distances is None:
        return faults
    parts = (said, said.others) if said.others else (said,)
    distances = np.concatenate([part.distances for part in parts if part.distances is not None])
    return tuple(
        fault or (None if is_familiar(distance) else UNFAMILIAR)
        for fault, distance in zip(faults, distances, strict=True)
    )
