"""A TFLite file that a plain LiteRT can't run, or that isn't integer, is refused by its content."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from ai_edge_litert.tools import flatbuffer_utils

from calibration.tflite.convert import make_tflite
from export.errors import GraphError
from export.graph import ContractModule
from export.portable import check_integer, check_portable
from export.tflite import to_tflite


def convert(folder: Path, function: tf.function) -> bytes:
    """Convert a function with whatever operations it takes."""
    module = tf.Module()
    module.function = function
    tf.saved_model.save(module, str(folder), signatures=function.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.TFLITE_BUILTINS,
        tf.lite.OpsSet.SELECT_TF_OPS,
    ]
    return bytes(converter.convert())


def test_an_operation_of_tensorflow_is_refused_by_name(tmp_path: Path) -> None:
    @tf.function(input_signature=[tf.TensorSpec((4, 4))])
    def function(x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": tf.linalg.inv(x)}

    with pytest.raises(GraphError, match="the exported TFLite graph needs FlexMatrixInverse"):
        check_portable(convert(tmp_path / "model", function))


def test_a_custom_operation_is_refused_by_name(module: ContractModule) -> None:
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(to_tflite(module)))
    model.operatorCodes[0].customCode = b"TheirOwn"
    content = bytes(flatbuffer_utils.convert_object_to_bytearray(model))
    with pytest.raises(GraphError, match="needs TheirOwn, which a plain LiteRT doesn't have"):
        check_portable(content)


def test_only_the_full_int8_file_computes_in_integers(
    module: ContractModule, images: npt.NDArray[np.uint8]
) -> None:
    check_integer(make_tflite(module, "int8", images=images))
    for kind in ("float32", "float16", "dynamic"):
        with pytest.raises(GraphError, match=r"TFLite graph computes a [A-Z0-9_]+ in real numbers"):
            check_integer(make_tflite(module, kind, images=images))
