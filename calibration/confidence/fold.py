"""Write a temperature into a model file: probabilities = softmax(logits / temperature)."""

import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

from edge_runtime.contract import LOGITS, PROBABILITIES
from export.errors import GraphError

_TEMPERATURE = "temperature"
_SCALED = "logits_by_temperature"


def fold_temperature(model: bytes, temperature: float, *, file_format: str) -> bytes:
    """Fold a temperature into a file of the contract; logits and maps stay as they are.

    A temperature that was folded before is replaced.

    Args:
        model: The file's content.
        temperature: Above zero.
        file_format: "onnx" or "tflite".

    Raises:
        GraphError: Its probabilities don't come from a softmax of the logits.
    """
    if file_format == "onnx":
        return _fold_onnx(model, temperature)
    return _fold_tflite(model, temperature)


def _fold_onnx(model: bytes, temperature: float) -> bytes:
    proto = onnx.load_model_from_string(model)
    graph = proto.graph
    made_by = {name: node for node in graph.node for name in node.output}
    softmax = made_by.get(PROBABILITIES)
    if softmax is None or softmax.op_type != "Softmax":
        raise GraphError("computes the probabilities by no softmax")
    value = onnx.numpy_helper.from_array(np.array(temperature, np.float32), _TEMPERATURE)
    if softmax.input[0] == _SCALED:
        (old,) = (tensor for tensor in graph.initializer if tensor.name == _TEMPERATURE)
        old.CopyFrom(value)
    elif softmax.input[0] == LOGITS:
        divide = onnx.helper.make_node("Div", [LOGITS, _TEMPERATURE], [_SCALED], name=_TEMPERATURE)
        graph.node.insert(list(graph.node).index(softmax), divide)
        graph.initializer.append(value)
        softmax.input[0] = _SCALED
    else:
        raise GraphError(f"computes the probabilities of '{softmax.input[0]}', not of the logits")
    onnx.checker.check_model(proto)
    return bytes(proto.SerializeToString())


def _fold_tflite(model: bytes, temperature: float) -> bytes:
    """Set the softmax's own factor: TFLite's computes softmax(beta * x).

    Also where x is quantised: the factor multiplies its scale, and its bytes stay as they are.
    """
    content = flatbuffer_utils.read_model_from_bytearray(bytearray(model))
    softmaxes = [
        operator
        for graph in content.subgraphs
        for operator in graph.operators
        if flatbuffer_utils.opcode_to_name(content, operator.opcodeIndex) == "SOFTMAX"
    ]
    if len(softmaxes) != 1:
        raise GraphError(f"has {len(softmaxes)} softmax operations, not one", kind="TFLite")
    (options,) = (operator.builtinOptions for operator in softmaxes)
    if not isinstance(options, schema.SoftmaxOptionsT):
        raise GraphError("has a softmax without its factor", kind="TFLite")
    options.beta = 1 / temperature
    return bytes(flatbuffer_utils.convert_object_to_bytearray(content))
