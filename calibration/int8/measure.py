"""Measure what a model reaches on photos: in all, by source, and behind the quality gate."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from calibration.compare.agreement import agreement
from calibration.compare.judge_candidate import open_file
from calibration.confidence.model_confidence import ConfidenceOptions, outputs_at, with_confidence
from calibration.int8.make import Int8Model
from calibration.models.ask import ask, ask_others
from calibration.models.evaluation_set import EvaluationSet
from calibration.models.model_under_test import Outputs
from calibration.models.reference import Reference
from edge_runtime.bundle.manifest import Manifest, ModelEntry
from edge_runtime.bundle.quality_limits import QualityLimits
from export.errors import GraphError
from train.evaluation.by_source import by_source
from train.evaluation.gate import gate_figures
from train.metrics.classification import evaluate

_RESAMPLES = 500


def measured_entry(
    model: Int8Model, manifest: Manifest, reference: Reference, options: ConfidenceOptions
) -> ModelEntry:
    """Write down how a model follows the original and what it reaches, at its own temperature.

    Args:
        model: Was made of the original.
        manifest: That of the original's bundle.
        reference: The original and its answers, by split; thresholds are fitted on val_dir.
        options: What is wanted of temperature and thresholds.
    """
    tested = open_file(model.content, manifest, simulate=model.simulate)
    said = {split: ask(tested, data) for split, data in reference.sets.items()}
    val = reference.sets["val_dir"]
    entry = with_confidence(model.name, model.entry, said["val_dir"], val, options)
    temperature = fitted_temperature(entry)
    checks = {
        f"agreement_{split}": agreement(
            outputs_at(reference.outputs[split], temperature), outputs_at(outputs, temperature)
        )
        for split, outputs in said.items()
    }
    metrics = {
        split: reached_metrics(
            said[split], ask_others(tested, data), data, temperature=temperature,
            thresholds=entry.thresholds, limits=manifest.quality, size=manifest.input_size,
            seed=options.seed,
        )
        for split, data in reference.sets.items()
    }  # fmt: skip
    return replace(entry, checks=checks | dict(entry.checks), metrics=metrics)


def fitted_temperature(entry: ModelEntry) -> float:
    """Take the temperature that was fitted.

    Raises:
        GraphError: The model gives no logits, so there is none.
    """
    if entry.temperature is None:
        raise GraphError("has no logits")
    return entry.temperature


def reached_metrics(
    known: Outputs,
    others: Outputs | None,
    data: EvaluationSet,
    *,
    temperature: float,
    thresholds: Mapping[str, Any],
    limits: QualityLimits,
    size: tuple[int, int],
    seed: int,
) -> dict[str, Any]:
    """Measure a model's answers.

    Args:
        known: To the photos with a class.
        others: To those of which only a class that they aren't is known; None if there are none.
        data: The photos.
        temperature: At which the answers are read.
        thresholds: Referral thresholds of a manifest, or nothing.
        limits: Of the quality gate.
        size: (height, width) of the model's input.
        seed: Of the intervals.

    Returns:
        JSON-ready: an ``evaluate`` result; ``gate`` (see ``train.evaluation.gate``); and where
        photos have sources ``by_source`` (see ``train.evaluation.by_source``) and
        ``by_source_with_gate``, the same of the photos that the gate lets pass.
    """
    parts = [each.at_temperature(temperature) for each in (known, others) if each is not None]
    probabilities = np.concatenate(parts)
    groups = np.concatenate([data.groups, data.other_groups])
    faults = data.faults(size, limits)
    passed = np.array([fault is None for fault in faults], bool)
    found = evaluate(parts[0].astype(np.float32), data.labels, data.classes)
    found["gate"] = gate_figures(faults, data.truth, data.classes)
    for name, chosen in (("by_source", np.ones_like(passed)), ("by_source_with_gate", passed)):
        within = by_source(
            probabilities[chosen], data.truth.part(chosen), groups[chosen], data.classes,
            thresholds=thresholds, resamples=_RESAMPLES, seed=seed,
        )  # fmt: skip
        if within is not None:
            found[name] = within
    return found
