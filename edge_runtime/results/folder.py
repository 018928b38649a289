"""Write a result folder: a store of records and pictures, and what is made of it for people."""

import json
from collections.abc import Collection
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from edge_runtime.errors import OutputExistsError, RunDiffersError, StoreInvalidError
from edge_runtime.photo.find import STORE
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import Record
from edge_runtime.predict.screening import Screened, chosen_classes, to_record
from edge_runtime.results.embedded import small_jpeg
from edge_runtime.results.exports import (
    are_whole,
    clear_exports,
    write_exports,
    write_results_jsonl,
)
from edge_runtime.results.legend import draw_overlay
from edge_runtime.results.overlays import OVERLAYS, clear_orphans, jpeg, overlay_file
from edge_runtime.results.page import begin_page
from edge_runtime.results.people_folder import language_of
from edge_runtime.results.place import check_place, writing
from edge_runtime.results.run import Run, check_same_run
from edge_runtime.results.standing import find_standing
from edge_runtime.results.store import Store
from edge_runtime.results.store_form import LOG, RUN, Picture
from edge_runtime.results.tally import Tally
from edge_runtime.results.usual_evidence import averages_of
from edge_runtime.system.codec import plain
from edge_runtime.system.files import sync_folder, write_file

if TYPE_CHECKING:
    from edge_runtime.results.logged import RunLog
    from edge_runtime.tlog.writer import Log

_COMPLETE = "complete"  # a key of the store


