"""Draw a run: learning curves, confusion matrix, ROC curves and reliability diagram."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edge_runtime.bundle.metrics import Metrics
from edge_runtime.bundle.referral import referral_score
from edge_runtime.bundle.thresholds import Thresholds
from edge_runtime.contract import DISCLAIMER
from edge_runtime.results.shown import titled
from train.evaluation.evaluation import Evaluation
from train.evaluation.markdown import figure as written
from train.metrics.roc import roc_band, weighted_roc

matplotlib.use("agg")

_DPI = 150

_BLUE, _GREY = "#0072B2", "#777777"  # told apart by lightness too, so with any colour vision


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
    _save(figure, target)


def plot_confusion(metrics: Metrics, target: Path, *, title: str) -> None:
    """Draw the confusion matrix as a PNG: true classes are the rows."""
    matrix = np.asarray(metrics.confusion)
    classes = [name.replace("_", "\n") for name in metrics.recall]
    ticks = range(len(classes))
    side = 3.2 + 0.75 * len(classes)
    figure = Figure(figsize=(side, side - 0.3), layout="constrained")
    axes = figure.subplots()
    shares = matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row in ticks:
        for column in ticks:
            text = f"{matrix[row, column]}"
            if matrix[row, column]:
                text += f"\n{shares[row, column]:.0%}"
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, text, ha="center", va="center", color=colour)
    axes.set_xticks(ticks, classes)
    counted = zip(classes, matrix.sum(axis=1), strict=True)
    axes.set_yticks(ticks, [f"{name}\n({photos})" for name, photos in counted])
    axes.set(xlabel="predicted", ylabel="true (photographs)")
    axes.set_title(f"{title}\naccuracy {_figure(metrics, 'accuracy')}", fontsize="medium")
    _save(figure, target)


def plot_roc(
    metrics: Metrics,
    probabilities: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    weights: npt.NDArray[np.float64],
    target: Path,
    *,
    title: str,
) -> None:
    """Draw each class's ROC curve against the rest, with its band over bootstrap draws, as a PNG.

    Args:
        metrics: With or without intervals.
        probabilities: (N, C).
        labels: (N,), indices of the true classes.
        weights: (R, N), how often each draw has each photo; R may be 0 for no band.
        target: The file to write.
        title: What was evaluated.
    """
    figure, panels = _panels(list(metrics.recall))
    once = np.ones((1, len(labels)))
    grid = np.linspace(0, 1, 201)
    for k, (name, axes) in enumerate(panels.items()):
        positive = labels == k
        axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":", linewidth=1)
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        axes.set_title(f"{titled(name)}\nAUROC {_figure(metrics, 'auroc', name)}", fontsize=9)
        if metrics.auroc[name] is None:
            axes.text(0.5, 0.5, "not defined\non these photographs", ha="center", va="center")
            continue
        has_interval = metrics.figure("auroc", name).interval
        if has_interval and (band := roc_band(probabilities[:, k], positive, weights, grid=grid)):
            axes.fill_between(grid, *band, color=_BLUE, alpha=0.2, linewidth=0)
        false_positive, true_positive = weighted_roc(probabilities[:, k], positive, once)
        axes.plot(false_positive[0], true_positive[0], color=_BLUE, linewidth=1.6)
    figure.supxlabel("false positive rate (1 - specificity)", fontsize="medium")
    figure.supylabel("true positive rate (sensitivity)", fontsize="medium")
    shade = ", shaded: pointwise 95 % over groups" if len(weights) else ""
    figure.suptitle(f"{title}\neach class against the rest{shade}", fontsize="medium")
    _save(figure, target)


def plot_referral(
    probabilities: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    classes: Sequence[str],
    thresholds: Thresholds,
    target: Path,
    *,
    title: str,
) -> None:
    """Draw how each disease is referred, against eyes that need no referral, as a PNG.

    A dot marks the disease's own threshold, a ring the lowest one, which decides.

    Args:
        probabilities: (N, C).
        labels: (N,), indices of the true classes.
        classes: The C class names.
        thresholds: The model's.
        target: The file to write.
        title: What was evaluated.
    """
    score = referral_score(probabilities, classes, no_referral=thresholds.no_referral)
    healthy = np.array([name in thresholds.no_referral for name in classes])[labels]
    lowest = thresholds.classes[thresholds.lowest].threshold
    figure, panels = _panels([name for name in classes if name in thresholds.classes])
    for name, axes in panels.items():
        own = thresholds.classes[name].threshold
        ill = labels == list(classes).index(name)
        axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":", linewidth=1)
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        axes.set_title(f"{titled(name)}\nthreshold {own:.3f}, deciding {lowest:.3f}", fontsize=9)
        if not (ill.any() and healthy.any()):
            axes.text(0.5, 0.5, "not defined\non these photographs", ha="center", va="center")
            continue
        chosen = ill | healthy
        curve = weighted_roc(score[chosen], ill[chosen], np.ones((1, int(chosen.sum()))))
        axes.plot(curve[0][0], curve[1][0], color=_BLUE, linewidth=1.6)
        for limit, size, fill in ((lowest, 11, "none"), (own, 6, _BLUE)):
            place = (score[healthy] >= limit).mean(), (score[ill] >= limit).mean()
            axes.plot(
                *place, "o", markersize=size, markerfacecolor=fill, markeredgecolor="black",
                clip_on=False,
            )  # fmt: skip
    figure.supxlabel("referred of those that need none (1 - specificity)", fontsize="medium")
    figure.supylabel("referred of the disease (sensitivity)", fontsize="medium")
    figure.suptitle(
        f"{title}\nreferral; dot: the disease's own threshold, ring: the lowest, which decides",
        fontsize="medium",
    )
    _save(figure, target)


def plot_reliability(evaluation: Evaluation, target: Path, *, title: str) -> None:
    """Draw accuracy against confidence, and how many photos each bin has, as a PNG."""
    bins = evaluation.reliability
    figure = Figure(figsize=(5.2, 6.2), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3.4, 1))
    upper.plot([0, 1], [0, 1], color=_GREY, linestyle=":", label="perfectly calibrated")
    filled = [bin_ for bin_ in bins if bin_.photos]
    lows, width = [bin_.low for bin_ in filled], 1 / len(bins)
    centres, shares = [bin_.confidence for bin_ in filled], [bin_.accuracy for bin_ in filled]
    upper.bar(
        lows, shares, width, align="edge", color=_BLUE, alpha=0.25, edgecolor=_BLUE, linewidth=0.8
    )
    upper.plot(
        centres, shares, "o", color=_BLUE, markersize=5, clip_on=False,
        label="accuracy, at the bin's mean confidence",
    )  # fmt: skip
    known = [(bin_.confidence, *bin_.interval) for bin_ in filled if bin_.interval]
    if known:
        upper.vlines(*zip(*known, strict=True), color=_BLUE, linewidth=1.2, label="95 %")
    upper.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="accuracy")
    upper.set_title(
        f"{title}\nECE {_figure(evaluation, 'ece')}, {len(bins)} bins", fontsize="medium"
    )
    counts = [bin_.photos for bin_ in filled]
    lower.bar_label(
        lower.bar(lows, counts, width, align="edge", color="0.75", edgecolor=_GREY), fontsize=7
    )
    lower.margins(y=0.2)
    lower.set(xlabel="confidence of the predicted class", ylabel="photographs")
    figure.legend(loc="outside upper center", ncols=3, fontsize=7, frameon=False)
    _save(figure, target)


def _panels(classes: Sequence[str]) -> tuple[Figure, dict[str, Axes]]:
    columns = math.ceil(math.sqrt(len(classes)))
    rows = math.ceil(len(classes) / columns)
    figure = Figure(figsize=(2.9 * columns + 0.5, 3.1 * rows + 0.9), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for axes in grid[len(classes) :]:
        axes.set_visible(False)
    for axes in grid[len(classes) - columns : len(classes)]:
        axes.tick_params(labelbottom=True)
    return figure, dict(zip(classes, grid, strict=False))


def _figure(metrics: Metrics, name: str, class_name: str | None = None) -> str:
    return written(metrics.figure(name, class_name), has_intervals=False)


def _save(figure: Figure, target: Path) -> None:
    """Write the figure with the disclaimer below it."""
    figure.text(0.5, -0.005, DISCLAIMER, ha="center", va="top", fontsize=7, color="0.35")
    figure.savefig(target, dpi=_DPI, bbox_inches="tight", pad_inches=0.12)
