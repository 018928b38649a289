"""TFLite files as a device may have them: one photo at a time, quantised, only two outputs."""

import tempfile

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from edge_runtime.contract import IMAGE, LAST_CONV, PROBABILITIES
from export.graph import ContractModule

#: Type of input and outputs by the model's name.
KINDS = {"float": None, "uint8": tf.uint8, "int8": tf.int8}


def convert(module: ContractModule, images: npt.NDArray[np.uint8], kind: tf.DType | None) -> bytes:
    """Convert to a file for one photo at a time that has no more than a device may have."""

    @tf.function(input_signature=[tf.TensorSpec((1, 64, 64, 3), tf.float32, name=IMAGE)])
    def serve(image: tf.Tensor) -> dict[str, tf.Tensor]:
        outputs = module.function.python_function(image)
        return {name: outputs[name] for name in (PROBABILITIES, LAST_CONV)}

    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(module.backbone)
        archive.add_endpoint("serving_default", serve)
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if kind is not None:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: (
                [image[None].astype(np.float32)] for image in images
            )
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = kind
        return bytes(converter.convert())
