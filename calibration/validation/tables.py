"""Write the figures of a validation as rows of text, for its page."""

from datetime import datetime

from calibration.compare.gates import GATES, bound, said, shown_margin, shown_value
from calibration.compare.map_drift import Drift
from calibration.compare.paired import Paired
from calibration.models.model_under_test import ModelFile
from calibration.validation.plots import MEASURE_TITLES
from calibration.validation.record import ORIGINAL, ModelRecord, ValidationRecord
from edge_runtime.bundle.manifest import FileEntry
from edge_runtime.results.shown import number, signed, unbroken
from train.evaluation.as_predicted import as_predicted_rows
from train.evaluation.page import shown_time

Rows = list[tuple[str, ...]]

#: Of what a gate said: a mark and a word, so that colour isn't needed, and the style.
_MARKS = {
    "holds": ("✓ pass", "good"),
    "MISSED": ("✗ FAIL", "bad"),
    "not judged": ("- not judged", "faint"),
}
_TOLD = {
    "fundus-edge": "fundus-edge",
    "onnxruntime": "ONNX Runtime",
    "ai-edge-litert": "LiteRT",
    "numpy": "NumPy",
}


def about_rows(record: ValidationRecord) -> list[tuple[str, str]]:
    """List what an auditor asks first: what was validated, with what, where and when."""
    bundle, machine, versions = record.bundle, record.machine, record.versions
    return [
        ("bundle", f"{bundle.name}, identity {bundle.identity[:12]}"),
        ("its identity in full", bundle.identity),
        ("compared with", f"{record.original}"),
        ("photos", f"{record.data.photos} of {record.data.split} of {record.data.name}"),
        ("validated", shown_time(datetime.fromisoformat(record.created))),
        (
            "versions",
            ", ".join(f"{_TOLD[key]} {versions[key]}" for key in _TOLD if key in versions),
        ),
        ("processor", f"{machine.cpu}, {machine.cores} cores, {machine.system}"),
    ]


def file_rows(record: ValidationRecord) -> Rows:
    """List every file of the bundle and the original: name, bytes, SHA-256."""
    files: dict[str, FileEntry | ModelFile] = {**record.bundle.files}
    files[f"the original, {record.original.name}"] = record.original
    return [(name, f"{entry.size_bytes:,}", entry.sha256) for name, entry in files.items()]


def speed_rows(record: ValidationRecord) -> Rows:
    """List each model's size, times and memory."""
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


def paired_rows(paired: Paired) -> Rows:
    """List the figures of the original and of the model, and the difference."""
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


def quantile_rows(drift: Drift) -> Rows:
    """List how each measure of drift is distributed over the photos."""
    return [
        (
            MEASURE_TITLES[name],
            *map(number, (row.p05, row.p25, row.median)),
            " to ".join(map(number, row.interval or ())),
            *map(number, (row.p75, row.p95)),
        )
        for name, row in drift.measures.items()
    ]


def median_rows(drifts: list[Drift]) -> Rows:
    """Write the medians of the model and of the controls side by side, if the model has any."""
    return [
        (MEASURE_TITLES[name], *(number(each.measures[name].median) for each in drifts))
        for name in drifts[0].measures
    ]


def verdict_rows(entry: ModelRecord) -> Rows:
    """List what each gate asks, its value, limit and margin, what it said and the style of that."""
    return [
        (
            GATES[gate.name].asks,
            shown_value(gate),
            f"{bound(gate)} {gate.limit:g}".replace(" ", "\u00a0"),
            shown_margin(gate),
            *_MARKS[said(gate)],
        )
        for gate in entry.gates
    ]


def answer_rows(entry: ModelRecord) -> Rows:
    """List what a user gets of the original in all, and of the model."""
    first = as_predicted_rows(entry.as_predicted["original"])[0]
    rows = [("all, of the original", *first[1:]), *as_predicted_rows(entry.as_predicted["model"])]
    return [tuple(map(unbroken, row)) for row in rows]
