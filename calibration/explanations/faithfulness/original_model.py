"""Find the ONNX model whose weights are shuffled."""

from pathlib import Path

import onnx

from calibration.errors import NoOriginalError
from edge_runtime.bundle.bundle import Bundle, load_bundle


def read_original(original: str | None, bundle: Bundle, model: str) -> tuple[onnx.ModelProto, str]:
    """Load a model's graph.

    Args:
        original: The name of a model of ``bundle``, or the folder of another bundle, of which the
            float32 ONNX model is taken if it has one; None for that of ``bundle``.
        bundle: The bundle whose maps are measured.
        model: The name of its model that is measured, taken where none is in float32.

    Returns:
        The graph, and what to call it.

    Raises:
        NoOriginalError: There is no such model, it is no ONNX file, or it knows other classes.
        BundleInvalidError: The other bundle can't be used.
    """
    if original is None or original in bundle.manifest.models:
        name = original or _best(bundle, model)
        entry = bundle.manifest.models.get(name)
        if entry is None or entry.format != "onnx":
            raise NoOriginalError(
                f"model '{name}' is no ONNX file, so its weights stay as they are"
            )
        return onnx.load(bundle.path / entry.file), f"{name} ({entry.precision})"
    if not Path(original).is_dir():
        raise NoOriginalError(f"there is no '{original}'")
    other = load_bundle(Path(original))
    ours, theirs = bundle.manifest, other.manifest
    if (ours.classes, ours.input_size) != (theirs.classes, theirs.input_size):
        raise NoOriginalError(f"'{original}' has other classes or another size of pictures")
    proto, name = read_original(None, other, other.manifest.default_model)
    return proto, f"{name} of {theirs.name}"


def _best(bundle: Bundle, model: str) -> str:
    """Name the float32 ONNX model, else the given one if it is ONNX, else any that is."""
    entries = bundle.manifest.models
    of_onnx = [name for name, entry in entries.items() if entry.format == "onnx"]
    exact = [name for name in of_onnx if entries[name].precision == "float32"]
    return next(iter([*exact, *(name for name in of_onnx if name == model), *of_onnx]), model)
