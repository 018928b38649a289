"""Make an int8 LiteRT model of a trained run, as a contender of ``peers.py``.

python benchmarks/litert_int8.py RUN REPRESENTATIVE.npy OUT.tflite
"""

import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from edge_runtime.contract import LAST_CONV, PROBABILITIES
from export.graph import ContractModule


def main() -> None:
    """Quantise weights and activations, per channel; inputs and outputs stay as they are."""
    run, representative, out = map(Path, sys.argv[1:4])
    module = ContractModule(keras.saving.load_model(run / "model.keras", compile=False))
    images = np.load(representative)

    def outputs(image: tf.Tensor) -> dict[str, tf.Tensor]:
        found = module.function(image)
        return {name: found[name] for name in (PROBABILITIES, LAST_CONV)}

    function = tf.function(outputs, input_signature=[module.signature])
    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(module.backbone)
        archive.add_endpoint("serving_default", function)
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ({"image": image[None]} for image in images)
        out.write_bytes(converter.convert())


if __name__ == "__main__":
    main()
