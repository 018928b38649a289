"""Convert to ONNX, and check the graph rather than hope for it."""

from collections.abc import Mapping, Sequence

import onnx
import tensorflow as tf
import tf2onnx

from edge_runtime.contract import LAST_CONV, OUTPUTS
from edge_runtime.engine.onnx import CLASSES_KEY
from export.errors import GraphError
from export.graph import ContractModule

OPSET = 17
_MOST_TRANSPOSES = 2  # into the convolutions' layout, and out of it for last_conv
_BACKBONE_OPS = frozenset({"Add", "Cast", "Conv", "MaxPool", "Pad", "Relu", "Sub", "Transpose"})


def to_onnx(module: ContractModule, *, classes: tuple[str, ...]) -> bytes:
    """Convert to an ONNX file with the contract's names and a dynamic batch.

    Args:
        module: The folded model.
        classes: Written into the file's metadata, so that a session can tell a wrong list.

    Raises:
        GraphError: The converted graph isn't as lean as promised.
    """
    proto, _ = tf2onnx.convert.from_function(
        module.function, input_signature=[module.signature], opset=OPSET
    )
    _cancel_transposes(proto)
    outputs = {value.name: value for value in proto.graph.output}
    if set(outputs) != set(OUTPUTS):
        raise GraphError(f"has the outputs {', '.join(sorted(outputs))}")
    for value in (*proto.graph.input, *proto.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    onnx.helper.set_model_props(proto, {CLASSES_KEY: "\n".join(classes)})
    onnx.checker.check_model(proto, full_check=True)
    convolutions = sum(isinstance(x, tf.keras.layers.Conv2D) for x in module.backbone.layers)
    check_graph(proto, convolutions=convolutions)
    return bytes(proto.SerializeToString())


def check_graph(proto: onnx.ModelProto, *, convolutions: int) -> None:
    """Check that nothing is left of a batch normalisation and of the layout change.

    Args:
        proto: The converted model.
        convolutions: How many convolutions the backbone has; as many must be left.

    Raises:
        GraphError: A convolution too many or too few, more than two Transpose nodes, or an
            operation before ``last_conv`` that isn't one of a folded ResNet's.
    """
    nodes = proto.graph.node
    count = sum(node.op_type == "Conv" for node in nodes)
    if count != convolutions:
        raise GraphError(f"has {count} convolutions, not {convolutions}")
    transposes = sum(node.op_type == "Transpose" for node in nodes)
    if transposes > _MOST_TRANSPOSES:
        raise GraphError(f"has {transposes} Transpose nodes, at most {_MOST_TRANSPOSES} are needed")
    constants = {value.name for value in proto.graph.initializer}
    for node in backbone_nodes(proto):
        constant = [name for name in node.input if name in constants]
        if node.op_type not in _BACKBONE_OPS or (node.op_type == "Add" and constant):
            raise GraphError(f"has a {node.op_type} '{node.name}' left before {LAST_CONV}")


def backbone_nodes(proto: onnx.ModelProto) -> list[onnx.NodeProto]:
    """List the nodes that ``last_conv`` is computed from, in the graph's order.

    The product that weighs its positions, the last one, isn't among them, nor where the weights
    come from.
    """
    made_by = {name: node for node in proto.graph.node for name in node.output}
    start = [LAST_CONV]
    if made_by[LAST_CONV].op_type == "Mul":
        start = [name for name in made_by[LAST_CONV].input if _is_convolved(made_by, name)]
    wanted = _before(made_by, start)
    return [node for node in proto.graph.node if wanted.intersection(node.output)]


def _is_convolved(made_by: Mapping[str, onnx.NodeProto], name: str) -> bool:
    return any(made_by[each].op_type == "Conv" for each in _before(made_by, [name]))


def _before(made_by: Mapping[str, onnx.NodeProto], names: Sequence[str]) -> set[str]:
    """Name values and those that they are computed from, as far as nodes make them."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in made_by and name not in found:
            found.add(name)
            waiting += made_by[name].input
    return found


def _cancel_transposes(proto: onnx.ModelProto) -> None:
    """Take out a Transpose that undoes the one before it.

    tf2onnx does this itself, except where the first one's result is an output too, as that of
    ``last_conv`` is.
    """
    _transpose_after_relu(proto)
    made_by = {name: node for node in proto.graph.node for name in node.output}
    for second in [node for node in proto.graph.node if node.op_type == "Transpose"]:
        first = made_by.get(second.input[0])
        if first is None or first.op_type != "Transpose":
            continue
        order, order_2 = (onnx.helper.get_node_attr_value(x, "perm") for x in (first, second))
        if [order[axis] for axis in order_2] != sorted(order):
            continue
        for node in proto.graph.node:
            for position, name in enumerate(node.input):
                if name == second.output[0]:
                    node.input[position] = first.input[0]
        proto.graph.node.remove(second)


def _transpose_after_relu(proto: onnx.ModelProto) -> None:
    """Move a Transpose whose only reader is a ReLU behind it: the order makes no difference."""
    nodes = proto.graph.node
    for transpose in [node for node in nodes if node.op_type == "Transpose"]:
        readers = [node for node in nodes if transpose.output[0] in node.input]
        if len(readers) != 1 or readers[0].op_type != "Relu":
            continue
        relu = readers[0]
        between = f"{transpose.input[0]}_relu"
        first = onnx.helper.make_node("Relu", [transpose.input[0]], [between], name=relu.name)
        second = onnx.NodeProto()
        second.CopyFrom(transpose)
        second.input[0], second.output[0] = between, relu.output[0]
        transpose.CopyFrom(first)
        relu.CopyFrom(second)
