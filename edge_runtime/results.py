"""Write a result folder: records, overlays and a report."""

import csv
import json
import re
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.classifier import Classifier
from edge_runtime.errors import OutputExistsError, OutputFailedError, printable
from edge_runtime.overlay import draw_overlay
from edge_runtime.photos import RESULTS_JSONL
from edge_runtime.referral import yes_or_no
from edge_runtime.report import photo_section, report_head, report_tail
from edge_runtime.screening import Screened, chosen_classes, to_record

_SECTIONS = ".report.partial"


class ResultFolder:
    """A result folder while it is being written.

    Records are appended as they come, so an interrupted run keeps what it has; ``report.html``
    stands once all photos are through.
    """

    def __init__(self, path: Path, classifier: Classifier, *, choice: str) -> None:
        """Make the folder and the files' heads.

        Args:
            path: A folder that doesn't exist yet or is empty.
            classifier: Where the predictions will come from.
            choice: Which classes are explained: "top", "all" or a class name.

        Raises:
            OutputExistsError: There is something at ``path`` already.
            OutputFailedError: It can't be written there.
        """
        self.path, self._classifier, self._choice = path, classifier, choice
        self._count = self._failed = 0
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise OutputExistsError(path, "choose another folder for the results")
        try:
            (path / "overlays").mkdir(parents=True)
            self._jsonl = (path / RESULTS_JSONL).open("x", encoding="utf-8")
            self._csv_file = (path / "results.csv").open(
                "x", encoding="utf-8", errors="surrogateescape", newline=""
            )
            self._sections = (path / _SECTIONS).open("x", encoding="utf-8")
        except OSError as error:
            raise OutputFailedError(path, (error.strerror or str(error)).lower()) from error
        self._csv = csv.writer(self._csv_file)
        self._classes = classifier.bundle.manifest.classes
        self._csv.writerow(
            [
                *("path", "status", "class", "confidence", "refer", "refer_why"),
                *(f"p_{name}" for name in self._classes),
                *("overlay", "error", "disclaimer"),
            ]
        )

    def __enter__(self) -> "ResultFolder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            for file in (self._jsonl, self._csv_file, self._sections):
                file.close()
            if kind is None:
                self._write_report()
            (self.path / _SECTIONS).unlink()
        except OSError as failure:
            raise OutputFailedError(
                self.path, (failure.strerror or str(failure)).lower()
            ) from failure

    def _write_report(self) -> None:
        partial = self.path / ".report.html.partial"
        with (
            partial.open("w", encoding="utf-8") as report,
            (self.path / _SECTIONS).open(encoding="utf-8") as parts,
        ):
            report.write(report_head(self._classifier, photos=self._count, failed=self._failed))
            for part in parts:
                report.write(part)
            report.write(report_tail())
        partial.rename(self.path / "report.html")

    def add(self, screened: Screened) -> dict[str, Any]:
        """Write one photo's overlays, then its record and its part of the report.

        Returns:
            The record.

        Raises:
            OutputFailedError: The disk is full or the folder went away.
        """
        self._count += 1
        self._failed += screened.prediction is None
        try:
            return self._add(screened)
        except OSError as error:
            raise OutputFailedError(self.path, (error.strerror or str(error)).lower()) from error

    def _add(self, screened: Screened) -> dict[str, Any]:
        drawn: dict[str, npt.NDArray[np.uint8]] = {}
        files: dict[str, str] = {}
        if screened.photo is not None and screened.prediction is not None:
            for name in chosen_classes(screened.prediction, self._choice):
                drawn[name] = draw_overlay(screened.photo, screened.prediction, name)
                files[name] = f"overlays/{self._overlay_name(screened.path, name)}"
                _write_png(self.path / files[name], drawn[name])
        record = to_record(screened, self._classifier, choice=self._choice, overlays=files)
        self._sections.write(photo_section(record, screened.photo, drawn))
        self._jsonl.write(json.dumps(record) + "\n")
        self._jsonl.flush()
        probabilities, referral = record.get("probabilities", {}), record.get("referral")
        self._csv.writerow(
            [record["path"], record["status"], record.get("class"), record.get("confidence")]
            + [referral and yes_or_no(referral["refer"]), referral and referral["why"]]
            + [probabilities.get(name) for name in self._classes]
            + [" ".join(files.values()), record.get("error"), record["disclaimer"]]
        )
        self._csv_file.flush()
        return record

    def _overlay_name(self, path: Path, class_name: str) -> str:
        """Number the overlays, so photos of one name in different folders don't collide."""
        stem = re.sub(r"[^\w.-]+", "_", printable(path.stem))[:80]
        suffix = "" if self._choice == "top" else "-" + re.sub(r"[^\w.-]+", "_", class_name)
        return f"{self._count:04d}-{stem}{suffix}.png"


def _write_png(path: Path, picture: npt.NDArray[np.uint8]) -> None:
    _, data = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data.tobytes())
    partial.rename(path)
