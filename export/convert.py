"""Convert a Keras model to ONNX and TFLite, and prove that both compute what it computes."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

from export.graph import ContractModule
from export.onnx import to_onnx
from export.parity import Parity, keras_outputs, measure_parity, onnx_run, tflite_run
from export.tflite import to_tflite

#: The files of a bundle.
ONNX_FILE, TFLITE_FILE = "model.onnx", "model.tflite"


@dataclass(frozen=True)
class Converted:
    """The content of both files, and how far each is from Keras."""

    onnx: bytes
    onnx_parity: Parity
    tflite: bytes
    tflite_parity: Parity


def convert(
    model: keras.Model,
    module: ContractModule,
    images: npt.NDArray[np.uint8],
    *,
    classes: tuple[str, ...],
    on_step: Callable[[str], None] = lambda step: None,
) -> Converted:
    """Convert a model to both formats.

    Args:
        model: The trained one.
        module: It, folded.
        images: uint8 (N, height, width, 3), RGB, prepared: photos to compare outputs on.
        classes: The C class names.
        on_step: Called with a few words at each step.

    Raises:
        ParityError, GraphError: A file isn't what it must be.
    """
    on_step("computing Keras's outputs and GradientTape's maps")
    reference = keras_outputs(model, images)
    on_step("converting to ONNX")
    onnx = to_onnx(module, classes=classes)
    onnx_parity = measure_parity(ONNX_FILE, onnx_run(onnx), reference, images)
    on_step("converting to TFLite")
    tflite = to_tflite(module)
    tflite_parity = measure_parity(TFLITE_FILE, tflite_run(tflite), reference, images)
    return Converted(onnx, onnx_parity, tflite, tflite_parity)
