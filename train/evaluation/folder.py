"""Write the folder of an evaluation: figures, predictions, plots and the worst errors."""

import csv
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import printable
from edge_runtime.system.codec import plain
from edge_runtime.system.folders import new_folder
from train.evaluation.answered import Answered
from train.evaluation.contact_sheet import Tile, draw_contact_sheet
from train.evaluation.evaluation import Evaluation, PhotoError
from train.evaluation.page import evaluation_page
from train.evaluation.plots import plot_confusion, plot_referral, plot_reliability, plot_roc
from train.evaluation.report import report

PAGE = "evaluation.html"


def write_evaluation(
    out: Path,
    evaluation: Evaluation,
    answered: Answered,
    *,
    weights: npt.NDArray[np.float64],
    worst: npt.NDArray[np.intp],
) -> None:
    """Write ``evaluation.html``, and what it is made of.

    That is ``metrics.json``, ``metrics.md``, ``predictions.csv`` and the plots of the photos whose
    class is known: ``roc.png``, ``confusion.png``, ``reliability.png``, ``referral.png`` if there
    are thresholds, and ``worst_errors.png`` if there is any error.

    Args:
        out: The folder to make.
        evaluation: What was measured.
        answered: The photos and what a model said of them.
        weights: (R, n), bootstrap draws of the n photos whose class is known.
        worst: Indices of the errors to show, the worst first.

    Raises:
        OutputExistsError: Something stands at ``out``.
        OutputFailedError: It can't be written there.
    """
    known = answered.photos.truth.known
    probabilities, labels = answered.probabilities[known], answered.photos.truth.labels[known]
    title, tiles = evaluation.title, _tiles(answered, worst, evaluation.worst_errors)
    sources = len(evaluation.by_source.sources) if evaluation.by_source else 0
    drawn = f"{title}\nmixes the cameras of {sources} sources" if sources > 1 else title
    with new_folder(out) as folder:
        plot_confusion(evaluation, folder / "confusion.png", title=drawn)
        plot_roc(evaluation, probabilities, labels, weights, folder / "roc.png", title=drawn)
        plot_reliability(evaluation, folder / "reliability.png", title=drawn)
        if answered.thresholds:
            plot_referral(
                probabilities, labels, answered.classes, answered.thresholds,
                folder / "referral.png", title=drawn,
            )  # fmt: skip
        if tiles:
            wrong = int((probabilities.argmax(axis=1) != labels).sum())
            heading = f"{title}: the {len(tiles)} surest of {wrong} errors"
            _write_png(folder / "worst_errors.png", draw_contact_sheet(tiles, title=heading))
        _write_predictions(folder / "predictions.csv", answered)
        (folder / "metrics.md").write_text(report(evaluation), "utf-8")
        pictures = {path.stem: path.read_bytes() for path in folder.glob("*.png")}
        (folder / PAGE).write_text(evaluation_page(evaluation, pictures), "utf-8")
        (folder / "metrics.json").write_text(to_json(evaluation), "utf-8")


def to_json(evaluation: Evaluation) -> str:
    """Write an evaluation as indented JSON, ending in a newline."""
    return json.dumps(plain(evaluation), indent=2, allow_nan=False) + "\n"


def _tiles(
    answered: Answered, worst: npt.NDArray[np.intp], errors: tuple[PhotoError, ...]
) -> list[Tile]:
    if not errors:
        return []
    return [
        Tile(
            printable(error.photo),
            error.true,
            error.predicted,
            error.confidence,
            answered.photos.images[index],
            cam,
        )
        for index, error, cam in zip(worst, errors, answered.maps(worst), strict=True)
    ]


def _write_predictions(path: Path, answered: Answered) -> None:
    """Write a row for each photo; source, camera and fault have columns where any is known."""
    truth, classes = answered.photos.truth, answered.classes
    columns: dict[str, Any] = {"photo": answered.photos.names, "group": answered.photos.groups}
    columns |= {"source": truth.sources} if any(truth.sources) else {}
    columns |= {"camera": truth.cameras} if any(truth.cameras) else {}
    columns["true"] = truth.names(classes)
    columns["predicted"] = [classes[top] for top in answered.probabilities.argmax(axis=1)]
    for index, name in enumerate(classes):
        columns[f"p_{name}"] = map(float, answered.probabilities[:, index])
    if answered.faults is not None:
        columns["ungradable"] = [fault or "" for fault in answered.faults]
    columns["disclaimer"] = [DISCLAIMER] * len(answered.photos.names)
    with path.open("x", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _write_png(path: Path, picture: npt.NDArray[np.uint8]) -> None:
    _, data = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))
    path.write_bytes(data.tobytes())
