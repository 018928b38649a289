"""Add TFLite models to a bundle that is being made, each measured as the device will run it."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calibration.compare.agreement import agreement
from calibration.confidence.fold import fold_temperature
from calibration.confidence.model_confidence import with_confidence
from calibration.confidence.thresholds import ConfidenceOptions
from calibration.models.ask import Reference, ask
from calibration.models.model_under_test import ModelUnderTest, open_model
from calibration.tflite.convert import make_tflite
from edge_runtime.bundle.bundle import Bundle, load_bundle, write_bundle
from edge_runtime.bundle.manifest import Manifest, ModelEntry
from edge_runtime.system.codec import plain
from export.graph import ContractModule
from train.metrics.classification import evaluate

#: Name and file in a bundle of each kind of TFLite model.
TFLITE_MODELS: Mapping[str, tuple[str, str]] = {
    "float32": ("float32-tflite", "model.tflite"),
    "float16": ("tflite-float16", "float16.tflite"),
    "dynamic": ("tflite-dynamic", "dynamic.tflite"),
    "int8": ("tflite-int8", "int8.tflite"),
}


@dataclass(frozen=True)
class TfliteOptions:
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
    reference: Reference,
    options: ConfidenceOptions,
    on_step: Callable[[str], None] = lambda step: None,
) -> tuple[Manifest, dict[str, bytes | Path]]:
    """Make TFLite models and measure them through the runtime's own LiteRT session.

    Args:
        manifest: Of the bundle that is being made.
        files: Its files.
        kinds: Kinds of ``calibration.tflite.convert.KINDS``; a model that is there already is
            replaced.
        module: The folded Keras model.
        representative: uint8 (N, height, width, 3), RGB, prepared.
        reference: The float32 model and what it says of the photos of each split.
        options: What thresholds are wanted.
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
        made[file] = make_tflite(module, kind, images=representative)
        entries[name] = ModelEntry(file, "tflite", kind)
    gradients = files[manifest.gradients.file]
    val = reference.sets["val_dir"]
    with tempfile.TemporaryDirectory() as folder:
        trial = _trial(Path(folder, "plain"), manifest, entries, made, gradients)
        for name, entry in entries.items():
            on_step(f"calibrating {name}")
            said = ask(open_model(trial, name, threads=None), val)
            entries[name] = with_confidence(name, entry, said, val, options)
        manifest = replace(manifest, models=dict(manifest.models) | entries)
        for name, entry in entries.items():
            temperature = manifest.for_model(name).temperature
            made[entry.file] = fold_temperature(made[entry.file], temperature, file_format="tflite")
        trial = _trial(Path(folder, "calibrated"), manifest, entries, made, gradients)
        for name, entry in entries.items():
            on_step(f"measuring {name}")
            tested = open_model(trial, name, threads=None)
            entries[name] = _measured(entry, tested, reference, photos=len(representative))
    models = dict(manifest.models) | entries
    return replace(manifest, models=models), {**files, **made}


def _measured(
    entry: ModelEntry, tested: ModelUnderTest, reference: Reference, *, photos: int
) -> ModelEntry:
    """Write down how a calibrated model follows the original and what it reaches.

    ``photos`` is the size of the representative set.
    """
    checks = dict(entry.checks)
    if entry.precision == "int8":
        checks["calibration"] = {"method": "min-max", "photos": photos}
    metrics, file = {}, tested.file
    for split, data in reference.sets.items():
        said, original = ask(tested, data), reference.outputs[split].calibrated(file.temperature)
        found = agreement(original, said, gradients=file.gradients)
        checks[f"agreement_{split}"] = plain(found)
        metrics[split] = evaluate(said.probabilities.astype(np.float32), data.labels, data.classes)
    return replace(entry, checks=checks, metrics=metrics)


def _trial(
    path: Path,
    manifest: Manifest,
    entries: Mapping[str, ModelEntry],
    made: Mapping[str, bytes],
    gradients: bytes | Path,
) -> Bundle:
    """Write a bundle of the new models alone, so that the runtime's own session can run them."""
    alone = replace(
        manifest,
        models=entries,
        default_model=next(iter(entries)),
        familiarity=None,
        average_maps=None,
    )
    write_bundle(path, alone, {**made, manifest.gradients.file: gradients})
    return load_bundle(path)
