"""Make a bundle of a run folder: convert, prove parity, measure, write."""

import datetime
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.bundle import GRADIENTS, check_target, write_bundle
from edge_runtime.bundle.manifest import Manifest, ModelEntry
from edge_runtime.contract import PREPROCESSING, PROBABILITIES
from export.gradients import class_gradients, fidelity, pack
from export.graph import ContractModule
from export.model_card import MODEL_CARD, model_card
from export.onnx import to_onnx
from export.parity import Run, keras_outputs, measure_parity, onnx_run, tflite_run
from export.tflite import to_tflite
from train.data.dataset import Dataset, balanced_sample, load_photos
from train.data.fingerprint import fingerprint
from train.data.labelled import SPLITS, class_indices, with_class
from train.data.leave_out import training_dataset
from train.errors import RunInvalidError
from train.metrics.classification import evaluate
from train.network.model import pooled_features
from train.runs.run_folder import METRICS, read_metrics, read_run

_PARITY_PHOTOS = 64
_CALIBRATION_PHOTOS = 256


def export_run(
    run: Path,
    bundle: Path,
    *,
    data: Path | None = None,
    name: str | None = None,
    notes: str = "",
    force: bool = False,
    on_step: Callable[[str], None] = lambda step: None,
) -> Manifest:
    """Export a run as a bundle.

    Args:
        run: A run folder of ``fundus-edge train``.
        bundle: The bundle to make.
        data: The dataset; None for the one that the run was trained on, where it was.
        name: The bundle's name; None for the run folder's.
        notes: What is known of the data, Markdown, for the model card.
        force: Replace a bundle that stands at ``bundle``.
        on_step: Called with a few words at each step.

    Returns:
        The manifest, without its files.

    Raises:
        RunInvalidError: The run folder lacks something, or the dataset isn't the run's.
        ParityError, GraphError: The export isn't what it must be; nothing is written.
        OutputExistsError: Something stands at ``bundle``.
        OutputFailedError: It can't be written there.
    """
    check_target(bundle, force=force)
    config, model = read_run(run)
    classes = tuple(config["classes"])
    size = (config["input_size"][0], config["input_size"][1])
    dataset = training_dataset(data or Path(config["dataset"]["path"]), config["options"])
    if fingerprint(dataset) != config["dataset"]["fingerprint"]:
        raise RunInvalidError(
            run, f"was trained on other data than {dataset.root}, whose photos give parity"
        )
    on_step("reading photos")
    val = load_photos(with_class(dataset.splits["val_dir"]), size=size)
    parity_images = val[_spread(len(val), _PARITY_PHOTOS)]
    chosen = balanced_sample(dataset, photos=_CALIBRATION_PHOTOS, seed=config["options"]["seed"])
    calibration = load_photos(chosen, size=size)
    on_step("computing Keras's outputs and GradientTape's maps")
    reference = keras_outputs(model, parity_images)
    module = ContractModule(model)
    height, width, channels = module.backbone.output.shape[1:]

    on_step("converting to ONNX")
    onnx_file = to_onnx(module, classes=classes)
    run_onnx = onnx_run(onnx_file)
    onnx_parity = measure_parity("model.onnx", run_onnx, reference, parity_images)
    on_step("converting to TFLite")
    tflite_file = to_tflite(module)
    tflite_parity = measure_parity(
        "model.tflite", tflite_run(tflite_file), reference, parity_images
    )
    on_step("measuring the class gradients")
    features = pooled_features(model).predict(calibration, verbose=0)
    gradients = class_gradients(
        module.head,
        features,
        np.array(class_indices(chosen)),
        positions=height * width,
    )
    on_step("measuring accuracy")
    within = _by_source(run)
    metrics = {"val_dir": _evaluate(run_onnx, val, dataset, "val_dir") | within["val_dir"]}
    tested = with_class(dataset.splits.get("test_dir", ()))
    if tested:
        test = load_photos(tested, size=size)
        metrics["test_dir"] = _evaluate(run_onnx, test, dataset, "test_dir") | within["test_dir"]
    manifest = Manifest(
        name=name or run.resolve().name,
        created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        classes=classes,
        input_size=size,
        feature_shape=(height, width, channels),
        preprocessing=PREPROCESSING,
        temperature=1.0,
        thresholds={},
        default_model="float32",
        models={
            "float32": ModelEntry(
                "model.onnx", "onnx", "float32", {"parity": asdict(onnx_parity)}, metrics
            ),
            "float32-tflite": ModelEntry(
                "model.tflite", "tflite", "float32", {"parity": asdict(tflite_parity)}
            ),
        },
        gradients={
            "file": GRADIENTS,
            "calibration_photos": len(calibration),
            "fidelity": fidelity(run_onnx, gradients, val),
        },
        origin=_origin(config, notes),
    )
    on_step("writing the bundle")
    files: dict[str, bytes | Path] = {
        "model.onnx": onnx_file,
        "model.tflite": tflite_file,
        GRADIENTS: pack(gradients, classes),
        MODEL_CARD: model_card(manifest).encode(),
    }
    write_bundle(bundle, manifest, files, force=force)
    return manifest


def _origin(config: dict[str, Any], notes: str) -> dict[str, Any]:
    """Say where the bundle comes from, without the paths of the machine that made it."""
    training = dict(config["options"])
    training["weights"] = Path(training["weights"]).name
    dataset = {key: value for key, value in config["dataset"].items() if key != "path"}
    tools = ("tf2onnx", "onnx", "onnxruntime", "opencv-python-headless")
    return {
        "training": training,
        "dataset": dataset,
        "versions": config["versions"] | {name: version(name) for name in tools},
        "notes": notes,
    }


def _evaluate(
    run: Run, images: npt.NDArray[np.uint8], dataset: Dataset, split: str
) -> dict[str, Any]:
    probabilities = np.concatenate([run(image[None])[PROBABILITIES] for image in images])
    labels = np.array(class_indices(with_class(dataset.splits[split])))
    return evaluate(probabilities, labels, dataset.classes)


def _by_source(run: Path) -> dict[str, dict[str, Any]]:
    """Take the figures by source from the run's own evaluations, which parity makes the export's.

    A run that was stopped before its evaluations, or whose photos have no source, has none.
    """
    read = read_metrics(run) if (run / METRICS).is_file() else {}
    found = {split: each for split, each in read.items() if isinstance(each, dict)}
    return {
        split: {key: value for key, value in found.get(split, {}).items() if key == "by_source"}
        for split in SPLITS
    }


def _spread(available: int, wanted: int) -> npt.NDArray[np.int64]:
    """Choose positions evenly over a split, so that every class is among them."""
    return np.unique(np.linspace(0, available - 1, min(available, wanted)).astype(np.int64))
