"""Find out which layer of a quantised model costs what."""

import copy
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from calibration.compare.sqnr import run_outputs, sqnr_db
from calibration.models.weights import QUANTISED, dequantised
from edge_runtime.contract import LAST_CONV


@dataclass(frozen=True)
class Layer:
    """A node with its weights, if any, and the ReLU behind it: what is quantised together.

    ``name`` is the node's; ``nodes`` are its name and its ReLU's; ``gives`` what they give.
    """

    name: str
    nodes: tuple[str, ...]
    weights: str | None
    gives: str


def find_layers(original: onnx.ModelProto, nodes: Collection[str]) -> tuple[Layer, ...]:
    """Gather nodes that are to be quantised into layers, in the graph's order."""
    constants = {value.name for value in original.graph.initializer}
    found = []
    for node in original.graph.node:
        if node.name not in nodes or node.op_type == "Relu":
            continue
        together = [node]
        behind = [each for each in original.graph.node if node.output[0] in each.input]
        if [each.op_type for each in behind] == ["Relu"]:
            together += behind
        weights = next((name for name in node.input if name in constants), None)
        names = tuple(each.name for each in together)
        found.append(Layer(node.name, names, weights, together[-1].output[0]))
    return tuple(found)


def layer_costs(
    original: onnx.ModelProto,
    quantised: onnx.ModelProto,
    layers: Collection[Layer],
    images: npt.NDArray[np.uint8],
) -> Mapping[str, float]:
    """Quantise one layer at a time and see what that does to ``last_conv``, worst first.

    Its own error is what counts here, whatever the others do, and all that the rest of the
    network makes of it.

    Args:
        original: The float model, after ``quantise.prepare_model``.
        quantised: What ``quantise.quantise_model`` made of it.
        layers: Which ones.
        images: uint8 (N, height, width, 3), RGB, prepared; few are enough.

    Returns:
        By layer, the SQNR of ``last_conv`` in decibels.
    """
    values = {value.name: value for value in quantised.graph.initializer}
    nodes = quantised.graph.node
    readers = {
        node.output[0].removesuffix(QUANTISED): node
        for node in nodes
        if node.op_type == "DequantizeLinear"
    }
    rounders = {node.input[0]: node for node in nodes if node.op_type == "QuantizeLinear"}
    exact = _last_conv(original, images)
    signal = float(np.square(exact, dtype=np.float64).sum())
    costs = {}
    for layer in layers:
        alone = copy.deepcopy(original)
        if layer.weights in readers:
            weights = dequantised(values, readers[layer.weights])
            for value in alone.graph.initializer:
                if value.name == layer.weights:
                    value.CopyFrom(numpy_helper.from_array(weights, value.name))
        if layer.gives in rounders:
            parameters = list(rounders[layer.gives].input[1:])
            known = {value.name for value in alone.graph.initializer}
            alone.graph.initializer.extend(values[x] for x in parameters if x not in known)
            round_tensor(alone, layer.gives, parameters)
        error = exact - _last_conv(alone, images)
        costs[layer.name] = sqnr_db(signal, float(np.square(error, dtype=np.float64).sum()))
    return dict(sorted(costs.items(), key=lambda item: (item[1], item[0])))


def _last_conv(model: onnx.ModelProto, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return np.concatenate([found for (found,) in run_outputs(model, [LAST_CONV], images)])


def round_tensor(model: onnx.ModelProto, tensor: str, parameters: Sequence[str]) -> None:
    """Quantise an activation and read it back, between the node that gives it and its readers.

    ``parameters`` name its scale and zero point, which the caller adds. The model is changed.
    """
    nodes = model.graph.node
    at = next(index for index, node in enumerate(nodes) if tensor in node.output)
    whole, back = f"{tensor}_whole", f"{tensor}_back"
    for node in nodes:
        for position, name in enumerate(node.input):
            if name == tensor:
                node.input[position] = back
    make = onnx.helper.make_node
    nodes.insert(at + 1, make("QuantizeLinear", [tensor, *parameters], [whole]))
    nodes.insert(at + 2, make("DequantizeLinear", [whole, *parameters], [back]))
