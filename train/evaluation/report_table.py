"""Write an evaluation as Markdown tables."""

from collections.abc import Sequence

from edge_runtime.bundle.metrics import BySource, Metrics
from edge_runtime.contract import DISCLAIMER
from train.evaluation.by_source_table import by_source_table, mixing
from train.evaluation.markdown import Table, cell, figure, table

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
    parts.append(counted(metrics) + _beside(metrics.by_source or None))
    parts += [
        table(*each)
        for each in (
            overall_table(metrics),
            class_table(metrics),
            confusion_table(classes, metrics.confusion),
        )
    ]
    if intervals and intervals.notes:
        parts.append("\n".join(f"- {cell(name)}: {note}" for name, note in intervals.notes.items()))
    parts.append(f"**{DISCLAIMER}**")
    return "\n\n".join(filter(None, parts)) + "\n"


def overall_table(metrics: Metrics) -> Table:
    """List the figures over all classes."""
    heads = ["metric", "value (95 % interval)" if metrics.intervals else "value"]
    return heads, [[label, _figure(metrics, key)] for key, label in _OVERALL.items()]


def class_table(metrics: Metrics) -> Table:
    """List the figures of each class."""
    intervals, rows = metrics.intervals or None, []
    for name, counts in zip(metrics.recall, metrics.confusion, strict=True):
        groups = [str(intervals.groups_by_class[name])] if intervals else []
        figures = [_figure(metrics, key, name) for key in _BY_CLASS]
        rows.append([name, str(sum(counts)), *groups, *figures])
    groups = ["groups"] if intervals else []
    return ["class", "photographs", *groups, *_BY_CLASS.values()], rows


def confusion_table(classes: Sequence[str], confusion: Sequence[Sequence[int]]) -> Table:
    """List how often each true class got which answer; a last column more is of no answer."""
    answers = [f"predicted {name}" for name in classes] + ["no answer"]
    width = len(confusion[0])
    return ["true class", *answers[:width]], [
        [name, *map(str, row)] for name, row in zip(classes, confusion, strict=True)
    ]


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


def counted(metrics: Metrics) -> str:
    """Count the photos and their groups, and say how the intervals are drawn."""
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
