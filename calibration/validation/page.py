"""Write a validation as one self-contained HTML page, to file and to print."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calibration.compare.by_source import by_source_rows
from calibration.compare.map_drift import WorstPhoto
from calibration.compare.weight_sqnr import MOST_DB
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
from calibration.validation.record import (
    GATES_JUDGE_ALL,
    ModelRecord,
    cautions,
)
from calibration.validation.tables import (
    Rows,
    about_rows,
    answer_rows,
    file_rows,
    median_rows,
    paired_rows,
    quantile_rows,
    speed_rows,
    verdict_rows,
)
from calibration.validation.validate import Validation
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import number
from train.evaluation.as_predicted import HEADS as AS_PREDICTED_HEADS
from train.evaluation.as_predicted import as_predicted_line
from train.evaluation.gate import HEADS as GATE_HEADS
from train.evaluation.gate import gate_rows
from train.evaluation.markdown import Table
from train.evaluation.report_table import confusion_table

_TEMPLATES = Path(__file__).parent / "templates"
_WORST_WEIGHTS = 5


def validation_page(validation: Validation) -> str:
    """Write the page: verdict, figures, plots, data, versions, hashes.

    Every figure on it stands in ``validation.json`` too.
    """
    record = validation.record
    return page_template("validation.html.jinja", _TEMPLATES).render(
        record=record,
        cautions=cautions(record),
        parts=[_model_part(name, validation) for name in record.models],
        about=about_rows(record),
        gate_heads=GATE_HEADS,
        gate_rows=gate_rows(record.gate),
        as_predicted_heads=AS_PREDICTED_HEADS,
        gates_judge_all=GATES_JUDGE_ALL,
        by_source=any(entry.by_source for entry in record.models.values()),
        measures=list(MEASURE_TITLES.values()),
        most_db=MOST_DB,
        speeds=speed_rows(record),
        settings=vars(record.settings),
        times=plot_times(validation.times_ms),
        files=file_rows(record),
    )


@dataclass(frozen=True)
class _ModelPart:
    """One model's figures as tables of text by name, and its pictures as URLs.

    ``entry`` is the model's in ``validation.json``, for the sentences. A gate's row ends with what
    it said, with a mark, and the style of that. ``controls`` name the columns of the medians;
    ``confusion`` has heads and rows by title; ``worst`` has three
    pictures, by what they show, for each photo.
    """

    name: str
    entry: ModelRecord
    verdict: str
    tables: Mapping[str, Rows]
    controls: list[str]
    has_head: bool
    as_predicted: str
    confusion: Mapping[str, Table]
    plots: Mapping[str, str]
    worst: list[tuple[WorstPhoto, Mapping[str, str]]]


def _model_part(name: str, validation: Validation) -> _ModelPart:
    """Write one model's figures, and draw its plots and worst photos."""
    entry, controls = validation.record.models[name], validation.record.controls
    drift, tensors = entry.explanation, entry.weights.tensors
    shown = [key for key in CONTROL_TITLES if key in controls and controls[key].measures]
    tables: dict[str, Rows] = {
        "gates": verdict_rows(entry),
        "as_predicted": answer_rows(entry),
        "by_source": by_source_rows(entry.by_source),
        "paired": paired_rows(entry.paired),
        "quantiles": quantile_rows(drift),
        "medians": median_rows([drift, *(controls[key] for key in shown)]),
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
        as_predicted=as_predicted_line(entry.as_predicted["model"]),
        confusion={
            title: confusion_table(validation.record.classes, matrix)
            for title, matrix in (
                ("The original, all photos", entry.confusion["original"]),
                ("This model, all photos", entry.confusion["model"]),
                ("This model, as predict answers", entry.as_predicted["model"].confusion),
            )
        },
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
