"""Load the Keras model that a bundle was made from, to compare with or to convert."""

import hashlib
import zipfile
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from calibration.models.model_under_test import ModelFile, ModelUnderTest
from calibration.models.weights import LayerWeights, of_head
from edge_runtime.bundle.bundle import Bundle
from edge_runtime.contract import LOGITS
from edge_runtime.engine.open import open_session
from edge_runtime.engine.options import EngineOptions
from export.errors import GraphError
from export.graph import ContractModule, fold_backbone, fold_head
from export.parity import keras_outputs
from train.errors import RunInvalidError
from train.network.inference import inference
from train.network.model import HEAD, backbone_of
from train.runs.config import CONFIG, read_config
from train.runs.run_folder import MODEL

_BATCH = 16

#: Logits of one network on two machines differ by float32 rounding, some 1e-5; those of another
#: training of it by tenths.
_LIMIT = 1e-3


def open_keras(file: Path, classes: tuple[str, ...]) -> ModelUnderTest:
    """Load a Keras file to compare with.

    Args:
        file: A ``model.keras``.
        classes: Its classes in order, if no run folder around it tells them.

    Raises:
        RunInvalidError: Keras can't load it, or it tells another number of classes.
    """
    model = _load(file)
    config = file.with_name(CONFIG)
    if config.is_file():
        classes = read_config(file.parent).classes
    height, width = (int(side) for side in model.input.shape[1:3])
    if model.output.shape[1] != len(classes):
        raise RunInvalidError(file, f"has {model.output.shape[1]} classes, not {len(classes)}")
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return ModelUnderTest(
        ModelFile(file.name, "keras", "float32", digest, len(content)),
        classes,
        (height, width),
        lambda images: keras_outputs(model, images),
        batch=_BATCH,
        weights=lambda: keras_weights(model),
    )


def open_original(
    path: Path, bundle: Bundle, *, model: str, images: npt.NDArray[np.uint8]
) -> ContractModule:
    """Load and fold the Keras model that a bundle was exported from, and prove that it is that one.

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
    original = _load(file)
    if not _is_trained_here(original):
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


def keras_weights(model: keras.Model) -> tuple[LayerWeights, ...]:
    """Read a model of ``fundus-edge train`` with its batch normalisations folded.

    Raises:
        ValueError: It isn't one, or can't be folded; with a clause that says so.
    """
    if not _is_trained_here(model):
        raise ValueError("the Keras model isn't one of 'fundus-edge train'")
    try:
        backbone = fold_backbone(backbone_of(model))
    except GraphError as error:
        raise ValueError("the Keras model's batch normalisations can't be folded") from error
    found = []
    for layer in backbone.layers:
        values = [np.asarray(each, np.float32) for each in layer.get_weights()]
        if len(values) == 2 and values[0].ndim == 4:
            found.append(LayerWeights(layer.name, "weights", values[0].transpose(3, 2, 0, 1)))
            found.append(LayerWeights(layer.name, "bias", values[1]))
    head = fold_head(model)
    parts = (head.hidden, head.hidden_bias, head.classes, head.classes_bias)
    return (*found, *(of_head(part.astype(np.float32)) for part in parts))


def _load(file: Path) -> keras.Model:
    try:
        return keras.saving.load_model(file, compile=False)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise RunInvalidError(file, "can't be loaded by Keras") from error


def _is_trained_here(model: keras.Model) -> bool:
    return {layer.name for layer in model.layers}.issuperset(HEAD)
