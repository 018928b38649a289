"""Write an evaluation as one self-contained HTML page, to file and to print."""

import datetime
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.results.embedded import data_url
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import unbroken
from edge_runtime.system.machine import processor
from edge_runtime.version import VERSION
from train.evaluation.as_predicted import HEADS, as_predicted_rows, shown_share
from train.evaluation.by_source_table import about, count_table, figure_table, mean_table, mixing
from train.evaluation.evaluation import Evaluation
from train.evaluation.gate import HEADS as GATE_HEADS
from train.evaluation.gate import gate_rows
from train.evaluation.history import warnings
from train.evaluation.markdown import Table
from train.evaluation.report_table import class_table, confusion_table, counted, overall_table

_TEMPLATES = Path(__file__).parent / "templates"
_MOST_UNBROKEN = 4  # columns with intervals that stand beside each other on a small screen
_ENGINES = {"onnx": ("onnxruntime", "ONNX Runtime"), "tflite": ("ai-edge-litert", "LiteRT")}


def evaluation_page(evaluation: Evaluation, pictures: Mapping[str, bytes]) -> str:
    """Write the page: what a user gets, figures by source and class, plots, what was measured.

    Args:
        evaluation: What was measured.
        pictures: PNG files by name: confusion, roc, reliability, and referral and worst_errors
            where there are such.
    """
    found, classes = evaluation, list(evaluation.recall)
    gated, within = found.as_predicted or None, found.by_source or None
    as_predicted: list[Table] = []
    if gated:
        rows = [list(row) for row in as_predicted_rows(gated)]
        as_predicted = [(list(HEADS), rows), confusion_table(classes, gated.confusion)]
    tables = [overall_table(found), class_table(found), confusion_table(classes, found.confusion)]
    return page_template("evaluation.html.jinja", _TEMPLATES).render(
        name=printable(_name(found)),
        title=printable(found.title),
        now=shown_time(datetime.datetime.now().astimezone()),
        disclaimer=found.disclaimer,
        warnings=warnings(found),
        counts=_counts(found),
        about=_about(found),
        as_predicted=_shown(as_predicted),
        gate=_shown([(list(GATE_HEADS), gate_rows(found.gate))] if found.gate else []),
        reasons=found.gate.reasons if found.gate else {},
        without_gate=", without the quality gate" if gated else "",
        within=_shown(
            [mean_table(within), figure_table(within), count_table(within)] if within else []
        ),
        within_about=about(within) if within else "",
        mixing=mixing(within) if within else "",
        counted=counted(found),
        every=_shown(tables),
        notes={**found.intervals.notes} if found.intervals else {},
        pictures={name: data_url(data, "image/png") for name, data in pictures.items()},
    )


def shown_time(moment: datetime.datetime) -> str:
    """Write a moment with its zone: "2026-11-27 14:05 +01:00"."""
    return moment.strftime("%Y-%m-%d %H:%M ") + moment.isoformat()[-6:]


def _name(found: Evaluation) -> str:
    if found.bundle and found.model:
        return f"{found.bundle.name}, {found.model.name}"
    return found.run or "this run"


def _counts(found: Evaluation) -> list[tuple[str, str]]:
    """List the figures of the page's top; where there is a gate, those behind it come first."""
    accuracy = shown_share(found.figure("accuracy"))
    if not found.as_predicted:
        return [(str(found.photos), "photos"), (accuracy, "right")]
    every = found.as_predicted.every
    return [
        (str(every.photos), "photos"),
        (str(every.no_answer), "get no answer, refused by the quality gate"),
        (shown_share(every.of_answered), "right of those answered"),
        (shown_share(every.of_all), "right of all, where no answer isn't right"),
        (accuracy, "right without the gate"),
    ]


def _about(found: Evaluation) -> list[tuple[str, str]]:
    """List what an auditor asks first: which model, on what, with what, where and how."""
    rows = [("run", printable(found.run))] if found.run else []
    if found.bundle and found.model:
        model = found.model
        rows += [
            ("bundle", f"{found.bundle.name}, identity {found.bundle.identity[:12]}"),
            ("its identity in full", found.bundle.identity),
            ("model", f"{model.name}: {model.format}, {model.precision}"),
            ("its SHA-256", model.sha256),
        ]
    if found.dataset:
        rows.append(("dataset", printable(found.dataset.name)))
        rows.append(("fingerprint of the photos", found.dataset.fingerprint))
    rows += [("split", found.split), ("groups are", found.grouping)]
    versions = [f"fundus-edge {VERSION}", f"NumPy {version('numpy')}"]
    if found.model and found.model.format in _ENGINES:
        package, name = _ENGINES[found.model.format]
        versions.append(f"{name} {version(package)}")
    cpu = processor()
    rows.append(("versions", ", ".join(versions)))
    rows.append(("processor", f"{cpu.model}, {cpu.cores} cores, {cpu.machine}"))
    return rows


def _shown(tables: list[Table]) -> list[tuple[list[str], list[list[str]], str]]:
    """Write tables so that any page can hold them, and say of what kind they are.

    Wide ones with intervals may break within a cell; plain numbers stand below each other.
    """
    found = []
    for heads, rows in tables:
        cells = [[unbroken(printable(cell)) for cell in row] for row in rows]
        wide = len(heads) > _MOST_UNBROKEN and any("(" in cell for row in rows for cell in row)
        found.append(([*map(printable, heads)], cells, "" if wide else "numbers"))
    return found
