"""Convert to TFLite."""

import tempfile

import keras
import tensorflow as tf

from export.graph import ContractModule


def to_tflite(module: ContractModule) -> bytes:
    """Convert to a float32 TFLite file whose signature has the contract's names.

    The way over Keras's own archive is the one that keeps the names and freezes the variables:
    a plain SavedModel loses them without a word, and every output is then NaN.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(module.backbone)
        archive.add_endpoint("serving_default", module.function)
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        return bytes(converter.convert())
