"""Draw a run: learning curves and a confusion matrix."""

import csv
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

matplotlib.use("agg")


def plot_history(history: Path, target: Path) -> None:
    """Draw loss and accuracy over the epochs of both phases, from ``history.csv``, as a PNG."""
    with history.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    epochs = range(1, len(rows) + 1)
    fine_starts = sum(row["phase"] == "head" for row in rows) + 0.5
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, quantity in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        axes.plot(epochs, [float(row[quantity]) for row in rows], label="training")
        axes.plot(epochs, [float(row[f"val_{quantity}"]) for row in rows], label="validation")
        if fine_starts < len(rows):
            axes.axvline(fine_starts, color="0.6", linestyle=":", label="last stage unfrozen")
        axes.set(xlabel="epoch", title=quantity)
        axes.legend()
    figure.savefig(target, dpi=130)


def plot_confusion(metrics: dict[str, Any], target: Path, *, title: str) -> None:
    """Draw the confusion matrix of an ``evaluate`` result as a PNG: true classes are the rows."""
    classes = [name.replace("_", "\n") for name in metrics["recall"]]
    matrix = metrics["confusion"]
    ticks = range(len(classes))
    side = 3 + 0.7 * len(classes)
    figure = Figure(figsize=(side, side - 0.6), layout="constrained")
    axes = figure.subplots()
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row in ticks:
        for column in ticks:
            colour = "white" if shares[row][column] > 0.5 else "black"
            axes.text(column, row, matrix[row][column], ha="center", va="center", color=colour)
    axes.set_xticks(ticks, classes)
    axes.set_yticks(ticks, classes)
    axes.set(
        xlabel="predicted", ylabel="true", title=f"{title}: accuracy {metrics['accuracy']:.3f}"
    )
    figure.savefig(target, dpi=130)
