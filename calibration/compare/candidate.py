"""Measure a quantised model that isn't in a bundle yet."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime

from calibration.compare.comparison import ModelFigures, compare
from calibration.compare.map_drift import distances, summarise
from calibration.compare.weight_sqnr import compare_weights
from calibration.confidence.temperature import fit_temperature
from calibration.models.ask import Reference, ask
from calibration.models.model_under_test import (
    Arrays,
    ModelFile,
    ModelUnderTest,
    familiarity_distances,
)
from calibration.models.weights import LayerWeights, onnx_weights
from edge_runtime.bundle.familiarity import Familiarity
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.contract import CAM, IMAGE, LAST_CONV, LOGITS, PROBABILITIES
from train.metrics.intervals import Bootstrap

_OUTPUTS = (PROBABILITIES, LOGITS, LAST_CONV, CAM)
_BOOTSTRAP = Bootstrap(500)


def open_file(
    model: bytes, manifest: Manifest, *, simulate: bool, familiarity: Familiarity | None = None
) -> ModelUnderTest:
    """Open an ONNX file's content as it would run here, or as exact arithmetic would run it.

    To ``simulate`` that, every quantised tensor is read back before it is used, and all is computed
    in float: what a processor gives that doesn't saturate. ``manifest`` is that of its bundle, and
    ``familiarity`` what the bundle knows of the photos of training, if they shall be compared.
    """
    options = onnxruntime.SessionOptions()
    if simulate:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(images: npt.NDArray[np.uint8]) -> Arrays:
        found = dict(zip(_OUTPUTS, session.run(list(_OUTPUTS), {IMAGE: images}), strict=True))
        return found | familiarity_distances(found, familiarity)

    file = ModelFile(
        "int8 candidate", "onnx", "int8", hashlib.sha256(model).hexdigest(), len(model)
    )
    return ModelUnderTest(file, manifest.classes, manifest.input_size, run)


def candidate_figures(
    model: bytes,
    reference: Reference,
    manifest: Manifest,
    weights: Sequence[LayerWeights],
    *,
    simulate: bool,
) -> ModelFigures:
    """Measure what gates judge by on val_dir, at the temperature that fits the model's answers.

    ``manifest`` is that of the original's bundle, ``weights`` are the original's; for the others
    see ``open_file``. Thresholds are of the model that is made in the end, so none judge here.
    """
    data, first = reference.sets["val_dir"], reference.outputs["val_dir"]
    said = ask(open_file(model, manifest, simulate=simulate), data)
    manifest = replace(manifest, thresholds=None)
    if said.logits is not None:
        manifest = replace(manifest, temperature=fit_temperature(said.logits, data.labels))
        said = said.calibrated(manifest.temperature)
    apart = distances(first, said, input_size=manifest.input_size)
    return ModelFigures(
        **vars(compare(data, manifest, (reference.tested, first), said, _BOOTSTRAP)),
        explanation=summarise(apart, first.top, data),
        weights=compare_weights(onnx_weights(onnx.load_model_from_string(model)), weights),
        may_saturate=False,  # it is made for its target, and simulated if that isn't here
    )
