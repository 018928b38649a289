"""Write the figures by source as Markdown tables."""

from edge_runtime.bundle.metrics import BySource
from train.evaluation.markdown import Table, cell, figure, table


def mixing(by_source: BySource) -> str:
    """Say of figures over all photos that they mix sources; empty where there is but one."""
    count = len(by_source.sources)
    if count < 2:
        return ""
    return (
        f"These figures mix the cameras of {count} sources. A model that tells the cameras apart "
        "looks good in them whatever it sees of the eyes: go by the figures by source."
    )


def by_source_table(by_source: BySource) -> str:
    """Write a result of ``by_source``: what there is of each source, and what was told.

    Returns:
        Markdown below a heading of the third level, without an end of line.
    """
    parts = ["### By source", about(by_source), table(*count_table(by_source))]
    told, means = figure_table(by_source), mean_table(by_source)
    parts.append(table(*told) if told[1] else "No source holds a photograph of a disease.")
    if means[1]:
        parts.append(table(*means))
    if by_source.notes:
        notes = (f"- {cell(name)}: {note}" for name, note in by_source.notes.items())
        parts.append("\n".join(notes))
    return "\n\n".join(parts)


def shown_source(name: str) -> str:
    """Name a source for a person: photos that have none are of the source ""."""
    return name or "(no source)"


def about(by_source: BySource) -> str:
    """Say what each disease is told from, and how the intervals are drawn."""
    healthy = by_source.healthy
    told = (
        f"Each disease is told from eyes of the same source that are '{healthy}'; where a source "
        "has none, from those that are known not to have it, which may have another disease."
        if healthy
        else "No class is that of healthy eyes, so each class is told from the rest of its source."
    )
    return (
        f"{told} Intervals: {by_source.confidence:.0%}, {by_source.method}, "
        f"{by_source.resamples} draws, seed {by_source.seed}."
    )


def count_table(by_source: BySource) -> Table:
    """List how many photos of what each source has."""
    sources = by_source.sources
    names = sorted({name for found in sources.values() for name in found.by_class})
    names.sort(key=lambda name: name.startswith("!"))
    healthy = by_source.healthy
    rows = []
    for source, found in sources.items():
        counts = [str(found.by_class.get(name, 0)) for name in names]
        row = [shown_source(source), str(found.photos), str(found.groups), *counts]
        rows.append([*row, *([figure(found.healthy_named_healthy)] if healthy else [])])
    heads = ["source", "photographs", "groups", *names]
    return [*heads, *([f"{healthy} named so"] if healthy else [])], rows


def figure_table(by_source: BySource) -> Table:
    """List how each disease is told within each source; no rows where there is none."""
    rows, at_threshold = [], False
    for source, of_source in by_source.sources.items():
        for name, found in of_source.diseases.items():
            row = [
                shown_source(source),
                name,
                f"{found.photos} / {found.photos_against}",
                found.against,
                *map(figure, (found.auroc, found.sensitivity, found.specificity)),
            ]
            if limits := found.at_threshold:
                at_threshold = True
                row += [
                    f"{limits.threshold:.3f}",
                    figure(limits.sensitivity),
                    figure(limits.specificity),
                ]
            rows.append(row)
    heads = ["source", "disease", "photographs / others", "told from", "AUROC", "sensitivity",
             "specificity"]  # fmt: skip
    if at_threshold:
        heads += ["referral threshold", "sensitivity there", "specificity there"]
    return heads, [row + ["-"] * (len(heads) - len(row)) for row in rows]


def mean_table(by_source: BySource) -> Table:
    """List each disease's mean AUROC over the sources that have one."""
    return ["disease", "mean AUROC within sources", "sources"], [
        [name, figure(found), str(found.sources)]
        for name, found in by_source.mean_within_sources.items()
    ]
