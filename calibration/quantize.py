"""Quantise an ONNX model's backbone to int8; its start, head and Grad-CAM stay in float."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from edge_runtime.contract import IMAGE
from export.onnx import backbone_nodes

# Relu is among them so that a convolution's range is that after its ReLU, which is finer.
_QUANTISED_OPS = ["Conv", "Add", "MaxPool", "Relu"]

#: The first two stages have 1 % of the weights; in float they keep the Grad-CAM closer to the
#: original's (docs/decisions.md has the figures).
EARLY_STAGES = re.compile(r"/conv[12]_")


def quantize(
    model: Path,
    images: npt.NDArray[np.uint8],
    *,
    float_stages: re.Pattern[str] = EARLY_STAGES,
    reduce_range: bool = True,
) -> bytes:
    """Quantise statically: QDQ, per channel, unsigned activations, signed 7-bit weights.

    Without VNNI the CPU adds two products of unsigned and signed bytes in 16 bits, which
    saturates at full range; weights of 7 bits (``reduce_range``) can't.

    Args:
        model: A float32 ONNX file of the contract.
        images: uint8 (N, height, width, 3), RGB, prepared: the representative set.
        float_stages: Backbone nodes of these names stay in float too.
        reduce_range: Weights of 7 bits; with 8 the sums saturate on CPUs without VNNI.

    Returns:
        The quantised file's content, with the same inputs, outputs and metadata.
    """
    with tempfile.TemporaryDirectory() as folder:
        prepared, quantised = Path(folder, "prepared.onnx"), Path(folder, "int8.onnx")
        quant_pre_process(model, prepared, skip_symbolic_shape=True)
        proto = onnx.load(prepared)
        quantize_static(
            prepared,
            quantised,
            _Reader(images),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=_QUANTISED_OPS,
            per_channel=True,
            reduce_range=reduce_range,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=_kept_in_float(proto, float_stages),
        )
        result = onnx.load(quantised)
        original = onnx.load(model, load_external_data=False)
        onnx.helper.set_model_props(result, {p.key: p.value for p in original.metadata_props})
        return bytes(result.SerializeToString())


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    """Hands the photos over one by one."""

    def __init__(self, images: npt.NDArray[np.uint8]) -> None:
        self._feeds: Iterator[dict[str, Any]] = iter([{IMAGE: image[None]} for image in images])

    def get_next(self) -> dict[str, Any] | None:
        return next(self._feeds, None)


def _kept_in_float(proto: onnx.ModelProto, stages: re.Pattern[str]) -> list[str]:
    """Name the nodes that stay in float: the stages, and what comes after ``last_conv``."""
    backbone = {node.name for node in backbone_nodes(proto)}
    return [
        node.name
        for node in proto.graph.node
        if node.name not in backbone or stages.search(node.name)
    ]
