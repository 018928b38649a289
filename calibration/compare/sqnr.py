"""Measure how far the tensors of a quantised model are from the original's."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import numpy_helper

from calibration.models.weights import QUANTISED, dequantised
from edge_runtime.contract import IMAGE


@dataclass(frozen=True)
class TensorSqnr:
    """A quantised tensor and how far it is from the original one, all errors before it included.

    ``kind`` is "weights" or "activation"; ``sqnr_db`` is infinite where both are equal.
    """

    name: str
    kind: str
    sqnr_db: float


def sqnr_db(signal: float, noise: float) -> float:
    """Give the ratio of two sums of squares in decibels."""
    if noise == 0:
        return float("inf")
    return float(10 * np.log10(signal / noise)) if signal > 0 else float("-inf")


def tensor_sqnr(
    original: onnx.ModelProto, quantised: onnx.ModelProto, images: npt.NDArray[np.uint8]
) -> tuple[TensorSqnr, ...]:
    """Measure every quantised tensor, weights and activations, worst first.

    Args:
        original: The float model, after ``quantise.prepare_model``.
        quantised: What ``quantise.quantise_model`` made of it.
        images: uint8 (N, height, width, 3), RGB, prepared.
    """
    floats = {value.name: numpy_helper.to_array(value) for value in original.graph.initializer}
    values = {value.name: value for value in quantised.graph.initializer}
    made = {name for node in original.graph.node for name in node.output}
    found, activations = [], []
    for node in quantised.graph.node:
        if node.op_type != "DequantizeLinear":
            continue
        name = node.output[0].removesuffix(QUANTISED)
        if name in made:
            activations.append(name)
        elif name in floats and floats[name].ndim > 1:
            error = floats[name] - dequantised(values, node)
            ratio = sqnr_db(np.square(floats[name]).sum(), np.square(error).sum())
            found.append(TensorSqnr(name, "weights", ratio))
    signal, noise = np.zeros(len(activations)), np.zeros(len(activations))
    for first, second in zip(
        run_outputs(original, activations, images),
        run_outputs(quantised, [f"{name}{QUANTISED}" for name in activations], images),
        strict=True,
    ):
        for index, (a, b) in enumerate(zip(first, second, strict=True)):
            signal[index] += np.square(a, dtype=np.float64).sum()
            noise[index] += np.square(a - b, dtype=np.float64).sum()
    found += [
        TensorSqnr(name, "activation", sqnr_db(s, n))
        for name, s, n in zip(activations, signal, noise, strict=True)
    ]
    return tuple(sorted(found, key=lambda each: (each.sqnr_db, each.name)))


def run_outputs(
    model: onnx.ModelProto, outputs: Sequence[str], images: npt.NDArray[np.uint8]
) -> Iterator[list[npt.NDArray[np.float32]]]:
    """Run a model photo by photo and yield any of its tensors, whether outputs of it or not."""
    changed = copy.deepcopy(model)
    del changed.graph.output[:]
    changed.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in outputs)
    session = open_session(changed)
    for image in images:
        yield session.run(list(outputs), {IMAGE: image[None]})


def open_session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """Open a model as a processor of any kind computes it."""
    return onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
