"""Measure what a model reaches on an exam: in all, by source, and behind the quality gate."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from calibration.compare.agreement import agreement
from calibration.confidence.model_confidence import ConfidenceWish, outputs_at, with_confidence
from calibration.int8.make import Int8Model
from calibration.models.evaluation_set import Exam
from calibration.models.model_under_test import Answers, Subject, ask
from edge_runtime.bundle.manifest import Manifest, ModelEntry
from edge_runtime.bundle.quality_limits import QualityLimits
from export.errors import GraphError
from train.evaluation.by_source import by_source
from train.evaluation.gate import gate_figures
from train.metrics.classification import evaluate

_RESAMPLES = 500


def measured_entry(
    model: Int8Model,
    subject: Subject,
    manifest: Manifest,
    exams: Mapping[str, Exam],
    original: Mapping[str, Answers],
    said: Mapping[str, Answers],
    wish: ConfidenceWish,
) -> ModelEntry:
    """Write down how a model follows the original and what it reaches, at its own temperature.

    Args:
        model: Was made of the original.
        subject: It, opened.
        manifest: That of the original's bundle.
        exams: The photos, by split; thresholds are fitted on val_dir.
        original: The original's answers to them.
        said: The model's.
        wish: What is wanted of temperature and thresholds.
    """
    entry = with_confidence(model.name, model.entry, said["val_dir"], exams["val_dir"], wish)
    temperature = fitted_temperature(entry)
    checks = {
        f"agreement_{split}": agreement(
            outputs_at(original[split], temperature), outputs_at(answers, temperature)
        )
        for split, answers in said.items()
    }
    metrics = {}
    for split, exam in exams.items():
        images = exam.other_images(manifest.input_size)
        others = ask(subject, images, exam.classes) if len(images) else None
        metrics[split] = exam_metrics(
            said[split], others, exam, temperature=temperature, thresholds=entry.thresholds,
            limits=manifest.quality, size=manifest.input_size, seed=wish.seed,
        )  # fmt: skip
    return replace(entry, checks=checks | dict(entry.checks), metrics=metrics)


def fitted_temperature(entry: ModelEntry) -> float:
    """Take the temperature that was fitted.

    Raises:
        GraphError: The model gives no logits, so there is none.
    """
    if entry.temperature is None:
        raise GraphError("has no logits")
    return entry.temperature


def exam_metrics(
    known: Answers,
    others: Answers | None,
    exam: Exam,
    *,
    temperature: float,
    thresholds: Mapping[str, Any],
    limits: QualityLimits,
    size: tuple[int, int],
    seed: int,
) -> dict[str, Any]:
    """Measure a model's answers.

    Args:
        known: To the exam's photos.
        others: To those of which only a class that they aren't is known; None if there are none.
        exam: The photos.
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
    groups = np.concatenate([exam.groups, exam.other_groups])
    faults = exam.faults(size, limits)
    passed = np.array([fault is None for fault in faults], bool)
    found = evaluate(parts[0].astype(np.float32), exam.labels, exam.classes)
    found["gate"] = gate_figures(faults, exam.truth, exam.classes)
    for name, chosen in (("by_source", np.ones_like(passed)), ("by_source_with_gate", passed)):
        within = by_source(
            probabilities[chosen], exam.truth.part(chosen), groups[chosen], exam.classes,
            thresholds=thresholds, resamples=_RESAMPLES, seed=seed,
        )  # fmt: skip
        if within is not None:
            found[name] = within
    return found
