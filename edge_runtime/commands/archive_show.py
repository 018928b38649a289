"""Run an archive's screening, and show how far it is: a line that renews itself, or JSON events."""

import json
import os
import sys
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge_runtime.commands.console import show_no_photographs
from edge_runtime.commands.silence import Silence
from edge_runtime.errors import printable
from edge_runtime.system.interrupts import ending_in_order, noticed, stop_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge_runtime.archive.commit import Totals
    from edge_runtime.archive.listing import Listed
    from edge_runtime.archive.metrics import MetricsFile
    from edge_runtime.archive.screening import Job, Progress
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.trust.verify import Trusted


def run_job(
    job: "Job",
    *,
    as_json: bool,
    check: "Callable[[Classifier], None]" = lambda _: None,
    trusted: "Trusted | None" = None,
    metrics: Path | None = None,
) -> bool:
    """Screen an archive, and say what came of it.

    Args:
        job: What is to be done.
        as_json: Whether to print events as JSON on stdout.
        check: Looks at the model, and refuses a choice that its classes don't allow.
        trusted: As for ``screen_archive``.
        metrics: The file into which to write how far it is, as Prometheus reads it; None for none.

    Returns:
        Whether a photo of this run or of before couldn't be read, or is an error otherwise.

    Raises:
        ArchiveStoppedError: The user or the system stopped it; what is committed is kept.
        FundusError: As ``screen_archive`` does.
    """
    from edge_runtime.archive.commit import Totals
    from edge_runtime.archive.errors import ArchiveStoppedError, ClusterError
    from edge_runtime.archive.listing import Listed
    from edge_runtime.archive.metrics import MetricsFile
    from edge_runtime.archive.screening import screen_archive

    listed, totals, came = Listed(), Totals(), list[int]()
    told = MetricsFile(metrics, out=job.place.text, totals=totals) if metrics is not None else None
    shown = _Shown(as_json, told)
    shown.event("begun", source=job.source, out=job.place.text, partition=job.partition)
    try:
        with (
            Path(os.devnull).open("w") as nowhere,
            redirect_stdout(nowhere),  # what Ray prints is no result
            ending_in_order(),
            noticed() as came,
            shown.silence,
            _saying_what_is_kept(totals),
        ):
            before = screen_archive(
                job, listed, totals, shown.progress, check=check, trusted=trusted
            )
        if told:
            told.tell(before=before, expected=listed.expected, complete=True)
    except (KeyboardInterrupt, BrokenPipeError, ClusterError) as stopped:
        if isinstance(stopped, ClusterError) and not came:
            raise
        status = stop_status(KeyboardInterrupt() if came else stopped)
        raise ArchiveStoppedError(
            job.place.text, done=totals.photos, exit_status=status
        ) from stopped
    finally:
        shown.end()
    _conclude(job, listed, totals, before, shown)
    return bool(totals.statuses["error"] or totals.failed_before)


@contextmanager
def _saying_what_is_kept(totals: "Totals") -> "Iterator[None]":
    """Add to why a place can't be written to what is kept there already, and how to go on."""
    from edge_runtime.archive.errors import DestinationError

    try:
        yield
    except DestinationError as error:
        if not totals.photos:
            raise
        raise DestinationError(
            error.place, f"{error.cause}; {totals.photos} photos are kept there, and the same "
            "command with --resume goes on",
        ) from error  # fmt: skip


class _Shown:
    """What is seen of a run while it lasts."""

    def __init__(self, as_json: bool, metrics: "MetricsFile | None" = None) -> None:
        self._as_json, self._has_line, self._out = as_json, False, sys.stdout
        self._metrics = metrics
        self.silence = Silence(self._waits)

    def _waits(self, seconds: float) -> None:
        """Say that nothing has come for long: Ray and stores try again without a word."""
        self.event("waiting", seconds=round(seconds))
        self._clear()
        click.echo(
            f"Nothing has come for {seconds:.0f} s: look whether the place of the photos can be "
            "reached; what can't be read is said, and --resume with --retry-errors does it again.",
            err=True,
        )

    def event(self, name: str, **facts: Any) -> None:
        """Print an event, where events are asked for."""
        if self._as_json:
            line = json.dumps({"event": name, **facts}, allow_nan=False)
            click.echo(line, file=self._out)

    def progress(self, progress: "Progress") -> None:
        """Show how far it is."""
        self.silence.heard()
        if self._metrics:
            self._metrics.tell(before=progress.before, expected=progress.expected)
        rate = progress.photos / progress.seconds if progress.seconds > 0 else 0.0
        remaining = (
            None
            if progress.expected is None
            else max(0, progress.expected - progress.before - progress.photos)
        )
        self.event(
            "progress", photos=progress.photos, committed=progress.committed,
            errors=progress.errors, photos_per_s=round(rate, 2), remaining=remaining,
            seconds=round(progress.seconds, 1),
        )  # fmt: skip
        if sys.stderr.isatty() and not self._as_json:
            left = "" if remaining is None else f", {remaining} to do"
            if remaining and rate:
                left += f" ({_time(remaining / rate)})"
            told = f"{progress.photos} photos, {rate:.1f} a second, {progress.errors} errors{left}"
            click.echo(f"\r\x1b[K{told}", nl=False, err=True)
            self._has_line = True

    def _clear(self) -> None:
        if self._has_line:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._has_line = False

    def end(self) -> None:
        """Leave the line that renewed itself, and the metrics as those of a run that ended."""
        self._clear()
        if self._metrics:
            self._metrics.end()
            if why := self._metrics.failure:
                click.echo(f"The metrics couldn't be written: {why}.", err=True)


def _conclude(job: "Job", listed: "Listed", totals: "Totals", before: int, shown: _Shown) -> None:
    from edge_runtime.contract import DISCLAIMER

    counts = dict(sorted(totals.statuses.items()))
    shown.event(
        "done", photos=totals.photos, before=before, errors_before=totals.failed_before,
        taken_over=totals.taken_over, statuses=counts,
        referred=totals.refers[True], not_referred=totals.refers[False],
        duplicates=listed.duplicates, not_photos=listed.beside, not_photographs=dict(listed.others),
        without_date=listed.undated, without_path=listed.pathless,
        out=job.place.text, disclaimer=DISCLAIMER,
    )  # fmt: skip
    for number, what in (
        (listed.duplicates, "rows of the list name a photo again; each is done once"),
        (listed.pathless, "rows of the list have no path, or one that no file can have"),
        (listed.undated, "rows of the list have a date that isn't YYYY-MM-DD; it is left out"),
        (listed.beside, "files aren't JPEG, PNG, TIFF, BMP, WebP or DICOM and weren't read"),
        (before, "photos had records before"),
        (totals.failed_before, "of those are errors; --retry-errors does them again"),
        (
            totals.taken_over,
            "photos had a record under another name, which was taken over",
        ),
    ):
        if number:
            click.echo(f"{number} {what}.", err=True)
    show_no_photographs(listed.others)
    click.echo(DISCLAIMER, err=True)
    told = ", ".join(
        [
            f"{totals.refers[True]} referred",
            f"{totals.refers[False]} not referred",
            f"{totals.statuses['ungradable']} ungradable",
            f"{totals.statuses['error']} with an error",
        ]
    )
    click.echo(f"{totals.photos} photos: {told}. Records in {printable(job.place.text)}.", err=True)


def _time(seconds: float) -> str:
    """Write a time as people say it."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    if minutes < 120:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"
