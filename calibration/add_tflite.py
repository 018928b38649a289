"""Add TFLite models to a bundle that is being made, each measured as the device will run it."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from calibration.agreement import agreement
from calibration.fold import fold_temperature
from calibration.subject import ask, open_model
from calibration.tflite import make_tflite
from edge_runtime.bundle import load_bundle, write_bundle
from edge_runtime.contract import CAM, PROBABILITIES
from edge_runtime.manifest import Manifest, ModelEntry
from edge_runtime.session import Arrays
from export.graph import ContractModule
from train.evaluate import evaluate

#: Name and file in a bundle of each kind of TFLite model.
TFLITE_MODELS: Mapping[str, tuple[str, str]] = {
    "float32": ("float32-tflite", "model.tflite"),
    "float16": ("tflite-float16", "float16.tflite"),
    "dynamic": ("tflite-dynamic", "dynamic.tflite"),
    "int8": ("tflite-int8", "int8.tflite"),
}


@dataclass(frozen=True)
class TfliteWish:
    """TFLite models to make: their kinds, and the run folder or Keras file to make them from."""

    kinds: tuple[str, ...]
    keras: Path


def add_tflite(
    manifest: Manifest,
    files: Mapping[str, bytes | Path],
    kinds: Sequence[str],
    module: ContractModule,
    *,
    representative: npt.NDArray[np.uint8],
    images: Mapping[str, npt.NDArray[np.uint8]],
    labels: Mapping[str, npt.NDArray[np.integer]],
    originals: Mapping[str, Arrays],
    on_step: Callable[[str], None] = lambda step: None,
) -> tuple[Manifest, dict[str, bytes | Path]]:
    """Make TFLite models and measure them through the runtime's own LiteRT session.

    Args:
        manifest: Of the bundle that is being made, with its temperature.
        files: Its files.
        kinds: Kinds of ``calibration.tflite.KINDS``; a model that is there already is replaced.
        module: The folded Keras model.
        representative: uint8 (N, height, width, 3), RGB, prepared.
        images: By split, the photos to measure on: uint8 (N, height, width, 3), RGB, prepared.
        labels: By split, their classes (N,).
        originals: By split, what float32 says of them: ``probabilities`` at the bundle's
            temperature, and ``cam``.
        on_step: Called with a few words at each step.

    Returns:
        The manifest and the files with the new models.

    Raises:
        GraphError: A file isn't what it must be.
    """
    made: dict[str, bytes] = {}
    entries: dict[str, ModelEntry] = {}
    for kind in dict.fromkeys(kinds):
        on_step(f"converting to TFLite, {kind}")
        name, file = TFLITE_MODELS[kind]
        content = make_tflite(module, kind, images=representative)
        made[file] = fold_temperature(content, manifest.temperature, file_format="tflite")
        entries[name] = ModelEntry(file, "tflite", kind)
    gradients = manifest.gradients["file"]
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder, "bundle")
        alone = replace(manifest, models=entries, default_model=next(iter(entries)))
        write_bundle(trial, alone, {**made, gradients: files[gradients]})
        for name, entry in entries.items():
            on_step(f"measuring {name}")
            subject = open_model(load_bundle(trial), name, threads=None)
            checks: dict[str, Mapping[str, Any]] = {}
            metrics = {}
            if entry.precision == "int8":
                checks["calibration"] = {"method": "min-max", "photos": len(representative)}
            for split, photos in images.items():
                found = ask(subject, photos, manifest.classes)
                checks[f"agreement_{split}"] = agreement(
                    originals[split],
                    {PROBABILITIES: found.probabilities.astype(np.float32), CAM: found.cam},
                ) | {"gradients": subject.gradients}
                metrics[split] = evaluate(found.probabilities, labels[split], manifest.classes)
            entries[name] = replace(entry, checks=checks, metrics=metrics)
    models = dict(manifest.models) | entries
    return replace(manifest, models=models), {**files, **made}