class ResultFolder:
    """A result folder while it is being written.

    A photo counts once the store has it, which is after its overlays are on the disk, so a run can
    be killed at any moment and resumed. All else is made from the store once all photos are
    through. The files are for their owner only: they are about patients.

    ``tally`` counts what the whole run came to so far, ``standing`` tells what was done of it
    before and what is done again. A photo that is done again keeps its record until the new one
    takes its place. A run that is ``complete`` is left as it is; one that has more photos now, or
    others, isn't complete any more. ``errors_before`` are the paths of photos that were errors
    before and stay so, ``unreadable`` those whose result of before is kept, as they couldn't be
    read now.
    """

    def __init__(
        self,
        path: Path,
        classifier: Classifier,
        *,
        run: Run,
        choice: str,
        photos: Collection[Path],
        resume: bool = False,
        language: str | None = None,
        log: "Log | None" = None,
    ) -> None:
        """Make the folder, or take up the run that was interrupted there.

        Args:
            path: A folder that doesn't exist yet or is empty; with ``resume`` also one with a run.
            classifier: Where the predictions will come from.
            run: From ``run.describe_run``: what must be the same when it is resumed.
            choice: Which classes are explained: "top", "all" or a class name.
            photos: All photos that the run shall take now, those that are done already too.
            resume: Whether a run may be taken up.
            language: Of the persons' pages; None is that of before, or English.
            log: Where each result is logged before it is kept; None logs nothing.

        Raises:
            OutputExistsError: There is something at ``path`` already.
            RunDiffersError: The run there was begun with another bundle or other options, or has
                other photos under the names of these.
            StoreInvalidError: The store there can't be used.
            OutputFailedError: It can't be written there.
            BundleInvalidError: Its average maps, which the persons' pages show, can't be read.
        """
        averages_of(classifier.bundle, classifier.session.name)  # now, not behind the last photo
        self.path, self._classifier, self._choice = path, classifier, choice
        self.photos, self._log = frozenset(photos), log
        self._run_log: RunLog | None = None
        with writing(path):
            check_place(path, resume=resume)
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._store = Store(path)
            try:
                self._language = language_of(self._store, language)
                self._take_up(run, resume=resume)
            except BaseException:
                self._store.close()
                raise

    def _take_up(self, run: Run, *, resume: bool) -> None:
        """Begin the run, or find out what is done of it, and delete what isn't."""
        begun = self._store.noted(RUN)
        if begun is None:
            self._begin(run)
        else:
            check_same_run(self.path, begun, run, resume=resume)
        self.complete = self._is_complete()
        if begun is not None and not resume:
            goal = "add to its run" if self.complete else "complete its run"
            remedy = f"{goal} with --resume, or choose another folder for the results"
            raise OutputExistsError(self.path, remedy)
        self.standing = find_standing(
            self.path, self._store, self.photos, max_pixels=self._classifier.max_pixels
        )
        if len(self.standing.done) < len(self.photos) or not self.complete:
            self._open_again(run)
        elif self._log:
            from edge_runtime.results.logged import log_what_is_done  # noqa: PLC0415 - as below

            log_what_is_done(self._log, self._store, run, self._classifier.bundle.sealed)
        if self.standing.touched:
            with suppress(OSError):  # on a disk that can only be read they are compared again
                self._store.restamp(self.standing.touched)
        self.unreadable = [*self.standing.unreadable]
        again = {each.number for each in self.standing.again.values()}
        outcomes = [*self._store.outcomes(without=again)]
        self.errors_before = [each.path for each in outcomes if each.status == "error"]
        self.tally = Tally()
        self.tally.count_all(outcomes)

    def _open_again(self, run: Run) -> None:
        """Take back what isn't true any more, and get ready to write."""
        self._store.check_writable()
        if self._log is None and self._store.noted(LOG) is not None:
            raise RunDiffersError(self.path, "this run is logged; name its log with --log")
        self._store.drop(_COMPLETE)  # first, so that after a kill all is exported again
        self.complete = False
        if self.standing.outdated():
            clear_exports(self.path)
        (self.path / OVERLAYS).mkdir(exist_ok=True, mode=0o700)
        self._clear_orphans()
        if self._log:
            from edge_runtime.results.logged import RunLog  # noqa: PLC0415 - few runs have a log

            sealed = self._classifier.bundle.sealed
            self._run_log = RunLog(self._log, self._store, run, sealed)
        begin_page()

    def _clear_orphans(self) -> None:
        clear_orphans(self.path, {file for _, file in self._store.overlays()})

    def _begin(self, run: Run) -> None:
        """Write down what the run is; a kill may have left a store without, and nothing else."""
        beside = {entry.name for entry in self.path.iterdir() if not entry.name.startswith(STORE)}
        if beside - {OVERLAYS} or (OVERLAYS in beside and any((self.path / OVERLAYS).iterdir())):
            cause = "it is empty, though results stand beside it"
            raise StoreInvalidError(self.path / STORE, cause)
        (self.path / OVERLAYS).mkdir(exist_ok=True, mode=0o700)
        self._store.note(RUN, json.dumps(plain(run)))
        sync_folder(self.path)
        sync_folder(self.path.parent)

    def _is_complete(self) -> bool:
        is_exported = self._store.noted(_COMPLETE) == self._store.state()
        return is_exported and are_whole(self.path, self._store, language=self._language)

    def __enter__(self) -> "ResultFolder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        with closing(self._store):
            try:
                if kind is None and not self.complete:
                    with writing(self.path):
                        self._export()
            finally:
                if not self.complete:
                    with suppress(OSError, StoreInvalidError):  # what stopped it may stop this too
                        outdated = self.standing.outdated()
                        write_results_jsonl(self.path, self._store, without=outdated)
                        self._clear_orphans()

    def _export(self) -> None:
        """Make of the store what people and spreadsheets read."""
        self._clear_orphans()
        write_exports(self.path, self._store, self._classifier, language=self._language)
        self._store.note(_COMPLETE, self._store.state())
        self._store.settle()
        if self._run_log:
            self._run_log.end(self._store.state())
        self.complete = True

    def record_of(self, photo: Path) -> Record:
        """Give the record of a photo that was done before.

        Raises:
            StoreInvalidError: The store holds none that can be read.
        """
        return self._store.record_of(self.standing.done[photo])

    def add(self, screened: Screened) -> Record:
        """Write one photo's overlays, then its record and its pictures.

        The record of before, if there is one, goes in the same moment. It stays where only its
        overlays were gone and the photo can't be read now.

        Returns:
            The record that the store has now.

        Raises:
            OutputFailedError: The disk is full or the folder went away.
        """
        before = self.standing.again.get(screened.path)
        if before and before.why == "lost" and screened.error and screened.sha256 is None:
            self.unreadable.append(screened.path)
            record = self._store.record_of(before.number)
            self.tally.count(record)
            return record
        with writing(self.path):
            pictures = []
            if screened.photo is not None:
                pictures.append(Picture("", None, small_jpeg(screened.photo)))
            if screened.photo is not None and screened.prediction is not None:
                number = self._store.next_number()
                for name in chosen_classes(screened.prediction, self._choice):
                    overlay = draw_overlay(screened.photo, screened.prediction, name)
                    shown = "" if self._choice == "top" else name
                    file = overlay_file(number, screened.path, shown)
                    write_file(self.path / file, jpeg(overlay), private=True)
                    pictures.append(Picture(name, file, small_jpeg(overlay)))
            files = {each.class_name: each.file for each in pictures if each.file is not None}
            record = to_record(screened, self._classifier, choice=self._choice, overlays=files)
            self._store.add(
                record,
                pictures,
                sha256=screened.sha256,
                stamp=screened.stamp,
                replaces=before and before.number,
                log=self._run_log.photo if self._run_log else None,
            )
        self.tally.count(record)
        return record
