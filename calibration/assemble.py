"""Make a bundle with a quantised model of a bundle with a float one."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calibration.add_tflite import TfliteWish, add_tflite
from calibration.agreement import agreement
from calibration.confidence import calibrate_confidence
from calibration.fold import fold_temperature
from calibration.groups import photo_groups
from calibration.original import open_original
from calibration.quantize import quantize
from calibration.temperature import softmax
from calibration.thresholds import HEALTHY
from edge_runtime.bundle import check_target, load_bundle, write_bundle
from edge_runtime.contract import CAM, LAST_CONV, LOGITS, PROBABILITIES
from edge_runtime.errors import BundleInvalidError, DatasetError, UnknownNameError
from edge_runtime.manifest import MANIFEST, Manifest, ModelEntry
from edge_runtime.session import Arrays, Session
from export.gradients import fidelity
from export.model_card import MODEL_CARD, model_card
from train.dataset import balanced_sample, fingerprint, load_photos, read_dataset
from train.evaluate import evaluate

INT8, FLOAT32 = "int8", "float32"
_FILE = "model.int8.onnx"
_OUTPUTS = (PROBABILITIES, LOGITS, CAM)


def calibrate_bundle(
    source: Path,
    data: Path,
    target: Path,
    *,
    photos: int,
    seed: int,
    sensitivity: float = 0.95,
    no_referral: tuple[str, ...] | None = None,
    only_int8: bool = False,
    tflite: TfliteWish | None = None,
    force: bool = False,
    on_step: Callable[[str], None] = lambda step: None,
) -> Manifest:
    """Quantise a bundle's float32 ONNX model and write a bundle that runs the int8 one.

    The temperature and the referral thresholds are fitted on ``val_dir`` with the int8 model. The
    temperature is folded into every model of the bundle.

    Args:
        source: A bundle of ``fundus-edge export``.
        data: The dataset that it was trained on.
        target: The bundle to make.
        photos: Size of the representative set, from ``train_dir``.
        seed: Seed of its choice.
        sensitivity: The wanted share of each class's photos that are referred.
        no_referral: Classes that need no referral; None for the one called "normal", if any.
        only_int8: Leave the float models out.
        tflite: TFLite models to add.
        force: Replace a bundle that stands at ``target``.
        on_step: Called with a few words at each step.

    Returns:
        The new manifest, without its files.

    Raises:
        BundleInvalidError: The source is damaged or has no float32 ONNX model.
        UnknownNameError: The bundle has no such class.
        DatasetError: ``data`` isn't the dataset that the bundle was trained on.
        RunInvalidError: The Keras model for ``tflite`` isn't the one that the bundle is made from.
        OutputExistsError: Something stands at ``target``.
    """
    check_target(target, force=force)
    bundle = load_bundle(source)
    manifest = bundle.manifest
    healthy = _no_referral(no_referral, manifest.classes)
    if FLOAT32 not in manifest.models:
        raise BundleInvalidError(source, MANIFEST, f"names no '{FLOAT32}' model to quantise")
    dataset = read_dataset(data, seed=manifest.origin["training"]["seed"])
    if fingerprint(dataset) != manifest.origin["dataset"]["fingerprint"]:
        raise DatasetError(data, "isn't the dataset that the bundle was trained on")
    size = manifest.input_size
    gradients = manifest.gradients["file"]
    chosen = balanced_sample(dataset, photos=photos, seed=seed)
    representative = load_photos(chosen, size=size)
    module = (
        open_original(tflite.keras, bundle, model=FLOAT32, images=representative[:8])
        if tflite
        else None
    )
    on_step("quantising")
    model = quantize(source / manifest.models[FLOAT32].file, representative)
    entry = ModelEntry(_FILE, "onnx", "int8")
    quantised = replace(manifest, models=dict(manifest.models) | {INT8: entry}, default_model=INT8)
    if only_int8:
        quantised = replace(quantised, models={INT8: entry})
    on_step("measuring agreement")
    checks, metrics = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder, "bundle")
        alone = replace(quantised, models={INT8: entry})
        write_bundle(trial, alone, {_FILE: model, gradients: source / gradients})
        original, int8 = Session(bundle, model=FLOAT32), Session(load_bundle(trial))
    images_of = {
        split: load_photos(dataset.splits[split], size=size)
        for split in ("val_dir", "test_dir")
        if split in dataset.splits
    }
    outputs_of = {
        split: (_run(original, images), _run(int8, images)) for split, images in images_of.items()
    }
    on_step("calibrating confidence")
    labels_of = {
        split: np.array([photo.label for photo in dataset.splits[split]]) for split in images_of
    }
    confidence = calibrate_confidence(
        outputs_of["val_dir"][1][LOGITS],
        labels_of["val_dir"],
        photo_groups(dataset.splits["val_dir"]),
        manifest.classes,
        no_referral=healthy,
        sensitivity=sensitivity,
        seed=seed,
    )
    checks["confidence"] = confidence.figures
    for split, (first, second) in outputs_of.items():
        for outputs in (first, second):
            outputs[PROBABILITIES] = softmax(
                outputs[LOGITS], temperature=confidence.temperature
            ).astype(np.float32)
        checks[f"agreement_{split}"] = agreement(first, second)
        metrics[split] = evaluate(second[PROBABILITIES], labels_of[split], dataset.classes)
    followed = fidelity(
        lambda batch: int8.run(batch, (*_OUTPUTS, LAST_CONV)),
        bundle.class_gradients,
        images_of["val_dir"],
    )
    checks["calibration"] = {"method": "min-max", "photos": len(chosen), "seed": seed}
    measured_on = {"model": INT8, "split": "val_dir", "photos": len(labels_of["val_dir"])}
    thresholds = confidence.thresholds and confidence.thresholds | {"measured_on": measured_on}
    final = replace(
        quantised,
        temperature=confidence.temperature,
        thresholds=thresholds,
        models=_without_verdict(quantised.models)
        | {INT8: replace(entry, checks=checks, metrics=metrics)},
        gradients=dict(manifest.gradients) | {"fidelity": followed},
    )
    files = _files(source, manifest, final, model)
    if tflite is not None and module is not None:
        final, files = add_tflite(
            final,
            files,
            tflite.kinds,
            module,
            representative=representative,
            images=images_of,
            labels=labels_of,
            originals={split: outputs[0] for split, outputs in outputs_of.items()},
            on_step=on_step,
        )
    on_step("writing the bundle")
    write_bundle(target, final, files | {MODEL_CARD: model_card(final).encode()}, force=force)
    return final


def _files(
    source: Path, manifest: Manifest, final: Manifest, model: bytes
) -> dict[str, bytes | Path]:
    """List the new bundle's files; the temperature is folded into every model."""
    files: dict[str, bytes | Path] = {
        name: source / name for name in manifest.files if name != MODEL_CARD
    }
    for other in manifest.models.values():
        files.pop(other.file, None)
    for found in final.models.values():
        content = model if found.file == _FILE else (source / found.file).read_bytes()
        files[found.file] = fold_temperature(content, final.temperature, file_format=found.format)
    return files


def _without_verdict(models: Mapping[str, ModelEntry]) -> dict[str, ModelEntry]:
    """Drop verdicts: a model with another temperature isn't the one that was validated."""
    return {
        name: replace(
            entry, checks={key: value for key, value in entry.checks.items() if key != "validation"}
        )
        for name, entry in models.items()
    }


def _no_referral(chosen: tuple[str, ...] | None, classes: tuple[str, ...]) -> tuple[str, ...]:
    if chosen is None:
        return (HEALTHY,) if HEALTHY in classes else ()
    for name in chosen:
        if name not in classes:
            raise UnknownNameError("class", name, classes)
    return chosen


def _run(session: Session, images: npt.NDArray[np.uint8]) -> Arrays:
    parts: list[Mapping[str, npt.NDArray[np.float32]]] = [
        session.run(image[None], _OUTPUTS) for image in images
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in _OUTPUTS}
