"""Take a run's photos through the classifier, and show and keep what comes of each."""

import sys
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.console import show_counts, show_record, show_unreadable
from edge_runtime.errors import RunStoppedError, UnknownNameError, printable
from edge_runtime.system.interrupts import ending_in_order, stop_status

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from edge_runtime.photo.find import FoundPhotos
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.predict.record import Record
    from edge_runtime.predict.screening import Screened
    from edge_runtime.results.folder import ResultFolder
    from edge_runtime.results.tally import Tally


def screen_photos(
    classifier: "Classifier",
    named: "Sequence[Path]",
    folder: "ResultFolder | None",
    *,
    choice: str,
    as_json: bool,
    nameless: "Callable[[Screened], Screened] | None" = None,
) -> "Tally":
    """Predict the photos that aren't done yet, show each, and write it into the folder.

    In JSON those that are done are shown too, in their places.

    Args:
        classifier: What predicts them.
        named: All photos of the run, in the order of the folder.
        folder: Where the results go; None where they are printed alone.
        choice: Which classes are explained: "top", "all" or a class name.
        as_json: Whether to print JSON lines.
        nameless: What takes out of each photo whose it is, where that is asked for.

    Raises:
        RunStoppedError: The user or the system stopped it, or nobody reads what it prints any
            more; what is done is kept.
        OutputFailedError: It can't be written there.
    """
    from edge_runtime.predict.record import to_json
    from edge_runtime.results.tally import Tally

    tally = folder.tally if folder else Tally()
    hidden = len(named) < 2 or not sys.stderr.isatty()
    progress = click.progressbar(length=len(named), label="photos", file=sys.stderr, hidden=hidden)
    try:
        with ending_in_order(), folder or nullcontext(), progress as bar:
            done = folder.standing.done if folder else {}
            photos = [photo for photo in named if photo not in done]
            _show_resumed(photos, folder.standing.photos if folder else len(named))
            if done:
                bar.update(len(named) - len(photos))
            coming = _fresh(classifier, photos, folder, tally, choice=choice, nameless=nameless)
            with closing(coming) as fresh:
                for photo in named if as_json else photos:
                    if folder and photo in done:
                        click.echo(to_json(folder.record_of(photo)))
                        continue
                    record = next(fresh)
                    if sys.stderr.isatty():
                        click.echo("\r\x1b[K", nl=False, err=True)  # the line stands for the bar
                    show_record(record, classifier.bundle.manifest.classes, as_json=as_json)
                    bar.update(1)
    except (KeyboardInterrupt, BrokenPipeError) as stopped:
        if folder is None and isinstance(stopped, OSError):
            raise
        raise RunStoppedError(
            folder.path if folder else None,
            done=tally.statuses.total(),
            photos=folder.standing.photos if folder else len(named),
            exit_status=stop_status(stopped),
        ) from stopped
    return tally


def _show_resumed(photos: "Sequence[Path]", whole: int) -> None:
    if before := whole - len(photos):
        click.echo(f"Resumed: {before} of {whole} photos were done.", err=True)


def _fresh(
    classifier: "Classifier",
    photos: "Sequence[Path]",
    folder: "ResultFolder | None",
    tally: "Tally",
    *,
    choice: str,
    nameless: "Callable[[Screened], Screened] | None",
) -> "Generator[Record, None, None]":
    """Predict photos, and write each into the folder, if there is one, before it is given."""
    from edge_runtime.predict.screening import screen, to_record

    with closing(screen(classifier, photos, kept=folder is not None)) as coming:
        for each in coming:
            screened = nameless(each) if nameless else each
            if folder:
                yield folder.add(screened)
            else:
                record = to_record(screened, classifier, choice=choice, overlays={})
                tally.count(record)
                yield record


def check_choice(choice: str, classes: tuple[str, ...]) -> None:
    """Refuse an overlay's choice that is no class, nor "top" or "all".

    Raises:
        UnknownNameError: It isn't.
    """
    known = ("top", "all", *classes)
    if choice not in known:
        raise UnknownNameError("class", choice, known)


def conclude(folder: "ResultFolder | None", tally: "Tally", found: "FoundPhotos") -> bool:
    """Say on stderr where the results are, what they are for, and what the photos came to.

    Args:
        folder: The run's, if any.
        tally: Of its photos.
        found: What was to be read.

    Returns:
        Whether there is a photo that couldn't be read, or that is an error for another reason.
    """
    from edge_runtime.contract import DISCLAIMER

    if folder:
        show_unreadable(folder.unreadable)
        report = printable(folder.path / "report.html")
        click.echo(f"Results in {printable(folder.path)}: open {report}", err=True)
    click.echo(DISCLAIMER, err=True)
    show_counts(tally, unread=found.count_unread())
    return bool(tally.statuses["error"] or (folder and folder.unreadable))


def imports_for(out: "Path | None") -> "Callable[[], None]":
    """Give what imports what comes after, if there is a folder."""

    def imports() -> None:
        if out:
            import edge_runtime.results.folder  # noqa: F401

    return imports
