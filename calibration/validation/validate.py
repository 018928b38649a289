"""Validate every model of a bundle against the original, on the same photos."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibration.compare.by_source import paired_by_source
from calibration.compare.comparison import ModelFigures, compare
from calibration.compare.gates import judge, read_gates
from calibration.compare.map_drift import summarise, worst_photos
from calibration.compare.weight_sqnr import weight_sqnr
from calibration.errors import NothingToValidateError
from calibration.models.baseline import open_reference
from calibration.models.evaluation_set import EvaluationSet, read_evaluation_set
from calibration.models.model_under_test import open_model
from calibration.models.refusals import refusals
from calibration.validation.answers import Answers, Models, ask_models
from calibration.validation.options import DEFAULT_OPTIONS, Settings, ValidationOptions
from calibration.validation.record import (
    ORIGINAL,
    ModelRecord,
    ValidationRecord,
    bundle_record,
    data_record,
    machine_record,
    versions_record,
)
from calibration.validation.saturation import may_saturate
from calibration.validation.speed import Speed, measure_alone, speed_of, time_in_turns
from edge_runtime.bundle.bundle import Bundle, load_bundle
from edge_runtime.contract import DISCLAIMER
from edge_runtime.system.machine import processor
from train.evaluation.as_predicted import as_predicted
from train.evaluation.gate import gate_figures
from train.metrics.weighted_metrics import confusion

_TIMED_PHOTOS = 16


@dataclass(frozen=True, eq=False)
class Validation:
    """A finished validation.

    ``record`` is what ``validation.json`` holds. The rest is for the page's pictures: the photos,
    the models' (height, width), answers by photo, and the times in turns by model.
    """

    record: ValidationRecord
    data: EvaluationSet
    input_size: tuple[int, int]
    answers: Answers
    times_ms: Mapping[str, list[float]]


def validate_bundle(
    source: Path,
    data: Path,
    *,
    options: ValidationOptions = DEFAULT_OPTIONS,
    on_step: Callable[[str], None] = lambda step: None,
    on_photo: Callable[[int, int], None] = lambda done, total: None,
) -> Validation:
    """Compare models of a bundle with the original and judge them.

    Args:
        source: The bundle.
        data: A dataset with the bundle's classes.
        options: What is compared, and how.
        on_step: Called with a few words at each step.
        on_photo: Called with the photos answered so far by all models, and all there will be.

    Raises:
        FundusError: The bundle, the data, the original or the gates can't be used.
    """
    bundle = load_bundle(source)
    settings, size = options.settings, bundle.manifest.input_size
    limits = read_gates(options.gates, manifest=bundle.manifest.gates)
    on_step("reading photos")
    photos = read_evaluation_set(
        data, split=options.split, classes=bundle.manifest.classes, cache=options.cache
    )
    photos.faults(size, bundle.manifest.quality)  # with the pixels, in one reading
    on_step("loading the models")
    models = _open(bundle, photos.dataset.classes, options)
    on_step("asking the models")
    answers = ask_models(models, photos, input_size=size, seed=settings.seed, on_photo=on_photo)
    on_step("measuring")
    judged = {
        name: _judged(name, bundle, photos, models, answers, settings, limits)
        for name in models.tested
    }
    on_step("timing in turns")
    times, speeds = _speeds(photos, models, settings, on_step)
    first = next(iter(answers.outputs.values()))
    tops, refused = answers.original.top, refusals(photos, first, bundle.manifest)
    record = ValidationRecord(
        disclaimer=DISCLAIMER,
        created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        bundle=bundle_record(bundle),
        original=models.original.file,
        data=data_record(photos, bundle),
        classes=photos.classes,
        gate=gate_figures(refused, photos.truth, photos.classes),
        settings=settings,
        machine=machine_record(),
        versions=versions_record(),
        passed=all(entry.passed for entry in judged.values()),
        gates=limits,
        models=judged,
        controls={name: summarise(rows, tops, photos) for name, rows in answers.controls.items()},
        speed=speeds,
    )
    return Validation(record, photos, size, answers, times)


def _open(bundle: Bundle, classes: tuple[str, ...], options: ValidationOptions) -> Models:
    """Load the original, what is compared with it, and another training of it if one is named."""
    threads = options.settings.threads
    original, own_name = open_reference(options.reference, bundle, classes, threads=threads)
    if options.model:
        chosen = [bundle.model(options.model)[0]]
    else:
        chosen = [name for name in bundle.manifest.models if name != own_name]
    if not chosen or chosen == [own_name]:
        raise NothingToValidateError(original.file.name)
    tested = {name: open_model(bundle, name, threads=threads) for name in chosen}
    second = None
    if options.second:
        second, _ = open_reference(options.second, bundle, classes, threads=threads)
    return Models(original, tested, second)


def _judged(
    name: str,
    bundle: Bundle,
    data: EvaluationSet,
    models: Models,
    answers: Answers,
    settings: Settings,
    limits: Mapping[str, float],
) -> ModelRecord:
    """Measure one model, and hold it against the limits."""
    tested, manifest = models.tested[name], bundle.manifest.for_model(name)
    first, said, drifts = answers.original, answers.outputs[name], answers.drifts[name]
    draws = settings.bootstrap
    figures = ModelFigures(
        **vars(compare(data, manifest, (models.original, first), said, draws)),
        explanation=summarise(drifts, first.top, data, bootstrap=draws),
        weights=weight_sqnr(tested, models.original),
        may_saturate=tested.file.format == "onnx"
        and may_saturate(bundle.model(name)[2], processor()),
    )
    alike = first.calibrated(manifest.temperature)
    verdicts = judge(figures, limits)
    faults = refusals(data, said, bundle.manifest)[: len(data.photos)]
    shares = {"original": alike.probabilities, "model": said.probabilities}
    once = np.ones((1, len(data.photos)))
    return ModelRecord(
        **vars(tested.file),
        **vars(figures),
        passed=all(verdict.holds for verdict in verdicts),
        gates=verdicts,
        by_source=paired_by_source(
            alike.everyone(), said.everyone(), data.truth, data.all_groups, data.classes, draws
        ),
        confusion={
            name: tuple(map(tuple, confusion(each, data.labels, once)[0].astype(int).tolist()))
            for name, each in shares.items()
        },
        as_predicted={
            name: as_predicted(
                each,
                data.labels,
                data.groups,
                data.classes,
                faults,
                thresholds=manifest.thresholds,
                bootstrap=draws,
            )
            for name, each in shares.items()
        },
        worst=worst_photos(drifts, data, first, said),
    )


def _speeds(
    data: EvaluationSet, models: Models, settings: Settings, on_step: Callable[[str], None]
) -> tuple[dict[str, list[float]], dict[str, Speed]]:
    """Time all models that are comparable in turns, then each one alone."""
    every = {ORIGINAL: models.original, **models.tested}
    timed = {name: tested for name, tested in every.items() if tested.bundle}
    times = time_in_turns(
        {name: tested.run for name, tested in timed.items()},
        {name: data.images(s.input_size)[:_TIMED_PHOTOS] for name, s in timed.items()},
        rounds=settings.rounds,
    )
    on_step("measuring load time and memory")
    found = {}
    for name, tested in timed.items():
        if tested.bundle:
            alone = measure_alone(
                tested.bundle,
                tested.file.name,
                threads=settings.threads,
                processes=settings.processes,
            )
            found[name] = speed_of(times[name], alone, original=times.get(ORIGINAL))
    return times, found
