"""Validate every model of a bundle against the original, on the same photos."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from calibration.compare.by_source import within_sources
from calibration.compare.comparison import compare
from calibration.compare.gates import judge, read_gates
from calibration.compare.map_drift import Drifts, summarise, worst_photos
from calibration.compare.weight_sqnr import weight_sqnr
from calibration.errors import NothingToValidateError
from calibration.models.baseline import open_reference
from calibration.models.evaluation_set import EvaluationSet, read_evaluation_set
from calibration.models.model_under_test import Outputs, open_model
from calibration.validation.answers import Answers, Models, ask_models
from calibration.validation.options import DEFAULT_OPTIONS, Settings, ValidationOptions
from calibration.validation.provenance import head_record, identity_of
from calibration.validation.saturation import may_saturate
from calibration.validation.speed import measure_alone, speed_figures, time_in_turns
from edge_runtime.bundle.bundle import Bundle, load_bundle
from edge_runtime.system.machine import processor

#: The original's name among the speeds.
ORIGINAL = "(original)"

_TIMED_PHOTOS = 16


@dataclass(frozen=True, eq=False)
class Validation:
    """A finished validation.

    ``record`` is what ``validation.json`` holds. The rest is for the page's pictures: the photos,
    the original's and every model's answers, every model's and every control's drift by photo, and
    the times in turns.
    """

    record: dict[str, Any]
    data: EvaluationSet
    input_size: tuple[int, int]
    original: Outputs
    outputs: Mapping[str, Outputs]
    drifts: Mapping[str, Drifts]
    controls: Mapping[str, Drifts]
    times_ms: Mapping[str, list[float]]

    @property
    def passed(self) -> bool:
        """Whether every model passed every gate."""
        return bool(self.record["passed"])


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
    on_step("loading the models")
    models = _open(bundle, photos.dataset.classes, options)
    on_step("asking the models")
    answers = ask_models(models, photos, input_size=size, seed=settings.seed, on_photo=on_photo)
    on_step("measuring")
    judged = {
        name: _judged(_figures(name, bundle, photos, models, answers, settings), limits)
        for name in models.tested
    }
    on_step("timing in turns")
    times, speeds = _speeds(photos, models, settings, on_step)
    tops, groups = answers.original.top, photos.groups
    record = head_record(bundle, photos, models.original, asdict(settings)) | {
        "passed": all(entry["passed"] for entry in judged.values()),
        "gates": limits,
        "models": judged,
        "controls": {
            name: summarise(rows, tops, groups, photos.classes, resamples=0, seed=0)
            for name, rows in answers.controls.items()
        },
        "speed": speeds,
    }
    return Validation(
        record, photos, size, answers.original, answers.outputs, answers.drifts, answers.controls,
        times,
    )  # fmt: skip


def _open(bundle: Bundle, classes: tuple[str, ...], options: ValidationOptions) -> Models:
    """Load the original, what is compared with it, and another training of it if one is named."""
    threads = options.settings.threads
    original, own_name = open_reference(options.reference, bundle, classes, threads=threads)
    if options.model:
        chosen = [bundle.model(options.model)[0]]
    else:
        chosen = [name for name in bundle.manifest.models if name != own_name]
    if not chosen or chosen == [own_name]:
        raise NothingToValidateError(original.name)
    tested = {name: open_model(bundle, name, threads=threads) for name in chosen}
    second = None
    if options.second:
        second, _ = open_reference(options.second, bundle, classes, threads=threads)
    return Models(original, tested, second)


def _figures(
    name: str,
    bundle: Bundle,
    data: EvaluationSet,
    models: Models,
    answers: Answers,
    settings: Settings,
) -> dict[str, Any]:
    """Measure one model, JSON-ready."""
    tested, manifest = models.tested[name], bundle.manifest.for_model(name)
    first, said, drifted = answers.original, answers.outputs[name], answers.drifts[name]
    draws = {"resamples": settings.resamples, "seed": settings.seed}
    return (
        identity_of(tested)
        | compare(data, manifest, (models.original, first), said, **draws)
        | within_sources(
            data, answers.original_all, answers.outputs_all[name],
            temperature=manifest.temperature, **draws,
        )
        | {
            "explanation": summarise(drifted, first.top, data.groups, data.classes, **draws),
            "worst": worst_photos(drifted, data, first, said),
            "weights": weight_sqnr(tested, models.original),
            "may_saturate": tested.file_format == "onnx"
            and may_saturate(bundle.model(name)[2], processor()),
        }
    )  # fmt: skip


def _judged(figures: dict[str, Any], limits: Mapping[str, float]) -> dict[str, Any]:
    judgements = judge(figures, limits)
    return {
        "passed": all(judgement.holds for judgement in judgements),
        "gates": [asdict(judgement) for judgement in judgements],
    } | figures


def _speeds(
    data: EvaluationSet, models: Models, settings: Settings, on_step: Callable[[str], None]
) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Time all models that are comparable in turns, then each one alone."""
    timed = {ORIGINAL: models.original} if models.original.timed else {}
    timed |= models.tested
    times = time_in_turns(
        {name: tested.run for name, tested in timed.items()},
        {name: data.images(s.input_size)[:_TIMED_PHOTOS] for name, s in timed.items()},
        rounds=settings.rounds,
    )
    found = speed_figures(times, original=ORIGINAL if ORIGINAL in timed else None)
    on_step("measuring load time and memory")
    for name, tested in timed.items():
        if tested.bundle is not None:
            found[name] |= measure_alone(
                tested.bundle,
                tested.name,
                threads=settings.threads,
                processes=settings.processes,
            )
    return times, found
