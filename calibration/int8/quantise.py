"""Quantise an ONNX model's backbone to int8; its start, head and Grad-CAM stay in float."""

import re
import tempfile
from collections.abc import Collection
from pathlib import Path

import onnx
from onnxruntime.quantization import QDQQuantizer, TensorsData
from onnxruntime.quantization.shape_inference import quant_pre_process

from calibration.int8.ranges import QUANTISED_OPS
from calibration.int8.targets import Target
from export.onnx import backbone_nodes

#: The first convolution, its pooling, and the first block of the second stage, 0.4 % of the
#: weights: their errors are amplified by all that follows (the figures:
#: docs/decisions/0007-float-parts-of-the-int8-model.md).
EARLY_STAGES = re.compile(r"/(conv1|pool1|conv2_block1)_")


def prepare_model(model: Path, prepared: Path) -> onnx.ModelProto:
    """Fold and infer shapes as quantisation needs it, and write that to ``prepared``."""
    quant_pre_process(model, prepared, skip_symbolic_shape=True)
    return onnx.load(prepared)


def quantisable_nodes(
    proto: onnx.ModelProto, *, early: re.Pattern[str] = EARLY_STAGES
) -> tuple[str, ...]:
    """Name the nodes of the backbone that are quantised unless more stay in float.

    A node belongs to a stage by its own name or by that of anything it reads or gives: converters
    fuse nodes and give them other names, but the weights keep theirs. ``early`` ones stay in float.
    """
    return tuple(
        node.name
        for node in backbone_nodes(proto)
        if node.op_type in QUANTISED_OPS
        and not any(early.search(name) for name in (node.name, *node.input[1:], *node.output))
    )


def quantise_model(
    prepared: Path,
    ranges: TensorsData,
    *,
    target: Target,
    nodes: Collection[str],
    metadata: onnx.ModelProto,
) -> bytes:
    """Quantise statically: QDQ, per channel.

    Args:
        prepared: A float ONNX file after ``prepare_model``.
        ranges: From ``measure_ranges``.
        target: The types.
        nodes: The nodes that are quantised, at least one; all others stay in float.
        metadata: The model whose metadata the result gets.

    Returns:
        The quantised file's content, with the same inputs and outputs.

    Raises:
        ValueError: No node is named.
    """
    if not nodes:  # ONNX Runtime would take an empty list for all of them
        raise ValueError("no node is to be quantised")
    with tempfile.TemporaryDirectory() as folder:
        quantizer = QDQQuantizer(
            onnx.load(prepared),
            per_channel=True,
            reduce_range=target.reduced,
            weight_qType=target.weights,
            activation_qType=target.activations,
            tensors_range=ranges,
            nodes_to_quantize=list(nodes),
            nodes_to_exclude=[],
            op_types_to_quantize=list(QUANTISED_OPS),
            extra_options={},
        )
        quantizer.quantize_model()
        file = Path(folder, "quantised.onnx")
        quantizer.model.save_model_to_file(str(file), False)
        result = onnx.load(file)
    onnx.helper.set_model_props(result, {p.key: p.value for p in metadata.metadata_props})
    return bytes(result.SerializeToString())
