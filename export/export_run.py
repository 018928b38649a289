"""Make a bundle of a run folder: convert, prove parity, measure, write."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from edge_runtime.bundle.attestations import ATTESTATIONS, write_attestations
from edge_runtime.bundle.bundle import GRADIENTS, check_target, write_bundle
from edge_runtime.bundle.fidelity import GradientsEntry
from edge_runtime.bundle.manifest import Manifest, ModelEntry
from edge_runtime.bundle.metrics import Metrics
from edge_runtime.bundle.origin import Origin, TrainedOn
from edge_runtime.contract import PREPROCESSING, PROBABILITIES
from export.attest_run import of_export
from export.convert import ONNX_FILE, TFLITE_FILE, Converted, convert
from export.gradients import class_gradients, fidelity, pack
from export.graph import ContractModule
from export.model_card import MODEL_CARD, model_card
from export.parity import Run, onnx_run
from train.data.dataset import Dataset, balanced_sample, load_photos
from train.data.fingerprint import fingerprint
from train.data.labelled import class_indices, with_class
from train.data.leave_out import training_dataset
from train.errors import RunInvalidError
from train.evaluation.results import read_evaluations
from train.metrics.classification import evaluate
from train.network.model import pooled_features
from train.runs.config import RunConfig, choices_of
from train.runs.run_folder import METRICS, read_run

Images = npt.NDArray[np.uint8]

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
    dataset = _dataset(run, config, data)
    on_step("reading photos")
    photos = _read_photos(dataset, config)
    module = ContractModule(model)
    some = photos.val[_spread(len(photos.val), _PARITY_PHOTOS)]
    converted = convert(model, module, some, classes=config.classes, on_step=on_step)
    on_step("measuring the class gradients")
    shape = module.backbone.output.shape[1:]
    features = pooled_features(model).predict(photos.calibration, verbose=0)
    labels = photos.calibration_labels
    gradients = class_gradients(module.head, features, labels, positions=shape[0] * shape[1])
    on_step("measuring accuracy")
    run_onnx = onnx_run(converted.onnx)
    manifest = _manifest(
        name or run.resolve().name,
        config,
        _origin(config, choices_of(run), notes),
        feature_shape=shape,
        models=_entries(converted, _metrics(run, run_onnx, photos.val, dataset)),
        gradients=GradientsEntry(
            GRADIENTS, len(photos.calibration), fidelity(run_onnx, gradients, photos.val)
        ),
    )
    on_step("writing the bundle")
    files = _files(manifest, converted, gradients)
    files[ATTESTATIONS] = write_attestations(bundle, (of_export(run, config, manifest, files),))
    write_bundle(bundle, manifest, files, force=force)
    return manifest


def _dataset(run: Path, config: RunConfig, data: Path | None) -> Dataset:
    root, options = data or Path(config.dataset.path), config.options
    dataset = training_dataset(root, seed=options.seed, without=options.leave_out)
    if fingerprint(dataset) != config.dataset.fingerprint:
        raise RunInvalidError(
            run, f"was trained on other data than {dataset.root}, whose photos give parity"
        )
    return dataset


@dataclass(frozen=True, eq=False)
class _Photos:
    """Photos as the model sees them, uint8 (N, height, width, 3).

    ``val`` are those of val_dir with a class, ``calibration`` as many of each class of train_dir,
    whose classes are ``calibration_labels`` (N,).
    """

    val: Images
    calibration: Images
    calibration_labels: npt.NDArray[np.int64]


def _read_photos(dataset: Dataset, config: RunConfig) -> _Photos:
    size = config.input_size
    val = load_photos(with_class(dataset.splits["val_dir"]), size=size)
    chosen = balanced_sample(dataset, photos=_CALIBRATION_PHOTOS, seed=config.options.seed)
    return _Photos(val, load_photos(chosen, size=size), np.array(class_indices(chosen)))


def _metrics(run: Path, model: Run, val: Images, dataset: Dataset) -> dict[str, Metrics]:
    """Measure a model on val_dir and, where it has photos with a class, on test_dir.

    The figures by source are of the run's own evaluations, which parity makes the export's. A run
    that was stopped before those, or whose photos have no source, has none.
    """
    evaluated = read_evaluations(run) if (run / METRICS).is_file() else {}
    photos = {"val_dir": val}
    tested = with_class(dataset.splits.get("test_dir", ()))
    if tested:
        photos["test_dir"] = load_photos(tested, size=(val.shape[1], val.shape[2]))
    found = {}
    for split, images in photos.items():
        probabilities = np.concatenate([model(image[None])[PROBABILITIES] for image in images])
        labels = np.array(class_indices(with_class(dataset.splits[split])))
        within = evaluated[split].by_source if split in evaluated else UNSET
        found[split] = replace(evaluate(probabilities, labels, dataset.classes), by_source=within)
    return found


def _entries(converted: Converted, metrics: dict[str, Metrics]) -> dict[str, ModelEntry]:
    parity = {"parity": asdict(converted.onnx_parity)}
    of_tflite = {"parity": asdict(converted.tflite_parity)}
    return {
        "float32": ModelEntry(ONNX_FILE, "onnx", "float32", parity, metrics),
        "float32-tflite": ModelEntry(TFLITE_FILE, "tflite", "float32", of_tflite),
    }


def _manifest(
    name: str,
    config: RunConfig,
    origin: Origin,
    *,
    feature_shape: tuple[int, int, int],
    models: dict[str, ModelEntry],
    gradients: GradientsEntry,
) -> Manifest:
    return Manifest(
        name=name,
        created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        classes=config.classes,
        input_size=config.input_size,
        feature_shape=feature_shape,
        preprocessing=PREPROCESSING,
        temperature=1.0,
        thresholds=None,
        default_model="float32",
        models=models,
        gradients=gradients,
        origin=origin,
    )


def _files(
    manifest: Manifest, converted: Converted, gradients: npt.NDArray[np.float32]
) -> dict[str, bytes | Path]:
    return {
        ONNX_FILE: converted.onnx,
        TFLITE_FILE: converted.tflite,
        GRADIENTS: pack(gradients, manifest.classes),
        MODEL_CARD: model_card(manifest).encode(),
    }


def _origin(config: RunConfig, choices: Mapping[str, object], notes: str) -> Origin:
    """Say where the bundle comes from, without the paths of the machine that made it."""
    dataset = config.dataset
    tools = ("tf2onnx", "onnx", "onnxruntime", "opencv-python-headless")
    return Origin(
        training=dict(choices) | {"weights": Path(config.options.weights).name},
        dataset=TrainedOn(
            name=dataset.name,
            fingerprint=dataset.fingerprint,
            photos=dataset.photos,
            leaks=dataset.leaks,
            sources=dataset.sources,
        ),
        versions=dict(config.versions) | {name: version(name) for name in tools},
        notes=notes,
    )


def _spread(available: int, wanted: int) -> npt.NDArray[np.int64]:
    """Choose positions evenly over a split, so that every class is among them."""
    return np.unique(np.linspace(0, available - 1, min(available, wanted)).astype(np.int64))
