"""Write a result folder: records, overlays and a report."""

import csv
import json
import os
import re
import time
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge_runtime.errors import OutputExistsError, printable
from edge_runtime.photo.find import RESULTS_JSONL
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import Record, from_json, to_json
from edge_runtime.predict.screening import Screened, chosen_classes, to_record
from edge_runtime.results.embedded import embedded
from edge_runtime.results.legend import draw_overlay
from edge_runtime.results.page import begin_page, photo_section, report_page
from edge_runtime.results.resume import RUN_JSON, check_same_run, clear_orphans, lock, recover
from edge_runtime.results.table import table_heads, table_row
from edge_runtime.system.files import one_sentence, replacing_text, sync_folder, write_file
from edge_runtime.system.journal import Journal, complete_lines

_SECTIONS = "report.sections"  # the report's parts, one line for each record
_REPORT = "report.html"
_OVERLAYS = "overlays"
_FORMULA = tuple("=+-@\t\r")  # what a cell that spreadsheets compute begins with
_SYNC_EVERY_S = 5.0  # the most lines that a loss of power costs; overlays the system writes itself


class ResultFolder:
    """A result folder while it is being written.

    A photo counts once its line stands in ``results.jsonl``, which is written last, so a run can
    be killed at any moment and resumed. ``results.csv`` and ``report.html`` are made from the
    lines once all photos are through. The files are for their owner only: they are about patients.

    ``kept`` has which photos are done, and the counts of all statuses and reasons so far.
    ``complete`` tells that the run was complete already: then nothing can be added.
    """

    def __init__(
        self,
        path: Path,
        classifier: Classifier,
        *,
        run: dict[str, Any],
        choice: str,
        resume: bool = False,
    ) -> None:
        """Make the folder, or take up the run that was interrupted there.

        Args:
            path: A folder that doesn't exist yet or is empty; with ``resume`` also one with a run.
            classifier: Where the predictions will come from.
            run: From ``resume.describe_run``: what must be the same when it is resumed.
            choice: Which classes are explained: "top", "all" or a class name.
            resume: Whether a run may be taken up.

        Raises:
            OutputExistsError: There is something at ``path`` already.
            RunDiffersError: The run there was begun with another bundle or other options.
            OutputFailedError: It can't be written there.
        """
        self.path, self._classifier, self._choice = path, classifier, choice
        with _writing(path):
            fresh = _is_free(path)
            if not fresh:
                _check_resumable(path, resume=resume)
            if fresh:
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
                begun = json.dumps(run, indent=2).encode() + b"\n"
                write_file(path / RUN_JSON, begun, private=True)  # without it nothing is resumed
                sync_folder(path.parent)
            self._lock = lock(path)
            try:
                self._take_up(run)
            except BaseException:
                os.close(self._lock)
                raise

    def _take_up(self, run: dict[str, Any]) -> None:
        """Open the journals at the end of what is complete, and delete what isn't."""
        check_same_run(self.path, run)
        self.complete = (self.path / _REPORT).exists() and not (self.path / _SECTIONS).exists()
        sections = None if self.complete else _SECTIONS
        self.kept = recover(self.path, records=RESULTS_JSONL, sections=sections)
        if self.complete:
            return
        begin_page()
        (self.path / _OVERLAYS).mkdir(exist_ok=True, mode=0o700)
        clear_orphans(self.path / _OVERLAYS, self.kept.overlays)
        self._records = Journal(self.path / RESULTS_JSONL)
        self._records.cut(self.kept.records_end)
        self._sections = Journal(self.path / _SECTIONS)
        self._sections.cut(self.kept.sections_end)
        self._synced = time.monotonic()

    def __enter__(self) -> "ResultFolder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if not self.complete:
                with _writing(self.path):
                    self._sync()
                    self._records.close()
                    self._sections.close()
                    if kind is None:
                        self._write_table()
                        self._write_report()
                        (self.path / _SECTIONS).unlink()
        finally:
            os.close(self._lock)

    def add(self, screened: Screened) -> Record:
        """Write one photo's overlays and its part of the report, then its record.

        Returns:
            The record.

        Raises:
            OutputFailedError: The disk is full or the folder went away.
        """
        with _writing(self.path):
            shown = None if screened.photo is None else embedded(screened.photo)
            drawn: dict[str, str] = {}
            files: dict[str, str] = {}
            if screened.photo is not None and screened.prediction is not None:
                for name in chosen_classes(screened.prediction, self._choice):
                    overlay = draw_overlay(screened.photo, screened.prediction, name)
                    files[name] = f"{_OVERLAYS}/{self._overlay_name(screened.path, name)}"
                    # Not synced: there are thousands, and recover() finds one that was lost.
                    write_file(self.path / files[name], _png(overlay), private=True, sync=False)
                    drawn[name] = embedded(overlay)
            record = to_record(screened, self._classifier, choice=self._choice, overlays=files)
            part = photo_section(record, shown, drawn).replace("\n", " ")
            self._sections.append(part.encode() + b"\n")
            self._records.append(to_json(record).encode() + b"\n")
            if time.monotonic() - self._synced > _SYNC_EVERY_S:
                self._sync()
        self.kept.done.add(record.path)
        self.kept.count(screened.status, screened.reason)
        return record

    def _sync(self) -> None:
        self._sections.sync()
        self._records.sync()
        self._synced = time.monotonic()

    def _write_table(self) -> None:
        classes = self._classifier.bundle.manifest.classes
        # A name that is no UTF-8 is written with escapes: one can't make the table unreadable.
        table_file = self.path / "results.csv"
        with replacing_text(table_file, errors="backslashreplace", private=True) as file:
            table = csv.writer(file)
            table.writerow(table_heads(classes))
            for line in complete_lines(self.path / RESULTS_JSONL):
                row = table_row(from_json(line), classes)
                table.writerow(map(_no_formula, row))

    def _write_report(self) -> None:
        statuses = self.kept.statuses
        sections = (line.decode() for line in complete_lines(self.path / _SECTIONS))
        page = report_page(
            self._classifier,
            sections,
            photos=statuses.total(),
            failed=statuses["error"],
            ungradable=statuses["ungradable"],
        )
        with replacing_text(self.path / _REPORT, private=True) as report:
            report.writelines(page)

    def _overlay_name(self, path: Path, class_name: str) -> str:
        """Number the overlays, so photos of one name in different folders don't collide."""
        stem = re.sub(r"[^\w.-]+", "_", printable(path.stem))[:80]
        suffix = "" if self._choice == "top" else "-" + re.sub(r"[^\w.-]+", "_", class_name)
        return f"{self.kept.statuses.total() + 1:04d}-{stem}{suffix}.png"


