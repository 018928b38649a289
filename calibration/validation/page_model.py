"""Gather what the page of a validation shows of one model."""

from collections.abc import Mapping
from dataclasses import dataclass

from calibration.compare.gates import GATES, bound, said, shown_value
from calibration.compare.map_drift import Drift, WorstPhoto
from calibration.compare.paired import Paired
from calibration.models.weights import HEAD
from calibration.validation.by_source_rows import by_source_rows
from calibration.validation.plots import (
    CONTROL_TITLES,
    MEASURE_TITLES,
    plot_drift,
    plot_probabilities,
    plot_recall,
    plot_reliability,
    worst_pictures,
)
from calibration.validation.record import ModelRecord
from calibration.validation.validate import Validation
from edge_runtime.results.shown import number, signed

_STYLES = {"holds": "good", "MISSED": "bad", "not judged": "faint"}
_WORST_WEIGHTS = 5

Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class ModelPart:
    """One model's figures as tables of text by name, and its pictures as URLs.

    ``entry`` is the model's in ``validation.json``, for the sentences. A gate's row ends with what
    it said and the style of that. ``controls`` name the columns of the medians; ``worst`` has three
    pictures, by what they show, for each photo.
    """

    name: str
    entry: ModelRecord
    verdict: str
    tables: Mapping[str, Rows]
    controls: list[str]
    has_head: bool
    plots: Mapping[str, str]
    worst: list[tuple[WorstPhoto, Mapping[str, str]]]


def model_part(name: str, validation: Validation) -> ModelPart:
    """Write one model's figures, and draw its plots and worst photos."""
    entry, controls = validation.record.models[name], validation.record.controls
    drift, tensors = entry.explanation, entry.weights.tensors
    shown = [key for key in CONTROL_TITLES if key in controls and controls[key].measures]
    tables: dict[str, Rows] = {
        "gates": [
            (GATES[gate.name].asks, shown_value(gate), f"{bound(gate)} {gate.limit:g}", said(gate),
             _STYLES[said(gate)])
            for gate in entry.gates
        ],
        "by_source": by_source_rows(entry),
        "paired": _paired(entry.paired),
        "quantiles": _quantiles(drift),
        "medians": _medians([drift, *(controls[key] for key in shown)]),
        "by_class": [
            (label, str(part.photos), *(number(row.median) for row in part.measures.values()))
            for label, part in drift.by_class.items()
            if part.measures
        ],
        "weights": [(row.name, number(row.sqnr_db, 1)) for row in tensors[:_WORST_WEIGHTS]],
    }  # fmt: skip
    return ModelPart(
        name=name,
        entry=entry,
        verdict=_verdict(entry),
        tables=tables,
        controls=[CONTROL_TITLES[key] for key in shown],
        has_head=any(row.name.startswith(HEAD) for row in tensors),
        plots=_plots(name, validation),
        worst=_worst(name, validation),
    )


def _verdict(entry: ModelRecord) -> str:
    missed = sum(not gate.holds for gate in entry.gates)
    unjudged = sum(not gate.judged for gate in entry.gates)
    count = len(entry.gates)
    verdict = (
        "PASS, all gates hold" if not missed else f"FAIL, {missed} of {count} gates are missed"
    )
    return verdict + (f"; {unjudged} of {count} couldn't be judged" if unjudged else "")


def _paired(paired: Paired) -> Rows:
    figures = {
        "accuracy": paired.accuracy,
        "balanced accuracy": paired.balanced_accuracy,
        "macro AUROC": paired.macro_auroc,
        "expected calibration error": paired.ece,
    }
    figures |= {f"recall, {label}": row for label, row in paired.recall.items()}
    figures |= {f"AUROC, {label}": row for label, row in paired.auroc.items()}
    return [
        (
            title,
            number(row.original),
            number(row.model),
            signed(row.difference),
            " to ".join(map(signed, row.interval)),
        )
        for title, row in figures.items()
    ]


def _quantiles(drift: Drift) -> Rows:
    return [
        (
            MEASURE_TITLES[name],
            *map(number, (row.p05, row.p25, row.median)),
            " to ".join(map(number, row.interval or ())),
            *map(number, (row.p75, row.p95)),
        )
        for name, row in drift.measures.items()
    ]


def _medians(drifts: list[Drift]) -> Rows:
    """Write the medians of the model and of the controls side by side, if the model has any."""
    return [
        (MEASURE_TITLES[name], *(number(each.measures[name].median) for each in drifts))
        for name in drifts[0].measures
    ]


def _plots(name: str, validation: Validation) -> dict[str, str]:
    record, answers = validation.record, validation.answers
    entry, labels = record.models[name], validation.data.labels
    first = answers.original.at_temperature(entry.confidence.temperature_bundle)
    second = answers.outputs[name].probabilities
    limits = {
        "pearson": record.gates["drift_correlation_min"],
        "iou": record.gates["drift_iou_min"],
    }
    return {
        "recall": plot_recall(entry.paired.recall),
        "reliability": plot_reliability(first, second, labels),
        "probabilities": plot_probabilities(first, second, record.classes),
        "drift": plot_drift(answers.drifts[name], answers.controls, limits),
    }


def _worst(name: str, validation: Validation) -> list[tuple[WorstPhoto, Mapping[str, str]]]:
    images, answers = validation.data.images(validation.input_size), validation.answers
    classes = validation.record.classes
    outputs = {"original": answers.original, "model": answers.outputs[name]}
    return [
        (
            row,
            worst_pictures(images[row.index], row.index, classes.index(row.explained), outputs),
        )
        for row in validation.record.models[name].worst
    ]
