"""The exported network as a PyTorch module, its weights from the ONNX file.

It knows the operators of our float32 export and no others. Batch normalisations are folded in the
file already, so PyTorch gets the quicker network.
"""

from collections.abc import Callable

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn


class Network(nn.Module):
    """From float (N, 3, height, width), 0..255, to the logits (N, C)."""

    def __init__(self, file: str) -> None:
        """Read a file whose last ReLU before the pooling gives ``last_conv``."""
        super().__init__()
        graph = onnx.load(file).graph
        self._constants = {
            tensor.name: torch.from_numpy(np.array(numpy_helper.to_array(tensor)))
            for tensor in graph.initializer
        }
        self._steps: list[tuple[str, tuple[str, ...], str]] = []
        for index, node in enumerate(graph.node[:-1]):  # the last one is the softmax
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            name = f"step{index}"
            self.add_module(name, self._module(node, attributes))
            inputs = tuple(input_ for input_ in node.input if input_)
            if node.op_type in ("Conv", "Reshape", "Pad"):
                inputs = inputs[:1]
            self._steps.append((name, inputs, node.output[0]))
        self._input, self._output = graph.input[0].name, graph.node[-1].input[0]
        relus = [name for name, _, _ in self._steps if isinstance(getattr(self, name), nn.ReLU)]
        self.last_conv = getattr(self, relus[-2])  # the last one is the head's

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Run the steps in the file's order."""
        values = {**self._constants, self._input: image.permute(0, 2, 3, 1)}
        for name, inputs, output in self._steps:
            values[output] = getattr(self, name)(*(values[input_] for input_ in inputs))
        return values[self._output]

    def _module(self, node: onnx.NodeProto, attributes: dict) -> nn.Module:
        if node.op_type == "Conv":
            return self._convolution(node, attributes)
        if node.op_type == "MaxPool":
            return nn.MaxPool2d(attributes["kernel_shape"], attributes["strides"])
        if node.op_type == "Pad":
            pads = self._constants[node.input[1]].tolist()
            return _Call(lambda x: nn.functional.pad(x, (pads[3], pads[7], pads[2], pads[6])))
        if node.op_type == "Reshape":
            shape = self._constants[node.input[1]].tolist()
            return _Call(
                lambda x: x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(shape)])
            )
        if node.op_type == "Transpose":
            return _Call(lambda x: x.permute(*attributes["perm"]))
        return nn.ReLU() if node.op_type == "Relu" else _Call(_PLAIN[node.op_type])

    def _convolution(self, node: onnx.NodeProto, attributes: dict) -> nn.Module:
        weight, bias = (self._constants.pop(name) for name in node.input[1:])
        top, left, bottom, right = attributes.get("pads", (0, 0, 0, 0))
        assert (top, left) == (bottom, right), "a padding that isn't symmetric"
        layer = nn.Conv2d(
            weight.shape[1], weight.shape[0], attributes["kernel_shape"],
            stride=attributes["strides"], padding=(top, left),
        )  # fmt: skip
        layer.load_state_dict({"weight": weight, "bias": bias})
        return layer


class _Call(nn.Module):
    def __init__(self, function: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self._function = function

    def forward(self, *values: torch.Tensor) -> torch.Tensor:
        return self._function(*values)


_PLAIN: dict[str, Callable[..., torch.Tensor]] = {
    "Add": torch.add,
    "Cast": lambda x: x.float(),
    "GlobalAveragePool": lambda x: x.mean(dim=tuple(range(2, x.ndim)), keepdim=True),
    "MatMul": torch.matmul,
    "Sub": torch.sub,
}
