"""Validate every model of a bundle against the original, on the same photos."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from calibration.compare.by_source import within_sources
from calibration.compare.comparison import compare
from calibration.compare.gates import judge, read_gates
from calibration.compare.map_drift import (
    Drifts,
    chance_drifts,
    drifts,
    mirror,
    mirrored_back,
    nudge,
    summarise,
    worst_photos,
)
from calibration.compare.weight_sqnr import weight_sqnr
from calibration.errors import NothingToValidateError
from calibration.models.ask import ask, ask_others
from calibration.models.baseline import open_reference
from calibration.models.evaluation_set import EvaluationSet, Images, read_evaluation_set
from calibration.models.model_under_test import ModelUnderTest, Outputs, open_model
from calibration.validation.provenance import head_record, identity_of
from calibration.validation.saturation import may_saturate
from calibration.validation.speed import measure_alone, speed_figures, time_in_turns
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.system.machine import processor

#: The original's name among the speeds.
ORIGINAL = "(original)"

_TIMED_PHOTOS = 16


@dataclass(frozen=True)
class Settings:
    """How a validation is made; none of it changes what is compared.

    ``threads`` of one inference, ``rounds`` of timing in turns, ``processes`` for each model's load
    time and memory, ``resamples`` of groups for intervals.
    """

    threads: int = 1
    rounds: int = 30
    processes: int = 3
    resamples: int = 2000
    seed: int = 0


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
    split: str = "val_dir",
    model: str | None = None,
    reference: str | None = None,
    second: str | None = None,
    gates: Path | None = None,
    settings: Settings = Settings(),
    on_step: Callable[[str], None] = lambda step: None,
    on_photo: Callable[[int, int], None] = lambda done, total: None,
) -> Validation:
    """Compare models of a bundle with the original and judge them.

    Args:
        source: The bundle.
        data: A dataset with the bundle's classes.
        split: "val_dir", "test_dir" or ``evaluation_set.ALL_PHOTOS``.
        model: One model, by name or file; None for all but the original.
        reference: The original, see ``open_reference``.
        second: Another training of the original, likewise, for the natural spread of its maps.
        gates: A file of limits, see ``read_gates``.
        settings: How it is made.
        on_step: Called with a few words at each step.
        on_photo: Called with the photos answered so far by all models, and all there will be.

    Raises:
        FundusError: The bundle, the data, the original or the gates can't be used.
    """
    bundle = load_bundle(source)
    manifest = bundle.manifest
    limits = read_gates(gates, manifest=manifest.gates)
    on_step("reading photos")
    evaluated = read_evaluation_set(data, split=split, classes=manifest.classes)
    threads, size = settings.threads, manifest.input_size
    on_step("loading the models")
    trained = evaluated.dataset.classes
    original, own_name = open_reference(reference, bundle, trained, threads=threads)
    chosen = [bundle.model(model)[0]] if model else [n for n in manifest.models if n != own_name]
    if not chosen or chosen == [own_name]:
        raise NothingToValidateError(original.name)
    all_tested = {name: open_model(bundle, name, threads=threads) for name in chosen}
    other = open_reference(second, bundle, trained, threads=threads)[0] if second else None

    on_step("asking the models")
    asked = _Asked(
        evaluated, len(all_tested) + 3 + (other is not None), len(all_tested) + 1, on_photo
    )
    first, beside = asked.outputs(original), asked.others(original)
    outputs = {name: asked.outputs(tested) for name, tested in all_tested.items()}
    others = {name: asked.others(tested) for name, tested in all_tested.items()}
    mirrored = asked.outputs(original, mirror)
    nudged = asked.outputs(original, lambda images: nudge(images, feature=first.cam.shape[2:]))
    controls = {
        "nudged": drifts(first, nudged, input_size=size),
        "mirrored": drifts(first, mirrored_back(mirrored), input_size=size),
        "mirrored_in_place": drifts(first, mirrored, input_size=size),
        "chance": chance_drifts(first, evaluated.groups, input_size=size, seed=settings.seed),
    }
    if other is not None:
        controls["other_training"] = drifts(first, asked.outputs(other), input_size=size)
    drifted = {name: drifts(first, found, input_size=size) for name, found in outputs.items()}

    on_step("measuring")
    draws = {"resamples": settings.resamples, "seed": settings.seed}
    judged = {
        name: _judged(
            identity_of(tested)
            | compare(
                evaluated, manifest.for_model(name), (original, first), outputs[name], **draws
            )
            | within_sources(
                evaluated,
                (first, *beside),
                (outputs[name], *others[name]),
                temperature=manifest.for_model(name).temperature,
                **draws,
            )
            | {
                "explanation": summarise(
                    drifted[name],
                    first.top,
                    evaluated.groups,
                    evaluated.classes,
                    **draws,
                ),
                "worst": worst_photos(drifted[name], evaluated, first, outputs[name]),
                "weights": weight_sqnr(tested, original),
                "may_saturate": tested.file_format == "onnx"
                and may_saturate(bundle.model(name)[2], processor()),
            },
            limits,
        )
        for name, tested in all_tested.items()
    }
    on_step("timing in turns")
    times, speeds = _speeds(evaluated, original, all_tested, settings, on_step)
    record = head_record(bundle, evaluated, original, asdict(settings)) | {
        "passed": all(entry["passed"] for entry in judged.values()),
        "gates": limits,
        "models": judged,
        "controls": {
            name: summarise(
                rows, first.top, evaluated.groups, evaluated.classes, resamples=0, seed=0
            )
            for name, rows in controls.items()
        },
        "speed": speeds,
    }
    return Validation(record, evaluated, size, first, outputs, drifted, controls, times)


class _Asked:
    """Asks models about photos and counts the photos for a progress bar."""

    def __init__(
        self,
        data: EvaluationSet,
        times: int,
        others: int,
        on_photo: Callable[[int, int], None],
    ) -> None:
        self._data, self._on_photo = data, on_photo
        self._done, self._total = (
            0,
            times * len(data.photos) + others * len(data.others),
        )

    def outputs(
        self, tested: ModelUnderTest, change: Callable[[Images], Images] = lambda images: images
    ) -> Outputs:
        """Ask a model about the photos, or about what ``change`` makes of them."""
        return ask(tested, self._data, change=change, on_photo=self._advance)

    def others(self, tested: ModelUnderTest) -> tuple[Outputs, ...]:
        """Ask a model about the others: one part, or none where there are none."""
        found = ask_others(tested, self._data, on_photo=self._advance)
        return () if found is None else (found,)

    def _advance(self, count: int) -> None:
        self._done += count
        self._on_photo(self._done, self._total)


def _judged(figures: dict[str, Any], limits: Mapping[str, float]) -> dict[str, Any]:
    judgements = judge(figures, limits)
    return {
        "passed": all(judgement.holds for judgement in judgements),
        "gates": [asdict(judgement) for judgement in judgements],
    } | figures


def _speeds(
    data: EvaluationSet,
    original: ModelUnderTest,
    all_tested: Mapping[str, ModelUnderTest],
    settings: Settings,
    on_step: Callable[[str], None],
) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Time all models that are comparable in turns, then each one alone."""
    timed = {ORIGINAL: original} if original.timed else {}
    timed |= all_tested
    times = time_in_turns(
        {name: tested.run for name, tested in timed.items()},
        {name: data.images(s.input_size)[:_TIMED_PHOTOS] for name, s in timed.items()},
        rounds=settings.rounds,
    )
    found = speed_figures(times, original=ORIGINAL if original.timed else None)
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
