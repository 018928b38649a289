"""Measure the ranges of a model's activations on a representative set."""

import contextlib
import io
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import onnx
from onnxruntime.quantization import CalibrationMethod, TensorsData
from onnxruntime.quantization.calibrate import create_calibrator

from edge_runtime.contract import IMAGE

#: By the names that the command takes.
METHODS: Mapping[str, CalibrationMethod] = {
    "min-max": CalibrationMethod.MinMax,
    "entropy": CalibrationMethod.Entropy,
    "percentile": CalibrationMethod.Percentile,
    "distribution": CalibrationMethod.Distribution,
}

#: Relu is among them so that a convolution's range is that after its ReLU, which is finer.
QUANTISED_OPS = ("Conv", "Add", "MaxPool", "Relu")

_CHUNK = 4  # photos whose activations are in memory at once


def measure_ranges(model: Path, images: npt.NDArray[np.uint8], *, method: str) -> TensorsData:
    """Run the float model and find each activation's range.

    Args:
        model: A float ONNX file after ``prepare_model``.
        images: uint8 (N, height, width, 3), RGB, prepared: the representative set.
        method: One of ``METHODS``: all values ("min-max"), or a part of them that loses the least
            information ("entropy"), the middle 99.999 % ("percentile"), or all values with the
            same range on both sides of zero ("distribution", which ONNX Runtime has for 8-bit
            floats).

    Returns:
        What ``quantise_model`` takes.
    """
    with tempfile.TemporaryDirectory() as folder:
        calibrator = create_calibrator(
            model,
            list(QUANTISED_OPS),
            augmented_model_path=str(Path(folder, "augmented.onnx")),
            calibrate_method=METHODS[method],
            extra_options={"percentile": 99.999} if method == "percentile" else {},
        )
        with contextlib.redirect_stdout(io.StringIO()):  # it prints each chunk
            for start in range(0, len(images), _CHUNK):
                feeds = iter([{IMAGE: image[None]} for image in images[start : start + _CHUNK]])
                calibrator.collect_data(SimpleNamespace(get_next=partial(next, feeds, None)))
            ranges = calibrator.compute_data()
    # ONNX Runtime takes a ReLU out before a quantised tensor, and nothing but a range from zero
    # on does its work then; the distribution's are symmetric.
    for node in onnx.load(model, load_external_data=False).graph.node:
        if node.op_type == "Relu" and node.output[0] in ranges:
            found = ranges[node.output[0]]
            found.lowest = np.zeros_like(found.lowest)
    return ranges
