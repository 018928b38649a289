"""Shuffle a model's weights, layer by layer, in the graph of its ONNX file.

The graph computes the Grad-CAM too, from the same tensors as the answer: what is shuffled here is
the tensor, so that all that it is used in changes alike.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from calibration.models.weights import HEAD, QUANTISED, layer_of

_BLOCK = re.compile(r"(conv\d+(?:_block\d+)?)_")

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Layer:
    """A block of convolutions, or one layer of the head: ``tensors`` are its initialisers."""

    name: str
    tensors: tuple[str, ...]


def layers_from_top(proto: onnx.ModelProto) -> tuple[Layer, ...]:
    """List what was learned, the layer next to the answer first: the head, then block by block.

    Weights of 8 bits are found through the node that reads them back.

    Raises:
        ValueError: The model has no convolution whose weights are in the file, as a clause.
    """
    constants = {each.name: each for each in proto.graph.initializer}
    stored = {name: name for name in constants} | {
        node.output[0]: node.input[0]
        for node in proto.graph.node
        if node.op_type == "DequantizeLinear" and node.input[0] in constants
    }
    found: dict[str, dict[str, None]] = {}
    head, seen = 0, set[str]()
    for node in proto.graph.node:
        learned = [stored[name] for name in node.input if name in stored]
        learned = [
            name for name in learned if name not in seen and np.prod(constants[name].dims) > 1
        ]
        if not learned or node.op_type not in ("Conv", "Gemm", "MatMul", "Add"):
            continue
        if node.op_type == "Conv":
            layer = layer_of(node.input[1].removesuffix(QUANTISED))
            block = _BLOCK.match(layer)
            name = block[1] if block else layer
        else:
            head += node.op_type != "Add"
            name = f"{HEAD} {head}"
        seen |= {*learned}
        found.setdefault(name, {}).update(dict.fromkeys(learned))
    if all(name.startswith(HEAD) for name in found):
        raise ValueError("has no convolutions whose weights stand in the file")
    return tuple(Layer(name, tuple(tensors)) for name, tensors in reversed(found.items()))


def shuffle_layer(proto: onnx.ModelProto, layer: Layer, generator: np.random.Generator) -> None:
    """Shuffle a layer's weights in place.

    The numbers of each output channel are permuted among themselves, and those of a bias among the
    channels: all that a layer has learned goes, and each channel's mean and spread stay, as do the
    scales of weights of 8 bits. Which axis has the outputs is told by the node that the weights go
    into. Biases that are whole numbers are brought to their channels' scale.
    """
    constants = {each.name: each for each in proto.graph.initializer}
    readers = {
        node.input[0]: node for node in proto.graph.node if node.op_type == "DequantizeLinear"
    }
    axes = _output_axes(proto)
    for name in layer.tensors:
        values = numpy_helper.to_array(constants[name])
        reader = readers.get(name)
        if values.size > max(values.shape):
            axis = axes[reader.output[0] if reader else name]
            shuffled = _within_outputs(values, axis, generator)
        else:
            scale = numpy_helper.to_array(constants[reader.input[1]]) if reader else None
            shuffled = _among_outputs(values, scale, generator)
        constants[name].CopyFrom(numpy_helper.from_array(shuffled, name))


def _output_axes(proto: onnx.ModelProto) -> dict[str, int]:
    """Tell the axis of the outputs of each tensor that a layer multiplies by, at its first use.

    A convolution has them first. A matrix has them in its rows where it stands on the left of the
    picture's features, in its columns on the right, and the other way round where it's transposed.
    """
    found: dict[str, int] = {}
    for node in proto.graph.node:
        if node.op_type not in ("Conv", "Gemm", "MatMul"):
            continue
        turned = {each.name: each.i for each in node.attribute}
        for place, name in enumerate(node.input[:2]):
            axis = (
                0 if node.op_type == "Conv" else place ^ turned.get(("transA", "transB")[place], 0)
            )
            found.setdefault(name, axis)
    return found


def _within_outputs(values: Array, axis: int, generator: np.random.Generator) -> Array:
    first = np.moveaxis(values, axis, 0)
    rows = generator.permuted(first.reshape(len(first), -1), axis=1)
    return np.ascontiguousarray(np.moveaxis(rows.reshape(first.shape), 0, axis))


def _among_outputs(values: Array, scale: Array | None, generator: np.random.Generator) -> Array:
    if scale is None:
        return generator.permutation(values.ravel()).reshape(values.shape)
    real = generator.permutation(values.ravel() * scale.astype(np.float64).ravel())
    limits = np.iinfo(values.dtype)
    whole = np.clip(np.rint(real / scale.ravel()), limits.min, limits.max)
    return np.asarray(whole.astype(values.dtype).reshape(values.shape))
