"""Make the int8 ONNX models of a bundle, one for each kind of processor."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calibration.compare.candidate import candidate_figures
from calibration.compare.gates import judge, missed_by_original
from calibration.int8.report import Report, report
from calibration.int8.search import MOST_EVALUATIONS, Trial, search
from calibration.int8.targets import TARGETS, Target
from calibration.int8.variants import LEAST_ERROR, Variants
from calibration.models.ask import Reference
from calibration.models.weights import onnx_weights
from edge_runtime.bundle.manifest import Manifest, ModelEntry
from edge_runtime.engine.processor_match import processor_mismatch
from edge_runtime.system.machine import processor


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
    arithmetic that doesn't saturate (``candidate.open_file``).
    """

    name: str
    entry: ModelEntry
    content: bytes
    report: Report
    simulate: bool


def make_int8(
    model: Path,
    images: npt.NDArray[np.uint8],
    options: Int8Options,
    reference: Reference,
    manifest: Manifest,
    gates: Mapping[str, float],
    *,
    on_step: Callable[[str], None] = lambda step: None,
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
            _make(variants, TARGETS[name], options, reference, manifest, gates)
            for name in options.targets
        )


def _make(
    variants: Variants,
    target: Target,
    options: Int8Options,
    reference: Reference,
    manifest: Manifest,
    gates: Mapping[str, float],
) -> Int8Model:
    name, file = target.model, f"model.{target.model}.onnx"
    entry = ModelEntry(file, "onnx", "int8", target=target.name)
    simulate = processor_mismatch(name, entry, processor()) is not None
    costs: dict[str, Mapping[str, float]] = {}
    weights = onnx_weights(variants.original)

    def evaluate(method: str, in_float: tuple[str, ...]) -> Trial:
        content = variants.quantise(target, method, in_float)
        variants.on_step(f"evaluating {name}, {method}, {len(in_float)} layer(s) in float")
        figures = candidate_figures(content, reference, manifest, weights, simulate=simulate)
        distance = figures.agreement.probability_difference_mean
        excused = missed_by_original(figures, gates)
        return Trial(method, in_float, judge(figures, gates), distance, excused)

    def worst_layers(method: str) -> list[str]:
        costs[method] = variants.costs(variants.quantise(target, method, ()))
        return list(costs[method])

    found = search(options.methods, evaluate, worst_layers, most=options.evaluations)
    best = found.best
    content = variants.quantise(target, best.method, best.in_float)
    if best.method not in costs:
        worst_layers(best.method)
    calibration = {
        "method": best.method,
        "photos": len(variants.images),
        "layers_in_float": len(best.in_float),
        "evaluations": len(found.trials),
        "reason": found.reason,
        "arithmetic": "simulated" if simulate else "of this processor",
    }
    return Int8Model(
        name,
        replace(entry, checks={"calibration": calibration}),
        content,
        report(target.name, found, costs[best.method], variants.noise(content)),
        simulate,
    )
