"""Give each model of a bundle a temperature and referral thresholds of its own."""

from dataclasses import replace

from calibration.confidence.fit import calibrate_confidence
from calibration.confidence.thresholds import ConfidenceOptions
from calibration.models.evaluation_set import EvaluationSet
from calibration.models.model_under_test import Outputs
from edge_runtime.bundle.manifest import ModelEntry
from edge_runtime.bundle.thresholds import MeasuredOn
from edge_runtime.system.codec import plain
from train.metrics.intervals import Bootstrap

_RESAMPLES = 1000


def with_confidence(
    name: str, entry: ModelEntry, said: Outputs, data: EvaluationSet, options: ConfidenceOptions
) -> ModelEntry:
    """Fit a model's temperature and thresholds on its own answers, and put them into its entry.

    What was measured stands among its checks. Where the model gives no logits it gets neither: the
    bundle's hold for it.
    """
    checks = {check: found for check, found in entry.checks.items() if check != "confidence"}
    if said.logits is None:
        return replace(entry, checks=checks, temperature=None, thresholds=None)
    found = calibrate_confidence(
        said.logits,
        data.labels,
        data.groups,
        data.classes,
        options,
        bootstrap=Bootstrap(_RESAMPLES, options.seed),
    )
    measured_on = MeasuredOn(name, data.split, len(data.labels))
    return replace(
        entry,
        checks={"confidence": plain(found.figures)} | checks,
        temperature=found.temperature,
        thresholds=found.thresholds and replace(found.thresholds, measured_on=measured_on),
    )
