"""Find the original that models are compared with."""

from pathlib import Path

from calibration.errors import NoReferenceError
from calibration.models.model_under_test import ModelUnderTest, open_model
from edge_runtime.bundle.bundle import Bundle, load_bundle
from edge_runtime.errors import MissingExtraError
from train.network.framework import load_tensorflow


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
    if reference is None:
        name = _float_model(bundle, "the bundle")
        return open_model(bundle, name, threads=threads), name
    if reference in bundle.manifest.models:
        return open_model(bundle, reference, threads=threads), reference
    path = Path(reference)
    if path.is_dir():
        other = load_bundle(path)
        name = _float_model(other, reference)
        own = other.path.resolve() == bundle.path.resolve()
        return open_model(other, name, threads=threads), name if own else None
    if path.suffix == ".keras" and path.is_file():
        try:
            load_tensorflow()
            from calibration.models.keras_source import open_keras  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise MissingExtraError("calibration", str(error.name)) from error
        return open_keras(path, classes), None
    raise NoReferenceError(f"there is no '{reference}'")


def _float_model(bundle: Bundle, called: str) -> str:
    """Name a bundle's float32 ONNX model."""
    for name, entry in bundle.manifest.models.items():
        if (entry.format, entry.precision) == ("onnx", "float32"):
            return name
    raise NoReferenceError(f"{called} has no float32 ONNX model to compare with")
