"""Write an evaluation as Markdown tables."""

from collections.abc import Mapping
from typing import Any

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import printable

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

    Args:
        metrics: An ``evaluate`` result, with or without intervals.
        title: What was evaluated.

    Returns:
        Markdown, from a heading of the second level to the disclaimer.
    """
    intervals = metrics.get("intervals", {})
    classes = list(metrics["recall"])
    parts = [f"## {_cell(title)}", _counted(metrics, intervals)]
    rows = [[label, _figure(metrics, key)] for key, label in _OVERALL.items()]
    parts.append(_table(["metric", "value (95 % interval)" if intervals else "value"], rows))
    rows = []
    for k, name in enumerate(classes):
        counts = [str(sum(metrics["confusion"][k]))]
        if intervals:
            counts.append(str(intervals["groups_by_class"][name]))
        rows.append([_cell(name), *counts, *(_figure(metrics, key, name) for key in _BY_CLASS)])
    heads = ["class", "photographs", *(["groups"] if intervals else []), *_BY_CLASS.values()]
    parts.append(_table(heads, rows))
    rows = [
        [_cell(name), *map(str, row)]
        for name, row in zip(classes, metrics["confusion"], strict=True)
    ]
    parts.append(_table(["true class", *(f"predicted {_cell(name)}" for name in classes)], rows))
    if intervals.get("notes"):
        notes = (f"- {_cell(name)}: {note}" for name, note in intervals["notes"].items())
        parts.append("\n".join(notes))
    parts.append(f"**{DISCLAIMER}**")
    return "\n\n".join(parts) + "\n"


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
    if value is None:
        return "-"
    if interval is None:
        return f"{value:.3f}" + (" (-)" if "intervals" in metrics else "")
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """Keep a folder's name from ending a cell or a line."""
    return printable(text).replace("|", "\\|")
