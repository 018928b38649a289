"""Write an evaluation as Markdown tables."""

from edge_runtime.bundle.metrics import BySource, Metrics
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


def report_table(metrics: Metrics, *, title: str) -> str:
    """Write figures, each with its interval, and what limits them.

    Where there are figures by source, they come first: those over all photos mix the sources, and
    a line above them says so.

    Args:
        metrics: With or without intervals and figures by source.
        title: What was evaluated.

    Returns:
        Markdown, from a heading of the second level to the disclaimer.
    """
    intervals = metrics.intervals or None
    classes = list(metrics.recall)
    parts = [f"## {cell(title)}"]
    if metrics.by_source:
        within = metrics.by_source
        parts += [by_source_table(within), "### All sources together", mixing(within)]
    parts.append(_counted(metrics) + _beside(metrics.by_source or None))
    rows = [[label, _figure(metrics, key)] for key, label in _OVERALL.items()]
    parts.append(table(["metric", "value (95 % interval)" if intervals else "value"], rows))
    rows = []
    for name, counts in zip(classes, metrics.confusion, strict=True):
        groups = [str(intervals.groups_by_class[name])] if intervals else []
        figures = [_figure(metrics, key, name) for key in _BY_CLASS]
        rows.append([cell(name), str(sum(counts)), *groups, *figures])
    heads = ["class", "photographs", *(["groups"] if intervals else []), *_BY_CLASS.values()]
    parts.append(table(heads, rows))
    rows = [
        [cell(name), *map(str, row)] for name, row in zip(classes, metrics.confusion, strict=True)
    ]
    parts.append(table(["true class", *(f"predicted {cell(name)}" for name in classes)], rows))
    if intervals and intervals.notes:
        parts.append("\n".join(f"- {cell(name)}: {note}" for name, note in intervals.notes.items()))
    parts.append(f"**{DISCLAIMER}**")
    return "\n\n".join(filter(None, parts)) + "\n"


def _beside(within: BySource | None) -> str:
    """Count the photos that these figures leave out."""
    sources = within.sources.values() if within else ()
    counts = [of.by_class[name] for of in sources for name in of.by_class if name[0] == "!"]
    if not counts:
        return ""
    return (
        f" Of {sum(counts)} more only a class that they aren't is known: they count by source "
        "alone."
    )


def _counted(metrics: Metrics) -> str:
    sentence = f"{metrics.photos} photographs"
    drawn = metrics.intervals
    if not drawn:
        return sentence + "."
    return (
        f"{sentence} in {drawn.groups} groups. Intervals: {drawn.confidence:.0%}, "
        f"{drawn.method}, {drawn.resamples} draws, seed {drawn.seed}."
    )


def _figure(metrics: Metrics, key: str, class_name: str | None = None) -> str:
    return figure(metrics.figure(key, class_name), has_intervals=bool(metrics.intervals))
