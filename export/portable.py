"""Check from a TFLite file itself that any LiteRT can run it."""

from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

from export.errors import GraphError

_INTEGERS = frozenset({schema.TensorType.INT8, schema.TensorType.UINT8, schema.TensorType.INT32})

#: What leads into integers and out of them.
_BORDER = frozenset({"QUANTIZE", "DEQUANTIZE"})


def check_portable(content: bytes) -> None:
    """Check that a file has builtin operations alone: none of TensorFlow's (Flex), none custom.

    Args:
        content: The file's content.

    Raises:
        GraphError: It has others; the sentence names them.
    """
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    foreign = [
        (code.customCode or b"unnamed").decode("utf-8", "replace")
        for code in model.operatorCodes
        if code.customCode or code.builtinCode == schema.BuiltinOperator.CUSTOM
    ]
    if foreign:
        raise GraphError(
            f"needs {', '.join(sorted(foreign))}, which a plain LiteRT doesn't have", kind="TFLite"
        )


def check_integer(content: bytes) -> None:
    """Check that a file computes in integers between its first and its last operation.

    Args:
        content: The file's content.

    Raises:
        GraphError: An operation takes or gives real numbers; the sentence names it.
    """
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    for graph in model.subgraphs:
        for operator in graph.operators:
            name = flatbuffer_utils.opcode_to_name(model, operator.opcodeIndex)
            tensors = [graph.tensors[at] for at in (*operator.inputs, *operator.outputs) if at >= 0]
            if name not in _BORDER and any(tensor.type not in _INTEGERS for tensor in tensors):
                raise GraphError(f"computes a {name} in real numbers", kind="TFLite")
