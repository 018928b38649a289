"""Make the int8 ONNX models of a bundle, one for each kind of processor."""

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from calibration.compare.judge_candidate import Judged, judge_candidate, open_file
from calibration.compare.sqnr import TensorSqnr
from calibration.compare.weight_sqnr import compare_weights
from calibration.int8.search import MOST_EVALUATIONS, SearchResult, Trial, search
from calibration.int8.targets import MODEL_NAMES, TARGETS, Target
from calibration.int8.variants import LEAST_ERROR, Variants
from calibration.models.ask import ask
from calibration.models.reference import Reference
from calibration.models.weights import onnx_weights
from edge_runtime.bundle.manifest import Manifest, ModelEntry
from edge_runtime.engine.processor_match import processor_mismatch
from edge_runtime.system.machine import processor

Step = Callable[[str], None]


@dataclass(frozen=True)
class Int8Options:
    """Targets and methods by name, and how many quantisations may be evaluated for each target."""

    targets: tuple[str, ...] = ("x86",)
    methods: tuple[str, ...] = (LEAST_ERROR,)
    evaluations: int = MOST_EVALUATIONS


#: One model that every x86 processor runs without saturating.
FOR_X86 = Int8Options()


@dataclass(frozen=True, eq=False)
class Int8Model:
    """A quantised model: its entry for the manifest, its file, its part of the report.

    ``simulate`` says that it can't run here as on its target, so that it was examined in
    arithmetic that doesn't saturate (``judge_candidate.open_file``).
    """

    name: str
    entry: ModelEntry
    content: bytes
    report: dict[str, Any]
    simulate: bool


def make_int8(
    model: Path,
    images: npt.NDArray[np.uint8],
    options: Int8Options,
    reference: Reference,
    manifest: Manifest,
    gates: Mapping[str, float],
    *,
    on_step: Step = lambda step: None,
) -> tuple[Int8Model, ...]:
    """Quantise a float model for each target, searching as ``calibration.int8.search`` does.

    Args:
        model: A float32 ONNX file of the contract.
        images: uint8 (N, height, width, 3), RGB, prepared: the representative set.
        options: What to make.
        reference: The original; quantisations are compared on its val_dir.
        manifest: That of its bundle.
        gates: The limits that are to hold.
        on_step: Called with a few words at each step.
    """
    with tempfile.TemporaryDirectory() as folder:
        variants = Variants(model, images, Path(folder), on_step=on_step)
        return tuple(
            _make(variants, TARGETS[name], options, reference, manifest, gates, on_step)
            for name in options.targets
        )


def _make(
    variants: Variants,
    target: Target,
    options: Int8Options,
    reference: Reference,
    manifest: Manifest,
    gates: Mapping[str, float],
    on_step: Step,
) -> Int8Model:
    name = MODEL_NAMES[target.name]
    entry = ModelEntry(f"model.{name}.onnx", "onnx", "int8", target=target.name)
    simulate = processor_mismatch(name, entry, processor()) is not None
    costs: dict[str, Mapping[str, float]] = {}
    weights = onnx_weights(variants.original)
    data = reference.sets["val_dir"]

    def evaluate(method: str, in_float: tuple[str, ...]) -> Trial:
        content = variants.quantise(target, method, in_float)
        on_step(f"evaluating {name}, {method}, {len(in_float)} layer(s) in float")
        tested = open_file(content, manifest, simulate=simulate)
        own = onnx_weights(onnx.load_model_from_string(content))
        examined = judge_candidate(
            ask(tested, data),
            data,
            (reference.tested, reference.outputs["val_dir"]),
            manifest,
            gates,
            weights=compare_weights(own, weights),
        )
        return Trial(
            method, in_float, examined.judgements, _distance(examined), examined.original_misses
        )

    def worst_layers(method: str) -> list[str]:
        costs[method] = variants.costs(variants.quantise(target, method, ()))
        return list(costs[method])

    found = search(options.methods, evaluate, worst_layers, most=options.evaluations)
    best = found.best
    content = variants.quantise(target, best.method, best.in_float)
    if best.method not in costs:
        worst_layers(best.method)
    checks = {
        "calibration": {
            "method": best.method,
            "photos": len(variants.images),
            "layers_in_float": len(best.in_float),
            "evaluations": len(found.trials),
            "reason": found.reason,
            "arithmetic": "simulated" if simulate else "of this processor",
        }
    }
    report = _report(found, costs[best.method], variants.noise(content))
    return Int8Model(
        name, replace(entry, checks=checks), content, {"target": target.name} | report, simulate
    )


def _distance(examined: Judged) -> float:
    return float(examined.figures["agreement"]["probability_difference_mean"])


def _report(
    found: SearchResult, costs: Mapping[str, float], tensors: Sequence[TensorSqnr]
) -> dict[str, Any]:
    trials = [
        {
            "method": trial.method,
            "layers_in_float": list(trial.in_float),
            "passed": trial.passed,
            "probability_difference_mean": trial.distance,
            "gates": [asdict(judgement) for judgement in trial.judgements],
        }
        for trial in found.trials
    ]
    return {
        "method": found.best.method,
        "layers_in_float": list(found.best.in_float),
        "reason": found.reason,
        "trials": trials,
        "layers": [
            {"name": name, "last_conv_sqnr_db": _rounded(cost)} for name, cost in costs.items()
        ],
        "tensors": [asdict(each) | {"sqnr_db": _rounded(each.sqnr_db)} for each in tensors],
    }


def _rounded(decibels: float) -> float | None:
    """Make decibels fit for JSON: None where there is no error, -200 where nothing else is."""
    if decibels == math.inf:
        return None
    return round(decibels, 2) if math.isfinite(decibels) else -200.0
