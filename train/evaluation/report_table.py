"""Write an evaluation as Markdown tables."""

from collections.abc import Mapping
from typing import Any

from edge_runtime.contract import DISCLAIMER
from train.evaluation.by_source_table import by_source_table, mixing
from train.evaluation.markdown import cell, figure, table

_OVERALL = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy (macro recall)",
    "macro_precision": "macro precision",
    "macro_f1": "macro F1",
    "macro_auroc": "macro AUROC, one versus rest",
    "ece": "ECE, 15 bins",
    "nll": "negative log likelihood",
    "brier": "Brier score, 0 to 2",
}
_BY_CLASS = {"recall": "recall", "precision": "precision", "f1": "F1", "auroc": "AUROC"}


def report_table(metrics: Mapping[str, Any], *, title: str) -> str:
    """Write the figures of an ``evaluate`` result, each with its interval, and what limits them.

    Where there are figures by source, they come first: those over all photos mix the sources, and
    a line above them says so.

    Args:
        metrics: An ``evaluate`` result, with or without intervals and ``by_source``.
        title: What was evaluated.

    Returns:
        Markdown, from a heading of the second level to the disclaimer.
    """
    intervals = metrics.get("intervals", {})
    classes = list(metrics["recall"])
    parts = [f"## {cell(title)}"]
    if found := metrics.get("by_source"):
        parts += [by_source_table(found), "### All sources together", mixing(found)]
    parts.append(_counted(metrics, intervals) + _beside(found))
    rows = [[label, _figure(metrics, key)] for key, label in _OVERALL.items()]
    parts.append(table(["metric", "value (95 % interval)" if intervals else "value"], rows))
    rows = []
    for k, name in enumerate(classes):
        counts = [str(sum(metrics["confusion"][k]))]
        if intervals:
            counts.append(str(intervals["groups_by_class"][name]))
        rows.append([cell(name), *counts, *(_figure(metrics, key, name) for key in _BY_CLASS)])
    heads = ["class", "photographs", *(["groups"] if intervals else []), *_BY_CLASS.values()]
    parts.append(table(heads, rows))
    rows = [
        [cell(name), *map(str, row)]
        for name, row in zip(classes, metrics["confusion"], strict=True)
    ]
    parts.append(table(["true class", *(f"predicted {cell(name)}" for name in classes)], rows))
    if intervals.get("notes"):
        notes = (f"- {cell(name)}: {note}" for name, note in intervals["notes"].items())
        parts.append("\n".join(notes))
    parts.append(f"**{DISCLAIMER}**")
    return "\n\n".join(filter(None, parts)) + "\n"


def _beside(by_source: Mapping[str, Any] | None) -> str:
    """Count the photos that these figures leave out."""
    sources = by_source["sources"].values() if by_source else ()
    counts = [of["by_class"][name] for of in sources for name in of["by_class"] if name[0] == "!"]
    if not counts:
        return ""
    return (
        f" Of {sum(counts)} more only a class that they aren't is known: they count by source "
        "alone."
    )


def _counted(metrics: Mapping[str, Any], intervals: Mapping[str, Any]) -> str:
    sentence = f"{metrics['photos']} photographs"
    if not intervals:
        return sentence + "."
    return (
        f"{sentence} in {intervals['groups']} groups. Intervals: {intervals['confidence']:.0%}, "
        f"{intervals['method']}, {intervals['resamples']} draws, seed {intervals['seed']}."
    )


def _figure(metrics: Mapping[str, Any], key: str, class_name: str | None = None) -> str:
    value, interval = metrics[key], metrics.get("intervals", {}).get(key)
    if class_name is not None:
        value, interval = value[class_name], (interval or {}).get(class_name)
    return figure(value, interval, has_intervals="intervals" in metrics)
