"""Compare what two models answered: classes, confidence, referral."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from calibration.compare.agreement import compare_answers
from calibration.compare.paired import paired_figures
from calibration.models.evaluation_set import EvaluationSet
from calibration.models.model_under_test import ModelUnderTest, Outputs
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.bundle.referral import referral_score
from train.data.contrasts import HEALTHY
from train.evaluation.evidence import evidence_figures
from train.metrics.intervals import percentile_interval, resample_groups
from train.metrics.reliability import expected_calibration_error

Doubles = npt.NDArray[np.float64]


def compare(
    data: EvaluationSet,
    manifest: Manifest,
    original: tuple[ModelUnderTest, Outputs],
    model: Outputs,
    *,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Measure a model's answers against the original's.

    An original without the model's temperature would differ in every probability. So it is read
    at the model's temperature, and what is left is what the model itself changed. Its calibration
    error is measured both ways, and the model's must not rise above the smaller one.

    Args:
        data: What both were asked.
        manifest: That of the bundle under examination ``for_model``: its temperature and thresholds
            are the model's.
        original: The original and its answers.
        model: The answers of the model under examination.
        resamples: Draws of groups for intervals.
        seed: Of the draws.

    Returns:
        JSON-ready: ``paired`` (see ``paired_figures``), ``agreement``, ``confidence``,
        ``referral``, ``evidence`` (of each, see ``evidence_figures``) and ``unusable``.
    """
    outputs = original[1]
    first, second = outputs.at_temperature(manifest.temperature), model.probabilities
    return {
        "paired": paired_figures(
            data.labels, first, second, data.groups, data.classes, resamples=resamples, seed=seed
        ),
        "agreement": _agreement(
            first, second, resample_groups(data.groups, resamples=resamples, seed=seed)
        ),
        "confidence": _confidence(data, original, model, temperature=manifest.temperature),
        "referral": _referral(data, manifest.thresholds, first, second),
        "evidence": {
            name: evidence_figures(
                said.cam[np.arange(len(said.top)), said.top],
                data.images(manifest.input_size),
                limit=manifest.evidence_outside_max,
            )
            for name, said in (("original", outputs), ("model", model))
        },
        "unusable": model.unusable,
    }


def _agreement(
    first: Doubles, second: Doubles, draws: Iterable[npt.NDArray[np.intp]]
) -> dict[str, Any]:
    found = compare_answers(first, second)
    return {
        "top1": found.top1,
        "interval": list(percentile_interval([found.same[draw].mean() for draw in draws])),
        "changed": int((~found.same).sum()),
        "probability_difference_mean": found.difference_mean,
        "probability_difference_max": found.difference_max,
    }


def _confidence(
    data: EvaluationSet,
    original: tuple[ModelUnderTest, Outputs],
    model: Outputs,
    *,
    temperature: float,
) -> dict[str, Any]:
    """Measure calibration errors, the original's as it is and at the model's temperature."""
    tested, outputs = original
    as_is, alike, own = (
        expected_calibration_error(each, data.labels)
        for each in (
            outputs.probabilities, outputs.at_temperature(temperature), model.probabilities,
        )
    )  # fmt: skip
    return {
        "ece_original": alike,
        "ece_original_as_is": as_is,
        "temperature_original": tested.temperature,
        "temperature_bundle": temperature,
        "ece_model": own,
        "ece_rise": own - min(alike, as_is),
    }


def _referral(
    data: EvaluationSet, thresholds: Mapping[str, Any], first: Doubles, second: Doubles
) -> dict[str, Any] | None:
    """Count the flips in referral; None where it isn't known who needs none."""
    classes = data.classes
    healthy = tuple(thresholds["no_referral"]) if thresholds else (HEALTHY,)
    if not set(healthy) < set(classes):
        return None
    if thresholds:
        rule = "thresholds"
        limit = min(entry["threshold"] for entry in thresholds["classes"].values())
        before, after = (
            referral_score(p, classes, no_referral=healthy) >= limit for p in (first, second)
        )
    else:
        rule = "predicted class"
        numbers = [classes.index(name) for name in healthy]
        before, after = (~np.isin(p.argmax(axis=1), numbers) for p in (first, second))
    ill = ~np.isin(data.labels, [classes.index(name) for name in healthy])
    lost, gained = before & ~after, after & ~before
    return {
        "rule": rule,
        "no_referral": list(healthy),
        "original": int(before.sum()),
        "model": int(after.sum()),
        "lost": int(lost.sum()),
        "lost_in_need": int((lost & ill).sum()),
        "gained": int(gained.sum()),
        "sensitivity_original": float(before[ill].mean()),
        "sensitivity_model": float(after[ill].mean()),
        "specificity_original": float(1 - before[~ill].mean()),
        "specificity_model": float(1 - after[~ill].mean()),
    }
