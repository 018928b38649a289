"""Evaluate a model on the photos of one split and write down all of it."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import numpy.typing as npt

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import printable
from train.contact_sheet import Tile, draw_contact_sheet, worst_errors
from train.evaluate import evaluate
from train.flips import predict
from train.heatmaps import class_maps
from train.intervals import figure_interval, resampled_weights
from train.new_folder import check_absent, new_folder
from train.plots import plot_confusion, plot_reliability, plot_roc
from train.reliability import bin_accuracies, confidence_bins, reliability_bins
from train.report_table import report_table

#: How many errors the contact sheet shows at most.
WORST = 12

_PLOT_DRAWS = 500  # of the bands in the plots, which are read by eye


def evaluate_split(
    model: keras.Model,
    images: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.integer],
    classes: tuple[str, ...],
    *,
    photos: Sequence[str],
    name: str,
    out: Path | None = None,
    flips: bool = False,
    resamples: int = 2000,
    seed: int = 0,
    caution: str = "",
    origin: Mapping[str, Any] | None = None,
    on_step: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Predict photos, measure the predictions, and write a folder with everything about them.

    The folder gets ``metrics.json``, ``metrics.md``, ``predictions.csv``, ``roc.png``,
    ``confusion.png``, ``reliability.png`` and, if there is any error, ``worst_errors.png``.

    Args:
        model: As ``train.model.build_model`` makes it.
        images: uint8 (N, height, width, 3), RGB, prepared; N at least 1.
        labels: (N,), indices into ``classes``.
        groups: (N,), the group of each photo, any integers.
        classes: The C class names in the model's order.
        photos: N names that a person finds the photos by.
        name: What is evaluated: the split.
        out: The folder to make; None to write nothing.
        flips: Whether to predict by the mean over ``train.flips.FLIPS``.
        resamples: Bootstrap draws of the groups.
        seed: Seed of the draws.
        caution: What a reader of any table or plot must know; it stands in their titles.
        origin: More to write into ``metrics.json``: where model and photos come from.
        on_step: Called after each of ``train.flips.steps`` steps of the prediction.

    Returns:
        The content of ``metrics.json``: an ``evaluate`` result with intervals, and ``title``,
        ``split``, ``test_time_flips``, ``reliability`` (bins with intervals), ``worst_errors``,
        ``disclaimer`` and what ``origin`` says.

    Raises:
        OutputExistsError: Something stands at ``out``.
        OutputFailedError: It can't be written there.
    """
    if out is not None:
        check_absent(out)
    probabilities = predict(model, images, flips=flips, on_step=on_step)
    metrics = evaluate(
        probabilities, labels, classes, groups=groups, resamples=resamples, seed=seed
    )
    weights = np.concatenate(
        list(resampled_weights(groups, resamples=min(resamples, _PLOT_DRAWS), seed=seed))
    )
    reliability = _reliability(probabilities, labels, groups, weights)
    worst = worst_errors(probabilities, labels, most=WORST)
    errors = [
        {
            "photo": photos[i],
            "true": classes[labels[i]],
            "predicted": classes[probabilities[i].argmax()],
            "confidence": float(probabilities[i].max()),
        }
        for i in worst
    ]
    title = f"{name}, mean over flips" if flips else name
    title += f" ({caution})" if caution else ""
    result = {
        "title": title,
        **(origin or {}),
        "split": name,
        "test_time_flips": flips,
        **metrics,
        "reliability": reliability,
        "worst_errors": errors,
        "disclaimer": DISCLAIMER,
    }
    if out is None:
        return result
    tiles = _tiles(model, images, probabilities, worst, errors, flips=flips)

    def fill(folder: Path) -> None:
        plot_confusion(metrics, folder / "confusion.png", title=title)
        plot_roc(metrics, probabilities, labels, weights, folder / "roc.png", title=title)
        plot_reliability(metrics, reliability, folder / "reliability.png", title=title)
        if tiles:
            wrong = int((probabilities.argmax(axis=1) != labels).sum())
            heading = f"{title}: the {len(tiles)} surest of {wrong} errors"
            _write_png(folder / "worst_errors.png", draw_contact_sheet(tiles, title=heading))
        _write_predictions(
            folder / "predictions.csv", photos, labels, groups, probabilities, classes
        )
        (folder / "metrics.md").write_text(report_table(metrics, title=title), "utf-8")
        (folder / "metrics.json").write_text(json.dumps(result, indent=2) + "\n", "utf-8")

    with new_folder(out) as folder:
        fill(folder)
    return result


def _tiles(
    model: keras.Model,
    images: npt.NDArray[np.uint8],
    probabilities: npt.NDArray[np.float32],
    worst: npt.NDArray[np.intp],
    errors: Sequence[Mapping[str, Any]],
    *,
    flips: bool,
) -> list[Tile]:
    if not len(worst):
        return []
    cams = class_maps(model, images[worst], probabilities[worst].argmax(axis=1), flips=flips)
    return [
        Tile(printable(error["photo"]), error["true"], error["predicted"], error["confidence"],
             images[i], cam)
        for i, error, cam in zip(worst, errors, cams, strict=True)
    ]  # fmt: skip


def _reliability(
    probabilities: npt.NDArray[np.float32],
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.integer],
    weights: npt.NDArray[np.float64],
) -> list[dict[str, Any]]:
    """List the bins of the reliability diagram, each with the interval of its accuracy."""
    found, places = reliability_bins(probabilities, labels), confidence_bins(probabilities)
    draws = bin_accuracies(probabilities, labels, weights)
    listed = []
    for place, bin_ in enumerate(found):
        count = len(np.unique(groups[places == place]))
        interval, _ = figure_interval(draws[:, place], groups=count, trials=count)
        listed.append({**asdict(bin_), "groups": count, "interval": interval})
    return listed


def _write_predictions(
    path: Path,
    photos: Sequence[str],
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.integer],
    probabilities: npt.NDArray[np.float32],
    classes: tuple[str, ...],
) -> None:
    with path.open("x", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file)
        columns = [f"p_{name}" for name in classes]
        writer.writerow(["photo", "group", "true", "predicted", *columns, "disclaimer"])
        for photo, label, group, row in zip(photos, labels, groups, probabilities, strict=True):
            predicted = classes[row.argmax()]
            values = map(float, row)
            writer.writerow([photo, group, classes[label], predicted, *values, DISCLAIMER])


def _write_png(path: Path, picture: npt.NDArray[np.uint8]) -> None:
    _, data = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))
    path.write_bytes(data.tobytes())
