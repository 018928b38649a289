"""Read the weights of a model file, as float32 and by layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

#: What ONNX Runtime puts behind the name of a tensor that was quantised and read back.
QUANTISED = "_DequantizeLinear_Output"

#: What ``LayerWeights.layer`` says of all tensors behind ``last_conv``.
HEAD = "head"

_LEARNED = ("Conv", "Gemm", "MatMul", "Add")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LayerWeights:
    """Learned numbers of one layer, read back to float32 where they are quantised.

    A convolution's ``kind`` is "weights", (out, in, height, width), or "bias", (out,). The tensors
    of the head have their shapes for kinds, such as "256 x 2048", without axes of length one.
    """

    layer: str
    kind: str
    values: Floats

    @property
    def name(self) -> str:
        """The layer and the kind, for people."""
        return f"{self.layer} {self.kind}"


def read_weights(file: Path, file_format: str) -> tuple[LayerWeights, ...]:
    """Read a model file, "onnx" or "tflite".

    Raises:
        ValueError: They aren't such as this can read; with a clause that says so.
    """
    return onnx_weights(onnx.load(file)) if file_format == "onnx" else tflite_weights(file)


def onnx_weights(proto: onnx.ModelProto) -> tuple[LayerWeights, ...]:
    """Read an ONNX model's convolutions and head, in the graph's order."""
    constants = {value.name: value for value in proto.graph.initializer}
    readers = {
        node.output[0]: node
        for node in proto.graph.node
        if node.op_type == "DequantizeLinear" and node.input[0] in constants
    }
    found: dict[str, LayerWeights] = {}
    for node in proto.graph.node:
        if node.op_type not in _LEARNED:
            continue
        for position, name in enumerate(node.input):
            if name in readers:
                values = dequantised(constants, readers[name])
            elif name in constants:
                values = numpy_helper.to_array(constants[name])
            else:
                continue
            if node.op_type == "Conv":
                layer = layer_of(node.input[1].removesuffix(QUANTISED))
                tensor = LayerWeights(layer, "weights" if position == 1 else "bias", values)
            elif values.size > 1:
                tensor = of_head(values)
            else:
                continue
            found.setdefault(name, tensor)
    return tuple(found.values())


def tflite_weights(file: Path) -> tuple[LayerWeights, ...]:
    """Read a TFLite model's convolutions; its head has other forms in other precisions."""
    from ai_edge_litert.tools import flatbuffer_utils  # noqa: PLC0415 - an extra

    content = flatbuffer_utils.read_model(str(file))
    if len(content.subgraphs) != 1:
        raise ValueError("the TFLite model has more than one graph")
    tensors = content.subgraphs[0].tensors
    halves: dict[int, int] = {}  # float16 constants by what they are read back to
    found = []
    for operator in content.subgraphs[0].operators:
        operation = flatbuffer_utils.opcode_to_name(content, operator.opcodeIndex)
        if operation == "DEQUANTIZE":
            halves[operator.outputs[0]] = operator.inputs[0]
        elif operation == "CONV_2D":
            weights, *bias = (halves.get(index, index) for index in operator.inputs[1:])
            layer = layer_of(tensors[weights].name.decode())
            values = _of_tflite(content, tensors[weights]).transpose(0, 3, 1, 2)
            found.append(LayerWeights(layer, "weights", values))
            found += [
                LayerWeights(layer, "bias", _of_tflite(content, tensors[index]))
                for index in bias
                if index >= 0
            ]
    return tuple(found)


def dequantised(values: Mapping[str, onnx.TensorProto], node: onnx.NodeProto) -> Floats:
    """Compute what a DequantizeLinear of constants gives, per tensor or per channel."""
    given = {name: numpy_helper.to_array(values[name]) for name in node.input if name}
    (found,) = ReferenceEvaluator(node).run(None, given)
    return np.asarray(found, np.float32)


def _of_tflite(content: Any, tensor: Any) -> Floats:
    from ai_edge_litert import schema_py_generated as schema  # noqa: PLC0415 - an extra

    kinds = {
        schema.TensorType.FLOAT32: "<f4",
        schema.TensorType.FLOAT16: "<f2",
        schema.TensorType.INT8: "<i1",
        schema.TensorType.INT32: "<i4",
    }
    data = content.buffers[tensor.buffer].data
    if tensor.type not in kinds or data is None:
        raise ValueError("the TFLite model has weights of a kind that isn't known")
    values = np.frombuffer(bytes(data), kinds[tensor.type]).reshape(tensor.shape)
    found = tensor.quantization
    if found is None or found.scale is None or not len(found.scale):
        return values.astype(np.float32)
    axes = [1] * values.ndim
    axes[found.quantizedDimension] = -1
    zero, scale = (np.asarray(each).reshape(axes) for each in (found.zeroPoint, found.scale))
    return np.asarray((values.astype(np.float64) - zero) * scale, np.float32)


def layer_of(name: str) -> str:
    """Take the layer out of a tensor's name: "resnet50_1/conv4_block1_1_conv_1/convolution:0"."""
    parts = name.split("/")
    return parts[1] if len(parts) > 2 else name


def of_head(values: Floats) -> LayerWeights:
    """Describe a tensor of the head."""
    values = values.squeeze()
    return LayerWeights(HEAD, " x ".join(map(str, values.shape)), values)
