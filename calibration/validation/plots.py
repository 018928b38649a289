"""Draw a validation as URLs that hold the pictures: SVG plots, and the worst photos."""

import io
from collections.abc import Mapping, Sequence

import cv2
import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calibration.compare.map_drift import Distances
from calibration.compare.paired import PairedFigure
from calibration.compare.similarity import MEASURES
from calibration.models.model_under_test import Outputs
from edge_runtime.photo.field import Field, circle
from edge_runtime.predict.prediction import Prediction
from edge_runtime.results.embedded import data_url, embedded
from edge_runtime.results.legend import draw_overlay

matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "fundus-edge"

_ORIGINAL, _MODEL, _FAINT = "#5d6675", "#2f6f8f", "#dde1e8"
_BINS = 10
_PICTURE_SIDE = 220  # pixels

MEASURE_TITLES = {
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "ssim": "SSIM",
    "iou": "overlap of the hottest tenth",
    "jensen_shannon": "Jensen-Shannon distance",
    "emd_pixels": "earth mover's distance, pixels",
    "peak_pixels": "distance of the peaks, pixels",
}
CONTROL_TITLES = {
    "nudged": "nudged photo",
    "mirrored": "mirrored photo",
    "mirrored_in_place": "mirrored, in place",
    "other_training": "other training",
    "chance": "other photo",
}


