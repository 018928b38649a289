"""Gather what the page of a validation shows of one model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calibration.compare.gates import SENTENCES, said, shown_value
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
from calibration.validation.validate import Validation
from edge_runtime.results.embedded import data_url
from edge_runtime.results.shown import number, signed

_STYLES = {"holds": "good", "MISSED": "bad", "not judged": "faint"}
_WORST_WEIGHTS = 5

Rows = list[tuple[str, ...]]
Worst = list[tuple[Mapping[str, Any], Mapping[str, str]]]


@dataclass(frozen=True)
class Gate:
    """One gate as a row: what it asks, and what it ``said`` in a ``style`` of the stylesheet."""

    sentence: str
    value: str
    limit: str
    said: str
    style: str


@dataclass(frozen=True)
class ModelPart:
    """One model's figures as tables of text, and its pictures as URLs.

    ``entry`` is the model's in ``validation.json``, for the sentences. ``plots`` are by name;
    ``worst`` has a row of the entry and three pictures, by what they show, for each photo.
    """

    name: str
    entry: Mapping[str, Any]
    verdict: str
    gates: list[Gate]
    by_source: list[list[str]]
    paired: Rows
    quantiles: Rows
    controls: list[str]
    medians: Rows
    measures: list[str]
    by_class: Rows
    has_head: bool
    weights: Rows
    plots: Mapping[str, str]
    worst: Worst


def model_part(name: str, validation: Validation) -> ModelPart:
    """Write one model's figures, and draw its plots and worst photos."""
    record = validation.record
    entry = record["models"][name]
    explanation, controls, tensors = entry["explanation"], record["controls"], entry["weights"]
    shown = [key for key in CONTROL_TITLES if key in controls and controls[key]["measures"]]
    measured = bool(explanation["measures"])
    return ModelPart(
        name=name,
        entry=entry,
        verdict=_verdict(entry),
        gates=[_gate(gate) for gate in entry["gates"]],
        by_source=by_source_rows(entry),
        paired=_paired(entry),
        quantiles=_quantiles(explanation) if measured else [],
        controls=[CONTROL_TITLES[key] for key in shown],
        medians=_medians([explanation, *(controls[key] for key in shown)]) if measured else [],
        measures=list(MEASURE_TITLES.values()),
        by_class=_by_class(explanation),
        has_head=any(row["name"].startswith(HEAD) for row in tensors["tensors"]),
        weights=[
            (row["name"], number(row["sqnr_db"], 1)) for row in tensors["tensors"][:_WORST_WEIGHTS]
        ],
        plots=_plots(name, validation),
        worst=_worst(name, validation),
    )


def _verdict(entry: Mapping[str, Any]) -> str:
    missed = sum(not gate["holds"] for gate in entry["gates"])
    unjudged = sum(not gate["judged"] for gate in entry["gates"])
    count = len(entry["gates"])
    verdict = (
        "PASS, all gates hold" if not missed else f"FAIL, {missed} of {count} gates are missed"
    )
    return verdict + (f"; {unjudged} of {count} couldn't be judged" if unjudged else "")


def _gate(gate: Mapping[str, Any]) -> Gate:
    side = "least" if gate["name"].endswith("_min") else "most"
    return Gate(
        SENTENCES[gate["name"]],
        shown_value(gate),
        f"at {side} {gate['limit']:g}",
        said(gate),
        _STYLES[said(gate)],
    )


def _paired(entry: Mapping[str, Any]) -> Rows:
    paired = entry["paired"]
    figures = [(title, paired[key]) for key, title in (
        ("accuracy", "accuracy"), ("balanced_accuracy", "balanced accuracy"),
        ("macro_auroc", "macro AUROC"), ("ece", "expected calibration error"),
    )]  # fmt: skip
    for key, title in (("recall", "recall"), ("auroc", "AUROC")):
        figures += [(f"{title}, {label}", row) for label, row in paired[key].items()]
    return [
        (
            title,
            number(row["original"]),
            number(row["model"]),
            signed(row["difference"]),
            " to ".join(map(signed, row["interval"])),
        )
        for title, row in figures
    ]


def _quantiles(explanation: Mapping[str, Any]) -> Rows:
    found = {key: explanation["measures"][key] for key in MEASURE_TITLES}
    return [
        (
            MEASURE_TITLES[key],
            *(number(row[name]) for name in ("p05", "p25", "median")),
            " to ".join(map(number, row["interval"])),
            *(number(row[name]) for name in ("p75", "p95")),
        )
        for key, row in found.items()
    ]


def _medians(explanations: list[Mapping[str, Any]]) -> Rows:
    """Write the medians of the model and of the controls side by side."""
    return [
        (title, *(number(each["measures"][key]["median"]) for each in explanations))
        for key, title in MEASURE_TITLES.items()
    ]


def _by_class(explanation: Mapping[str, Any]) -> Rows:
    return [
        (
            name,
            str(part["photos"]),
            *(number(part["measures"][key]["median"]) for key in MEASURE_TITLES),
        )
        for name, part in explanation["by_class"].items()
        if part["measures"]
    ]


def _plots(name: str, validation: Validation) -> dict[str, str]:
    record = validation.record
    entry, labels = record["models"][name], validation.data.labels
    first = validation.original.at_temperature(entry["confidence"]["temperature_bundle"])
    second = validation.outputs[name].probabilities
    limits = {
        "pearson": record["gates"]["drift_correlation_min"],
        "iou": record["gates"]["drift_iou_min"],
    }
    drawn = {
        "recall": plot_recall(entry["paired"]),
        "reliability": plot_reliability(first, second, labels),
        "probabilities": plot_probabilities(first, second, record["classes"]),
        "drift": plot_drift(validation.drifts[name], validation.controls, limits),
    }
    return {key: data_url(svg.encode(), "image/svg+xml") for key, svg in drawn.items()}


def _worst(name: str, validation: Validation) -> Worst:
    images = validation.data.images(validation.input_size)
    outputs = (validation.original, validation.outputs[name])
    found: Worst = []
    for row in validation.record["models"][name]["worst"]:
        label = validation.record["classes"].index(row["explained"])
        drawn = worst_pictures(images[row["index"]], row["index"], label, outputs)
        urls = [data_url(picture, "image/jpeg") for picture in drawn]
        found.append((row, dict(zip(("photo", "original", "model"), urls, strict=True))))
    return found
