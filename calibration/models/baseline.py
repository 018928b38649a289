"""Find the original that models are compared with."""

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calibration.errors import NoReferenceError
from calibration.models.model_under_test import Arrays, ModelUnderTest, open_model
from calibration.models.weights import keras_weights
from edge_runtime.bundle.bundle import Bundle, load_bundle
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.errors import MissingExtraError
from train.errors import RunInvalidError
from train.network.framework import load_tensorflow

_KERAS_BATCH = 16


def open_reference(
    reference: str | None, bundle: Bundle, classes: tuple[str, ...], *, threads: int | None
) -> tuple[ModelUnderTest, str | None]:
    """Load the original.

    Args:
        reference: A Keras file, a bundle's folder (of which the float32 ONNX model is taken), or
            the name of a model of ``bundle``; None for the float32 ONNX model of ``bundle``.
        bundle: The bundle under examination.
        classes: The classes of the data, for a Keras file that stands without its run folder.
        threads: Threads of one inference.

    Returns:
        The original, and its name in ``bundle`` if it stands there.

    Raises:
        NoReferenceError: There is no such original.
        RunInvalidError, BundleInvalidError: It can't be used.
    """
    if reference is None or reference in bundle.manifest.models:
        name = reference or _float_model(bundle.manifest)
        if name is None:
            raise NoReferenceError("the bundle has no float32 ONNX model to compare with")
        return open_model(bundle, name, threads=threads), name
    path = Path(reference)
    if path.is_dir():
        other = load_bundle(path)
        name = _float_model(other.manifest)
        if name is None:
            raise NoReferenceError(f"{reference} has no float32 ONNX model to compare with")
        own = other.path.resolve() == bundle.path.resolve()
        return open_model(other, name, threads=threads), name if own else None
    if path.suffix == ".keras" and path.is_file():
        return _open_keras(path, classes), None
    raise NoReferenceError(f"there is no '{reference}'")


def _float_model(manifest: Manifest) -> str | None:
    """Name a manifest's float32 ONNX model; None if it has none."""
    names = [
        name
        for name, entry in manifest.models.items()
        if (entry.format, entry.precision) == ("onnx", "float32")
    ]
    return names[0] if names else None


def _open_keras(path: Path, classes: tuple[str, ...]) -> ModelUnderTest:
    try:
        load_tensorflow()
        import keras  # noqa: PLC0415

        from export.parity import keras_outputs  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtraError("calibration", str(error.name)) from error
    try:
        model = keras.saving.load_model(path, compile=False)
    except (ValueError, OSError) as error:
        raise RunInvalidError(path, "can't be loaded by Keras") from error
    config = path.with_name("config.json")
    if config.is_file():
        classes = tuple(json.loads(config.read_text(encoding="utf-8"))["classes"])
    height, width = (int(side) for side in model.input.shape[1:3])
    if model.output.shape[1] != len(classes):
        raise RunInvalidError(path, f"has {model.output.shape[1]} classes, not {len(classes)}")

    def run(images: npt.NDArray[np.uint8]) -> Arrays:
        return keras_outputs(model, images)

    content = path.read_bytes()
    return ModelUnderTest(
        name=path.name,
        file_format="keras",
        precision="float32",
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        classes=classes,
        input_size=(height, width),
        gradients="exact",
        temperature=1.0,
        run=run,
        batch=_KERAS_BATCH,
        timed=False,
        weights=lambda: keras_weights(model),
    )
