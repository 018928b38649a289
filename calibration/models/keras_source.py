"""Load the Keras model that a bundle was made from, and prove that it is that one."""

import zipfile
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.bundle import Bundle
from edge_runtime.contract import LOGITS
from edge_runtime.engine.open import open_session
from edge_runtime.engine.options import EngineOptions
from export.graph import ContractModule
from train.errors import RunInvalidError
from train.network.inference import inference
from train.network.model import HEAD
from train.runs.run_folder import MODEL

#: Logits of one network on two machines differ by float32 rounding, some 1e-5; those of another
#: training of it by tenths.
_LIMIT = 1e-3


def open_original(
    path: Path, bundle: Bundle, *, model: str, images: npt.NDArray[np.uint8]
) -> ContractModule:
    """Load and fold the Keras model that a bundle was exported from.

    A bundle says nothing of its Keras model, so both are asked about the same photos.

    Args:
        path: The run folder, or the ``model.keras`` in it.
        bundle: What was exported from it.
        model: Name of its float32 ONNX model.
        images: uint8 (N, height, width, 3), RGB, prepared: a few photos.

    Raises:
        RunInvalidError: There is no such model, Keras can't load it, or it is another one.
    """
    file = path / MODEL if path.is_dir() else path
    if not file.is_file():
        raise RunInvalidError(
            path, f"no {MODEL} here; expected the run folder that the bundle was exported from"
        )
    try:
        original = keras.saving.load_model(file, compile=False)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise RunInvalidError(file, "can't be loaded by Keras") from error
    layers = {layer.name for layer in original.layers}
    if not layers.issuperset(HEAD):
        raise RunInvalidError(file, "isn't a model of 'fundus-edge train'")
    manifest = bundle.manifest
    expected = (*manifest.input_size, len(manifest.classes))
    found = (*original.input.shape[1:3], original.output.shape[1])
    if found != expected:
        raise RunInvalidError(
            file,
            f"isn't the model that the bundle was exported from: it takes {found[0]} x {found[1]} "
            f"pixels and tells {found[2]} classes, not {expected[0]} x {expected[1]} and "
            f"{expected[2]}",
        )
    logits = inference(keras.Model(original.input, original.get_layer(LOGITS).output))(images)
    exported = open_session(bundle, EngineOptions(model=model)).run(images, (LOGITS,))[LOGITS]
    difference = float(np.abs(logits - exported).max())
    if not difference <= _LIMIT:
        raise RunInvalidError(
            file,
            f"isn't the model that the bundle was exported from: on {len(images)} photos its "
            f"logits differ from those of '{model}' by up to {difference:.3g}",
        )
    return ContractModule(original)
