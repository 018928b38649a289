"""Make a bundle with quantised models of a bundle with a float one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from calibration.attest import of_calibration
from calibration.compare.candidate import open_file
from calibration.compare.gates import read_gates
from calibration.confidence.model_confidence import with_confidence
from calibration.confidence.thresholds import (
    ConfidenceOptions,
    healthy_classes,
    said_of_scarcity,
)
from calibration.familiarity.learn import Learned, learn_familiarity
from calibration.int8.bundle_files import bundle_files
from calibration.int8.make import FOR_X86, Int8Model, Int8Options, make_int8
from calibration.int8.measure import fitted_temperature, measured_entry
from calibration.int8.representative import Representative, representative_set
from calibration.models.ask import Reference, ask, ask_reference
from calibration.models.keras_source import open_original
from calibration.models.model_under_test import open_model
from calibration.tflite.add import TfliteOptions, add_tflite
from edge_runtime.bundle.attestation import Attestation
from edge_runtime.bundle.attestations import ATTESTATIONS, read_attestations, write_attestations
from edge_runtime.bundle.bundle import Bundle, check_target, load_bundle, write_bundle
from edge_runtime.bundle.manifest import MANIFEST, Manifest, ModelEntry
from edge_runtime.bundle.origin import RepresentativePhotos
from edge_runtime.engine.processor_match import processor_mismatch
from edge_runtime.errors import BundleInvalidError
from edge_runtime.system.codec import plain
from edge_runtime.system.machine import processor
from export.gradients import fidelity
from export.model_card import MODEL_CARD, model_card
from train.data.dataset import Dataset, load_photos
from train.data.fingerprint import fingerprint
from train.data.labelled import class_indices, with_class
from train.errors import DatasetError
from train.evaluation.history import dataset_of_training

FLOAT32 = "float32"


@dataclass(frozen=True)
class CalibrationOptions:
    """What a calibration makes.

    ``photos`` and ``seed`` choose the representative set from ``train_dir``. Of the ``int8`` ONNX
    models the first becomes the default; ``only_int8`` leaves the float models out; ``tflite``
    adds more. ``gates`` is a file of limits that the int8 models shall hold, see ``read_gates``.
    ``sensitivity`` is the wanted share of each class's photos that are referred, ``no_referral``
    the classes that need no referral, None for the one called "normal", if any; for ``few_photos``
    see ``ConfidenceOptions``. ``cache`` is a folder to keep in what was read of the photos; None
    keeps nothing.
    """

    photos: int = 200
    seed: int = 0
    int8: Int8Options = FOR_X86
    gates: Path | None = None
    sensitivity: float = 0.95
    no_referral: tuple[str, ...] | None = None
    few_photos: bool = False
    only_int8: bool = False
    tflite: TfliteOptions | None = None
    cache: Path | None = None


def calibrate_bundle(
    source: Path,
    data: Path,
    target: Path,
    *,
    options: CalibrationOptions = CalibrationOptions(),
    force: bool = False,
    on_step: Callable[[str], None] = lambda step: None,
) -> Manifest:
    """Quantise a bundle's float32 ONNX model and write a bundle that runs the int8 one.

    Quantisations are compared on ``val_dir``. Each model's temperature and thresholds are fitted
    there on its own answers; the temperature is folded into its file. The manifest is returned
    without its files.

    Args:
        source: A bundle of ``fundus-edge export``.
        data: The dataset that it was trained on.
        target: The bundle to make.
        options: What to make.
        force: Replace a bundle that stands at ``target``.
        on_step: Called with a few words at each step.

    Raises:
        BundleInvalidError: The source is damaged or has no float32 ONNX model.
        UnknownNameError: The bundle has no such class.
        DatasetError: ``data`` isn't the dataset that the bundle was trained on.
        RunInvalidError: The Keras model for ``tflite`` isn't the one that the bundle is made from.
        GatesError: The file of limits can't be used.
        OutputExistsError, OutputFailedError: Something stands at ``target``, or can't be written.
    """
    check_target(target, force=force)
    plan = _plan(source, data, options)
    manifest, size = plan.bundle.manifest, plan.bundle.manifest.input_size
    chosen = _chosen(plan, on_step)
    images = load_photos(chosen.photos, size=size)
    tflite = options.tflite
    module = tflite and open_original(tflite.keras, plan.bundle, model=FLOAT32, images=images[:8])
    on_step("asking the original")
    reference = ask_reference(
        plan.bundle, FLOAT32, plan.dataset, cache=options.cache, on_step=on_step
    )
    file = source / manifest.models[FLOAT32].file
    made = make_int8(file, images, options.int8, reference, manifest, plan.gates, on_step=on_step)
    run = open_file(made[0].content, manifest, simulate=made[0].simulate).run
    learned = learn_familiarity(run, plan.dataset, size=size, seed=options.seed, on_step=on_step)
    on_step("measuring")
    final = _manifest(plan, made, chosen, reference, learned)
    files = bundle_files(plan.bundle, final, made, learned)
    if tflite and module:
        final, files = add_tflite(
            final, files, tflite.kinds, module, representative=images,
            reference=reference, options=plan.confidence, on_step=on_step,
        )  # fmt: skip
    on_step("writing the bundle")
    files[MODEL_CARD] = model_card(final).encode()
    files[ATTESTATIONS] = write_attestations(target, (*plan.steps, _stated(plan, final, files)))
    write_bundle(target, final, files, force=force)
    return final


@dataclass(frozen=True, eq=False)
class _Plan:
    """What is made of what; all that can be refused before the long work has been checked."""

    bundle: Bundle
    dataset: Dataset
    gates: Mapping[str, float]
    confidence: ConfidenceOptions
    options: CalibrationOptions
    steps: tuple[Attestation, ...]


def _stated(plan: _Plan, final: Manifest, files: Mapping[str, bytes | Path]) -> Attestation:
    """State what was asked for, without the places of files on this computer, and what came."""
    tflite = plan.options.tflite
    chosen = plain(replace(plan.options, gates=None, cache=None, tflite=None))
    chosen |= {"gates": plan.gates, "tflite": tflite.kinds if tflite else ()}
    del chosen["cache"]
    keras = tflite.keras if tflite else None
    return of_calibration(plan.bundle, final, files, options=chosen, keras=keras)


def _plan(source: Path, data: Path, options: CalibrationOptions) -> _Plan:
    bundle = load_bundle(source)
    manifest = bundle.manifest
    steps = tuple(each for each in read_attestations(bundle) if each.step != "validate")
    healthy = healthy_classes(options.no_referral, manifest.classes)
    gates = read_gates(options.gates, manifest=manifest.gates)
    if FLOAT32 not in manifest.models:
        cause = f"names no '{FLOAT32}' model to quantise; start from what 'fundus-edge export' made"
        raise BundleInvalidError(source, MANIFEST, cause)
    dataset, trained_on = dataset_of_training(manifest, data), manifest.origin.dataset
    if not trained_on or fingerprint(dataset) != trained_on.fingerprint:
        name = f", '{trained_on.name}'" if trained_on else ""
        cause = f"isn't the dataset that the bundle was trained on{name}"
        raise DatasetError(data, cause, expected="the same files with the same content")
    confidence = ConfidenceOptions(
        healthy, options.sensitivity, options.seed, few_photos=options.few_photos
    )
    return _Plan(bundle, dataset, gates, confidence, options, steps)


def _chosen(plan: _Plan, on_step: Callable[[str], None]) -> Representative:
    """Choose the representative photos, and say before of which classes there are too few."""
    options, dataset = plan.options, plan.dataset
    labels = np.array(class_indices(with_class(dataset.splits["val_dir"])), np.intp)
    if scarcity := said_of_scarcity(labels, dataset.classes, plan.confidence):
        on_step(scarcity)
    on_step("choosing representative photos")
    return representative_set(
        dataset, photos=options.photos, seed=options.seed, cache=options.cache
    )


def _manifest(
    plan: _Plan,
    made: tuple[Int8Model, ...],
    chosen: Representative,
    reference: Reference,
    learned: Learned | None,
) -> Manifest:
    """Measure the models and write the new manifest, whose default is the first one made."""
    manifest, options = plan.bundle.manifest, plan.options
    known = learned.familiarity if learned else None
    entries = {
        each.name: measured_entry(each, manifest, reference, plan.confidence, familiarity=known)
        for each in made
    }
    first = made[0]
    followed = fidelity(
        open_file(first.content, manifest, simulate=first.simulate).run,
        plan.bundle.class_gradients,
        reference.sets["val_dir"].images(manifest.input_size),
    )
    kept = {} if options.only_int8 else _kept(plan, reference)
    representative = RepresentativePhotos(seed=options.seed, sha256=chosen.digests)
    return replace(
        manifest,
        models=kept | entries,
        default_model=first.name,
        temperature=fitted_temperature(entries[first.name]),
        thresholds=entries[first.name].thresholds,
        familiarity=learned.entry if learned else None,
        average_maps=None,  # which were another model's
        gradients=replace(manifest.gradients, fidelity=followed),
        gates=plan.gates if options.gates else manifest.gates,
        origin=replace(manifest.origin, representative=representative),
    )


def _kept(plan: _Plan, reference: Reference) -> dict[str, ModelEntry]:
    """Calibrate the models that are there already, but those that saturate on this processor.

    Verdicts are dropped: a model with another temperature isn't the one that was validated.
    """
    found = {}
    val = reference.sets["val_dir"]
    for name, entry in plan.bundle.manifest.models.items():
        checks = {key: value for key, value in entry.checks.items() if key != "validation"}
        found[name] = replace(entry, checks=checks)
        if processor_mismatch(name, entry, processor()) is None:
            said = reference.outputs["val_dir"]
            if name != FLOAT32:
                said = ask(open_model(plan.bundle, name, threads=None), val)
            found[name] = with_confidence(name, found[name], said, val, plan.confidence)
    return found
