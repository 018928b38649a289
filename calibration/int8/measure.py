"""Measure what a model reaches on photos: in all, by source, and behind the quality gate."""

from dataclasses import replace

import numpy as np
from msgspec import UNSET

from calibration.compare.agreement import agreement
from calibration.compare.candidate import open_file
from calibration.confidence.model_confidence import with_confidence
from calibration.confidence.thresholds import ConfidenceOptions
from calibration.int8.make import Int8Model
from calibration.models.ask import Reference, ask
from calibration.models.evaluation_set import EvaluationSet
from calibration.models.model_under_test import Outputs
from calibration.models.refusals import refusals
from edge_runtime.bundle.familiarity import Familiarity
from edge_runtime.bundle.manifest import Manifest, ModelEntry
from edge_runtime.bundle.metrics import Metrics
from edge_runtime.system.codec import plain
from export.errors import GraphError
from train.evaluation.as_predicted import as_predicted
from train.evaluation.by_source import by_source
from train.evaluation.gate import gate_figures
from train.metrics.classification import evaluate
from train.metrics.intervals import Bootstrap

_RESAMPLES = 500


def measured_entry(
    model: Int8Model,
    manifest: Manifest,
    reference: Reference,
    options: ConfidenceOptions,
    *,
    familiarity: Familiarity | None,
) -> ModelEntry:
    """Write down how a model follows the original and what it reaches, at its own temperature.

    Temperature and thresholds are fitted on val_dir. ``manifest`` is that of the original's bundle,
    ``familiarity`` what the new one will know of the photos of training.
    """
    sets = reference.sets
    tested = open_file(model.content, manifest, simulate=model.simulate, familiarity=familiarity)
    said = {split: ask(tested, data, others=True) for split, data in sets.items()}
    entry = with_confidence(model.name, model.entry, said["val_dir"], sets["val_dir"], options)
    warmth = fitted_temperature(entry)
    own = replace(manifest, temperature=warmth, thresholds=entry.thresholds)
    checks = {
        f"agreement_{split}": plain(
            agreement(reference.outputs[split].calibrated(warmth), outputs.calibrated(warmth))
        )
        for split, outputs in said.items()
    }
    metrics = {
        split: reached_metrics(outputs, sets[split], own, Bootstrap(_RESAMPLES, options.seed))
        for split, outputs in said.items()
    }
    return replace(entry, checks={**checks, **entry.checks}, metrics=metrics)


def fitted_temperature(entry: ModelEntry) -> float:
    """Take the temperature that was fitted.

    Raises:
        GraphError: The model gives no logits, so there is none.
    """
    if entry.temperature is None:
        raise GraphError("has no logits")
    return entry.temperature


def reached_metrics(
    said: Outputs, data: EvaluationSet, manifest: Manifest, bootstrap: Bootstrap
) -> Metrics:
    """Measure a model's answers, also those to photos of which only one wrong class is known.

    Temperature and thresholds of ``manifest`` are the model's own. Figures by source alone have
    intervals.
    """
    said = said.calibrated(manifest.temperature)
    faults = refusals(data, said, manifest)
    passed = np.array([fault is None for fault in faults], bool)
    of_all, with_gate = (
        by_source(
            said.everyone()[chosen],
            data.truth.part(chosen),
            data.all_groups[chosen],
            data.classes,
            thresholds=manifest.thresholds,
            bootstrap=bootstrap,
        )
        for chosen in (np.ones_like(passed), passed)
    )
    return replace(
        evaluate(said.probabilities.astype(np.float32), data.labels, data.classes),
        gate=gate_figures(faults, data.truth, data.classes),
        by_source=of_all or UNSET,
        by_source_with_gate=with_gate or UNSET,
        as_predicted=as_predicted(
            said.probabilities,
            data.labels,
            data.groups,
            data.classes,
            faults[: len(data.photos)],
            thresholds=manifest.thresholds,
            bootstrap=bootstrap,
        ),
    )
