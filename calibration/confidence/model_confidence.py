"""Give each model of a bundle a temperature and referral thresholds of its own."""

from dataclasses import dataclass, replace

import numpy as np

from calibration.confidence.fit import calibrate_confidence
from calibration.models.evaluation_set import EvaluationSet
from calibration.models.model_under_test import Outputs
from edge_runtime.bundle.manifest import ModelEntry
from edge_runtime.contract import CAM, PROBABILITIES
from edge_runtime.engine.onnx import Arrays


@dataclass(frozen=True)
class ConfidenceOptions:
    """Which classes need no referral, and what share of each other class's photos shall get one."""

    no_referral: tuple[str, ...]
    sensitivity: float
    seed: int


def with_confidence(
    name: str,
    entry: ModelEntry,
    said: Outputs,
    data: EvaluationSet,
    options: ConfidenceOptions,
) -> ModelEntry:
    """Fit a model's temperature and thresholds on its own answers.

    Args:
        name: The model's.
        entry: Its entry so far.
        said: What it says of the photos.
        data: The photos.
        options: What is wanted.

    Returns:
        The entry with both, and with what was measured among its checks. Without either where the
        model gives no logits: the bundle's hold for it.
    """
    checks = {check: found for check, found in entry.checks.items() if check != "confidence"}
    if said.logits is None:
        return replace(entry, checks=checks, temperature=None, thresholds={})
    found = calibrate_confidence(
        said.logits,
        data.labels,
        data.groups,
        data.classes,
        no_referral=options.no_referral,
        sensitivity=options.sensitivity,
        seed=options.seed,
    )
    measured_on = {
        "model": name,
        "split": data.split,
        "photos": len(data.labels),
    }
    return replace(
        entry,
        checks={"confidence": found.figures} | checks,
        temperature=found.temperature,
        thresholds=found.thresholds and found.thresholds | {"measured_on": measured_on},
    )


def outputs_at(outputs: Outputs, temperature: float | None) -> Arrays:
    """Give the ``probabilities`` at a temperature, None for as they are, and the ``cam``."""
    found = outputs.probabilities if temperature is None else outputs.at_temperature(temperature)
    return {PROBABILITIES: found.astype(np.float32), CAM: outputs.cam}
