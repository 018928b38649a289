"""Tell whether a quantised model's sums can saturate on this computer's processor."""

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from edge_runtime.bundle.manifest import ModelEntry
from edge_runtime.engine.processor_match import processor_mismatch
from edge_runtime.system.machine import Processor

_SEVEN_BITS = 64


def may_saturate(file: Path, processor: Processor) -> bool:
    """Look into an ONNX file for weights of 8 bits, which x86 needs VNNI for.

    What the manifest says of its target doesn't count. That a model does saturate isn't certain:
    it depends on the photographs.
    """
    entry = ModelEntry(file.name, "onnx", "int8", target="x86-vnni")
    if processor_mismatch(file.name, entry, processor) is None:
        return False
    graph = onnx.load(file).graph
    read = {node.input[0] for node in graph.node if node.op_type == "DequantizeLinear"}
    return any(
        np.abs(numpy_helper.to_array(value).astype(np.int16)).max(initial=0) > _SEVEN_BITS
        for value in graph.initializer
        if value.data_type == onnx.TensorProto.INT8 and len(value.dims) > 1 and value.name in read
    )
