"""Make a bundle with quantised models of a bundle with a float one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from calibration.compare.gates import read_gates
from calibration.compare.judge_candidate import open_file
from calibration.confidence.fold import fold_temperature
from calibration.confidence.model_confidence import ConfidenceOptions, with_confidence
from calibration.confidence.thresholds import healthy_classes
from calibration.int8.make import FOR_X86, Int8Options, make_int8
from calibration.int8.measure import fitted_temperature, measured_entry
from calibration.int8.report import REPORT_STEM, report_files
from calibration.int8.representative import representative_set
from calibration.models.evaluation_set import EvaluationSet, make_evaluation_set
from calibration.models.keras_source import open_original
from calibration.models.model_under_test import ModelUnderTest, Outputs, open_model, run_model
from calibration.tflite.add import TfliteOptions, add_tflite
from edge_runtime.bundle.bundle import Bundle, check_target, load_bundle, write_bundle
from edge_runtime.bundle.manifest import MANIFEST, Manifest, ModelEntry
from edge_runtime.engine.processor_match import processor_mismatch
from edge_runtime.errors import BundleInvalidError
from edge_runtime.system.machine import processor
from export.gradients import fidelity
from export.model_card import MODEL_CARD, model_card
from train.data.dataset import load_photos
from train.data.fingerprint import fingerprint
from train.data.leave_out import training_dataset
from train.errors import DatasetError

FLOAT32 = "float32"


def calibrate_bundle(
    source: Path,
    data: Path,
    target: Path,
    *,
    photos: int,
    seed: int,
    int8: Int8Options = FOR_X86,
    gates: Path | None = None,
    sensitivity: float = 0.95,
    no_referral: tuple[str, ...] | None = None,
    only_int8: bool = False,
    tflite: TfliteOptions | None = None,
    force: bool = False,
    cache: Path | None = None,
    on_step: Callable[[str], None] = lambda step: None,
) -> Manifest:
    """Quantise a bundle's float32 ONNX model and write a bundle that runs the int8 one.

    Quantisations are compared on ``val_dir``. Each model's temperature and thresholds are fitted
    there on its own answers; the temperature is folded into its file.

    Args:
        source: A bundle of ``fundus-edge export``.
        data: The dataset that it was trained on.
        target: The bundle to make.
        photos: Size of the representative set, from ``train_dir``.
        seed: Seed of its choice.
        int8: The int8 ONNX models to make; the first becomes the default.
        gates: A file of limits that they shall hold, see ``read_gates``.
        sensitivity: The wanted share of each class's photos that are referred.
        no_referral: Classes that need no referral; None for the one called "normal", if any.
        only_int8: Leave the float models out.
        tflite: TFLite models to add.
        force: Replace a bundle that stands at ``target``.
        cache: Folder to keep in what was read of the photos; None keeps nothing.
        on_step: Called with a few words at each step.

    Returns:
        The new manifest, without its files.

    Raises:
        BundleInvalidError: The source is damaged or has no float32 ONNX model.
        UnknownNameError: The bundle has no such class.
        DatasetError: ``data`` isn't the dataset that the bundle was trained on.
        RunInvalidError: The Keras model for ``tflite`` isn't the one that the bundle is made from.
        GatesError: The file of limits can't be used.
        OutputExistsError: Something stands at ``target``.
        OutputFailedError: It can't be written there.
    """
    check_target(target, force=force)
    bundle = load_bundle(source)
    manifest = bundle.manifest
    healthy = healthy_classes(no_referral, manifest.classes)
    limits = read_gates(gates, manifest=manifest.gates)
    if FLOAT32 not in manifest.models:
        raise BundleInvalidError(
            source,
            MANIFEST,
            f"names no '{FLOAT32}' model to quantise; start from what 'fundus-edge export' made",
        )
    dataset = training_dataset(data, manifest.origin["training"])
    if fingerprint(dataset) != manifest.origin["dataset"]["fingerprint"]:
        name = manifest.origin["dataset"]["name"]
        cause = f"isn't the dataset that the bundle was trained on, '{name}'"
        raise DatasetError(data, cause, expected="the same files with the same content")
    on_step("choosing representative photos")
    chosen = representative_set(dataset, photos=photos, seed=seed, cache=cache)
    representative = load_photos(chosen.photos, size=manifest.input_size)
    module = (
        open_original(tflite.keras, bundle, model=FLOAT32, images=representative[:8])
        if tflite
        else None
    )
    on_step("asking the original")
    sets = {
        split: make_evaluation_set(
            dataset, split, dataset.splits[split], manifest.classes, cache=cache
        )
        for split in ("val_dir", "test_dir")
        if split in dataset.splits
    }
    for split, evaluated in sets.items():
        if evaluated.without_class:
            on_step(f"leaving out {evaluated.without_class} photos of {split} that have no class")
    val = sets["val_dir"]
    original = open_model(bundle, FLOAT32, threads=None)
    truth = {split: _ask(original, each) for split, each in sets.items()}
    made = make_int8(
        source / manifest.models[FLOAT32].file,
        representative,
        int8,
        val,
        (original, truth["val_dir"]),
        manifest,
        limits,
        on_step=on_step,
    )
    on_step("measuring")
    all_tested = {
        each.name: open_file(each.content, manifest, simulate=each.simulate) for each in made
    }
    outputs = {
        name: {split: _ask(tested, each) for split, each in sets.items()}
        for name, tested in all_tested.items()
    }
    options = ConfidenceOptions(healthy, sensitivity, seed)
    entries = {
        each.name: measured_entry(
            each,
            all_tested[each.name],
            manifest,
            sets,
            truth,
            outputs[each.name],
            options,
        )
        for each in made
    }
    first = made[0].name
    kept = {} if only_int8 else _kept(bundle, val, truth["val_dir"], options)
    followed = fidelity(
        all_tested[first].run, bundle.class_gradients, val.images(manifest.input_size)
    )
    final = replace(
        manifest,
        models=kept | entries,
        default_model=first,
        temperature=fitted_temperature(entries[first]),
        thresholds=entries[first].thresholds,
        gradients=dict(manifest.gradients) | {"fidelity": followed},
        gates=limits if gates else manifest.gates,
        origin=dict(manifest.origin)
        | {"representative": {"seed": seed, "sha256": list(chosen.digests)}},
    )
    files = _files(source, manifest, final, {each.entry.file: each.content for each in made})
    files |= report_files({each.name: each.report for each in made})
    if tflite is not None and module is not None:
        final, files = add_tflite(
            final,
            files,
            tflite.kinds,
            module,
            representative=representative,
            sets=sets,
            originals=truth,
            options=options,
            on_step=on_step,
        )
    on_step("writing the bundle")
    write_bundle(target, final, files | {MODEL_CARD: model_card(final).encode()}, force=force)
    return final


def _kept(
    bundle: Bundle, val: EvaluationSet, original: Outputs, options: ConfidenceOptions
) -> dict[str, ModelEntry]:
    """Calibrate the models that are there already, but those that saturate on this processor.

    Verdicts are dropped: a model with another temperature isn't the one that was validated.
    """
    found = {}
    for name, entry in bundle.manifest.models.items():
        checks = {key: value for key, value in entry.checks.items() if key != "validation"}
        found[name] = replace(entry, checks=checks)
        if processor_mismatch(name, entry, processor()) is None:
            said = (
                original if name == FLOAT32 else _ask(open_model(bundle, name, threads=None), val)
            )
            found[name] = with_confidence(name, found[name], said, val, options)
    return found


def _ask(tested: ModelUnderTest, data: EvaluationSet) -> Outputs:
    return run_model(tested, data.images(tested.input_size), data.classes)


def _files(
    source: Path, manifest: Manifest, final: Manifest, made: Mapping[str, bytes]
) -> dict[str, bytes | Path]:
    """List the new bundle's files; each model's temperature is folded into it."""
    files: dict[str, bytes | Path] = {
        name: source / name
        for name in manifest.files
        if name != MODEL_CARD and not name.startswith(REPORT_STEM)
    }
    for other in manifest.models.values():
        files.pop(other.file, None)
    for name, found in final.models.items():
        content = made.get(found.file) or (source / found.file).read_bytes()
        files[found.file] = fold_temperature(
            content, final.for_model(name).temperature, file_format=found.format
        )
    return files