def _writing(path: Path) -> AbstractContextManager[None]:
    return one_sentence(path, no_room="; make room, then go on with --resume")


def _no_formula(cell: object) -> object:
    """Keep a spreadsheet from running a file's name: ``./=x.jpg`` is the file ``=x.jpg`` too."""
    return f"./{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA else cell


def _is_free(path: Path) -> bool:
    """Tell whether a run can begin here: a kill's first leftover is in no way."""
    if path.is_symlink() and not path.exists():
        raise OutputExistsError(path, "it is a link that leads nowhere, so choose another folder")
    if not path.exists():
        return True
    leftover = f".{RUN_JSON}.partial"
    return path.is_dir() and all(entry.name == leftover for entry in path.iterdir())


def _check_resumable(path: Path, *, resume: bool) -> None:
    if not (path / RUN_JSON).is_file():
        remedy = "it holds no run to resume, so " if resume and path.is_dir() else ""
        raise OutputExistsError(path, f"{remedy}choose another folder for the results")
    if not resume:
        complete = (path / _REPORT).exists()
        remedy = "" if complete else "complete its run with --resume, or "
        raise OutputExistsError(path, f"{remedy}choose another folder for the results")


def _png(picture: npt.NDArray[np.uint8]) -> bytes:
    turned = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", turned)[1].tobytes()
