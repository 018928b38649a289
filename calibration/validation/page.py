"""Write a validation as one self-contained HTML page, to file and to print."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calibration.compare.by_source import by_source_rows
from calibration.compare.gates import GATES, bound, said, shown_value
from calibration.compare.map_drift import Drift, WorstPhoto
from calibration.compare.paired import Paired
from calibration.compare.weight_sqnr import MOST_DB
from calibration.models.model_under_test import ModelFile
from calibration.models.weights import HEAD
from calibration.validation.plots import (
    CONTROL_TITLES,
    MEASURE_TITLES,
    plot_drift,
    plot_probabilities,
    plot_recall,
    plot_reliability,
    plot_times,
    worst_pictures,
)
from calibration.validation.record import ORIGINAL, ModelRecord, ValidationRecord, cautions
from calibration.validation.validate import Validation
from edge_runtime.bundle.manifest import FileEntry
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import number, signed

_TEMPLATES = Path(__file__).parent / "templates"
_STYLES = {"holds": "good", "MISSED": "bad", "not judged": "faint"}
_WORST_WEIGHTS = 5

Rows = list[tuple[str, ...]]


def validation_page(validation: Validation) -> str:
    """Write the page: verdict, figures, plots, data, versions, hashes.

    Every figure on it stands in ``validation.json`` too.
    """
    record = validation.record
    return page_template("validation.html.jinja", _TEMPLATES).render(
        record=record,
        cautions=cautions(record),
        parts=[_model_part(name, validation) for name in record.models],
        by_source=any(entry.by_source for entry in record.models.values()),
        measures=list(MEASURE_TITLES.values()),
        most_db=MOST_DB,
        speeds=_speeds(record),
        settings=vars(record.settings),
        times=plot_times(validation.times_ms),
        files=_files(record),
    )


def _files(record: ValidationRecord) -> list[tuple[str, ...]]:
    files: dict[str, FileEntry | ModelFile] = {**record.bundle.files}
    files[f"the original, {record.original.name}"] = record.original
    return [(name, f"{entry.size_bytes:,}", entry.sha256) for name, entry in files.items()]


def _speeds(record: ValidationRecord) -> list[tuple[str, ...]]:
    files: dict[str, ModelFile] = {**record.models, ORIGINAL: record.original}
    return [
        (
            name,
            f"{files[name].size_bytes / 1e6:.1f} MB",
            number(found.p50_ms, 1),
            number(found.p90_ms, 1),
            number(found.times_as_fast or None, 2),
            number(found.load_ms, 0),
            number(found.first_ms, 0),
            number(found.memory_peak_mib or None, 0),
            number(found.memory_before_mib or None, 0),
        )
        for name, found in record.speed.items()
    ]


@dataclass(frozen=True)
class _ModelPart:
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


def _model_part(name: str, validation: Validation) -> _ModelPart:
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
        "by_source": by_source_rows(entry.by_source),
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
    return _ModelPart(
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
    first = answers.original.calibrated(entry.confidence.temperature_bundle).probabilities
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
