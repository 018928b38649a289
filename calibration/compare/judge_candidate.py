"""Ask a quantised model that isn't in a bundle yet what the gates ask."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from calibration.compare.comparison import compare
from calibration.compare.gates import Judgement, judge, missed_by_original
from calibration.compare.map_drift import drifts, summarise
from calibration.confidence.temperature import fit_temperature
from calibration.models.evaluation_set import EvaluationSet
from calibration.models.model_under_test import Arrays, ModelUnderTest, Outputs
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.contract import CAM, IMAGE, LAST_CONV, LOGITS, PROBABILITIES

_OUTPUTS = (PROBABILITIES, LOGITS, LAST_CONV, CAM)
_RESAMPLES = 500


@dataclass(frozen=True, eq=False)
class Judged:
    """What the gates say, and the figures behind it as in ``validation.json``.

    ``original_misses`` are the gates on the model alone that the original misses itself.
    """

    judgements: tuple[Judgement, ...]
    figures: dict[str, Any]
    original_misses: frozenset[str] = frozenset()


def open_file(model: bytes, manifest: Manifest, *, simulate: bool) -> ModelUnderTest:
    """Open an ONNX file as it would run here, or as exact arithmetic would run it.

    Args:
        model: The file's content.
        manifest: That of the bundle that it is made for.
        simulate: Read every quantised tensor back before it is used, and compute in float: what
            a processor gives that doesn't saturate.
    """
    options = onnxruntime.SessionOptions()
    if simulate:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(images: npt.NDArray[np.uint8]) -> Arrays:
        return dict(zip(_OUTPUTS, session.run(list(_OUTPUTS), {IMAGE: images}), strict=True))

    return ModelUnderTest(
        name="",
        file_format="onnx",
        precision="int8",
        sha256=hashlib.sha256(model).hexdigest(),
        size_bytes=len(model),
        classes=manifest.classes,
        input_size=manifest.input_size,
        gradients="exact",
        temperature=1.0,
        run=run,
    )


def judge_candidate(
    outputs: Outputs,
    data: EvaluationSet,
    original: tuple[ModelUnderTest, Outputs],
    manifest: Manifest,
    gates: Mapping[str, float],
    *,
    weights: Mapping[str, Any],
) -> Judged:
    """Judge a model's answers by the gates that ``validate`` has, at the model's own temperature.

    Args:
        outputs: The model's, before any temperature; one is fitted on them, as it will be.
        data: The photos.
        original: The original and its answers to them.
        manifest: That of the original's bundle.
        gates: The limits.
        weights: How far the model's are from the original's, from ``weight_sqnr``.
    """
    first = original[1]
    if outputs.logits is not None:
        temperature = fit_temperature(outputs.logits, data.labels)
        manifest = replace(manifest, temperature=temperature)
        outputs = replace(outputs, probabilities=outputs.at_temperature(temperature))
    rows = drifts(first, outputs, input_size=manifest.input_size)
    figures = compare(data, manifest, original, outputs, resamples=_RESAMPLES, seed=0) | {
        "explanation": summarise(rows, first.top, data.groups, data.classes, resamples=0, seed=0),
        "weights": weights,
        "may_saturate": False,  # it is made for its target, and simulated if that isn't here
    }
    return Judged(judge(figures, gates), figures, missed_by_original(figures, gates))
