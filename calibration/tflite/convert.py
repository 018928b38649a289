"""Make TFLite files of a Keras model: float32, float16, dynamic range, full int8."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from ai_edge_litert.tools import flatbuffer_utils

from edge_runtime.contract import IMAGE, LAST_CONV, LOGITS, PROBABILITIES
from export.graph import ContractModule
from export.portable import check_integer, check_portable
from export.tflite import converted, saved_model, to_tflite

#: What can be made, from the largest file to the smallest.
KINDS = ("float32", "float16", "dynamic", "int8")


def make_tflite(module: ContractModule, kind: str, *, images: npt.NDArray[np.uint8]) -> bytes:
    """Convert a model to a TFLite file of builtin operations, with the contract's names.

    - "float32" is what ``fundus-edge export`` makes.
    - "float16" has weights of 16 bits.
    - "dynamic" has weights of 8 bits, and rounds activations as they come.
    - "int8" computes in integers from the pixels to the probabilities.

    The first three take uint8 ``image`` in batches of any size and have all outputs of the
    contract. The last takes one photo, since accelerators need every size fixed, and has
    ``probabilities``, ``logits`` and ``last_conv``: the branch of the Grad-CAM would be too coarse
    in 8 bits, so it is computed outside, from ``last_conv`` and the class gradients. For the same
    reason, and so that no program needs to know a scale, all outputs are float32 and the input is
    the pixel itself.

    Args:
        module: The folded model.
        kind: One of ``KINDS``.
        images: uint8 (N, height, width, 3), RGB, prepared: the representative set, which sets the
            ranges of "int8"; the others don't look at it.

    Returns:
        The file's content, at temperature 1.

    Raises:
        GraphError: The file needs operations that a plain LiteRT doesn't have, or "int8" computes
            one in real numbers.
    """
    if kind == "float32":
        return to_tflite(module)
    function = _integer_function(module) if kind == "int8" else module.function
    with saved_model(module, function) as folder:
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if kind == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if kind == "int8":
            converter.representative_dataset = lambda: _pixels(images)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = tf.uint8
        content = converted(converter)
    check_portable(content)
    if kind == "int8":
        content = _taking_pixels(content)
        check_integer(content)
    return content


def _integer_function(module: ContractModule) -> Any:
    """Write the model for one photo, with a head of plain dense layers and without the maps.

    Its input is float, since the converter quantises only what is.
    """
    head = module.head
    spec = tf.TensorSpec((1, *module.signature.shape[1:]), tf.float32, name=IMAGE)

    @tf.function(input_signature=[spec])  # type: ignore[untyped-decorator]
    def outputs(image: tf.Tensor) -> dict[str, tf.Tensor]:
        last_conv = module.function.python_function(image)[LAST_CONV]
        features = tf.reduce_mean(last_conv, axis=(1, 2))
        hidden = tf.matmul(features, tf.constant(head.hidden.T, tf.float32))
        active = tf.nn.relu(hidden + tf.constant(head.hidden_bias, tf.float32))
        logits = tf.matmul(active, tf.constant(head.classes.T, tf.float32))
        logits += tf.constant(head.classes_bias, tf.float32)
        return {
            PROBABILITIES: tf.nn.softmax(logits),
            LOGITS: tf.identity(logits),
            LAST_CONV: last_conv,
        }

    return outputs


def _pixels(images: npt.NDArray[np.uint8]) -> Iterator[list[npt.NDArray[np.float32]]]:
    for image in images:
        yield [image[None].astype(np.float32)]


def _taking_pixels(content: bytes) -> bytes:
    """Let the input be the pixels themselves, whatever the brightest of the representative set.

    The converter gives the input the scale of the range that it saw. A program that hands pixels
    over would be wrong by that factor. With a scale of 1, the operation that reads the input
    scales it.
    """
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    (graph,) = model.subgraphs
    (at,) = graph.inputs
    quantization = graph.tensors[at].quantization
    quantization.scale, quantization.zeroPoint = [1.0], [0]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