def plot_recall(rows: Mapping[str, PairedFigure]) -> str:
    """Draw each class's recall of both models, and the difference with its interval."""
    names = [name.replace("_", " ") for name in rows]
    places = np.arange(len(rows))
    figure = Figure(figsize=(9, 0.5 * len(rows) + 1.5), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for offset, key, colour in ((-0.18, "original", _ORIGINAL), (0.18, "model", _MODEL)):
        values = [getattr(row, key) for row in rows.values()]
        left.barh(places + offset, values, height=0.32, color=colour, label=key)
    left.set(xlim=(0, 1.02), xlabel="recall")
    left.set_yticks(places, names)
    left.invert_yaxis()
    figure.legend(frameon=False, fontsize=8, loc="outside upper left", ncols=2)
    for place, row in zip(places, rows.values(), strict=True):
        low, high = (100 * value for value in row.interval)
        right.plot([low, high], [place, place], color=_MODEL, linewidth=2)
        right.plot(100 * row.difference, place, "o", color=_MODEL)
    right.axvline(0, color=_ORIGINAL, linewidth=1)
    right.set(xlabel="difference in points, 95 % interval over groups")
    return _svg(figure)


def plot_reliability(
    original: npt.NDArray[np.float64],
    model: npt.NDArray[np.float64],
    labels: npt.NDArray[np.integer],
) -> str:
    """Draw the accuracy against the confidence of both models, and how often each occurs.

    Args:
        original: (N, C), probabilities.
        model: (N, C), the same.
        labels: (N,), the true classes.
    """
    figure = Figure(figsize=(5.2, 4.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    upper.plot([0, 1], [0, 1], color=_FAINT, linewidth=1)
    edges = np.linspace(0, 1, _BINS + 1)
    for name, probabilities, colour in (
        ("original", original, _ORIGINAL),
        ("model", model, _MODEL),
    ):
        confidence = probabilities.max(axis=1)
        right = probabilities.argmax(axis=1) == labels
        number = np.clip(np.digitize(confidence, edges) - 1, 0, _BINS - 1)
        filled = np.unique(number)
        upper.plot(
            [confidence[number == b].mean() for b in filled],
            [right[number == b].mean() for b in filled],
            "o-",
            color=colour,
            label=name,
            markersize=6 if name == "original" else 4,
            linewidth=3 if name == "original" else 1.5,
        )
        lower.hist(confidence, bins=edges, histtype="step", color=colour, linewidth=1.5)
    upper.set(ylabel="share that is right", ylim=(-0.02, 1.02))
    upper.legend(frameon=False, fontsize=8)
    lower.set(xlabel="confidence", ylabel="photos", xlim=(0, 1))
    return _svg(figure)


def plot_probabilities(
    original: npt.NDArray[np.float64], model: npt.NDArray[np.float64], classes: Sequence[str]
) -> str:
    """Draw every probability of the model against the original's."""
    figure = Figure(figsize=(4.6, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=_FAINT, linewidth=1)
    for column, name in enumerate(classes):
        axes.plot(
            original[:, column], model[:, column], ".", markersize=4, alpha=0.6,
            label=name.replace("_", " "),
        )  # fmt: skip
    axes.set(xlabel="probability, original", ylabel="probability, model", aspect="equal")
    axes.legend(frameon=False, fontsize=8)
    return _svg(figure)


def plot_drift(
    model: Distances, controls: Mapping[str, Distances], limits: Mapping[str, float]
) -> str:
    """Draw each drift measure's distribution beside the controls', and limits of the median."""
    series = {"this model": model} | {
        CONTROL_TITLES[name]: controls[name] for name in CONTROL_TITLES if name in controls
    }
    figure = Figure(figsize=(9, 8.4), layout="constrained")
    panels = figure.subplots(3, 3).ravel()
    for axes in panels[len(MEASURES) :]:
        axes.set_axis_off()
    for axes, measure in zip(panels, MEASURES, strict=False):
        _spans(axes, [[getattr(row, measure) for row in rows if row] for rows in series.values()])
        axes.set_yticks(range(1, len(series) + 1), list(series))
        axes.tick_params(labelsize=8)
        axes.set_title(MEASURE_TITLES[measure], fontsize=9)
        if measure in limits:
            axes.axvline(limits[measure], color="#9d1c1c", linewidth=1, linestyle="--")
    return _svg(figure)


def plot_times(times_ms: Mapping[str, list[float]]) -> str:
    """Draw the times of single photos that were taken in turns."""
    figure = Figure(figsize=(9, 0.45 * len(times_ms) + 1), layout="constrained")
    axes = figure.subplots()
    _spans(axes, list(times_ms.values()))
    axes.set_yticks(range(1, len(times_ms) + 1), list(times_ms))
    axes.set(xlabel="milliseconds per photo, inference alone", xlim=(0, None))
    return _svg(figure)


def worst_pictures(
    image: npt.NDArray[np.uint8], index: int, label: int, outputs: Mapping[str, Outputs]
) -> dict[str, str]:
    """Draw a photo as the models saw it, uint8 (height, width, 3), RGB, and each one's heatmap.

    ``index`` is its number among the answers, ``label`` the class that is explained.
    """
    size = _PICTURE_SIDE, max(1, round(_PICTURE_SIDE * image.shape[0] / image.shape[1]))
    pictures = {
        "photo": np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    }
    for name, found in outputs.items():
        drawn = draw_overlay(image, _prediction(image, found, index, label))
        pictures[name] = drawn[: round(drawn.shape[1] * image.shape[0] / image.shape[1])]
    return {
        name: embedded(picture, side=_PICTURE_SIDE, quality=88)
        for name, picture in pictures.items()
    }


def _prediction(
    image: npt.NDArray[np.uint8], outputs: Outputs, index: int, label: int
) -> Prediction:
    """Describe an answer so that the runtime's own overlay can be drawn."""
    height, width = image.shape[:2]
    row = outputs.probabilities[index]
    names = [str(number) for number in range(len(row))]
    return Prediction(
        class_name=str(label),
        confidence=float(row[label]),
        probabilities=dict(zip(names, map(float, row), strict=True)),
        logits=None,
        cam=outputs.cam[index],
        gradients="exact",
        completeness_gap=None,
        field=Field.of_box(0, 0, width, height),
        inside=circle((height, width)),
        photo_size=(height, width),
        times_ms={},
    )


def _spans(axes: Axes, series: list[list[float]]) -> None:
    """Draw a row for each series: 5 to 95 % thin, the middle half thick, the median as a point."""
    for place, values in enumerate(series, start=1):
        if not values:
            continue
        p05, p25, median, p75, p95 = np.percentile(values, [5, 25, 50, 75, 95])
        axes.plot([p05, p95], [place, place], color=_ORIGINAL, linewidth=1)
        axes.plot([p25, p75], [place, place], color=_ORIGINAL, linewidth=5, solid_capstyle="butt")
        axes.plot(median, place, "o", color="white", markersize=6, markeredgecolor=_MODEL)
    axes.set_ylim(len(series) + 0.6, 0.4)
    axes.spines[["top", "right"]].set_visible(False)


def _svg(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return data_url(buffer.getvalue(), "image/svg+xml")
