"""The option ``--log`` of what makes results, and how its log is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.param_types import GivenPath

if TYPE_CHECKING:
    from edge_runtime.tlog.writer import Log

#: The folder in which every result is logged.
log_option = click.option(
    "--log",
    type=GivenPath(),
    metavar="FOLDER",
    help="Log in which each result of --out is kept as a hash before it is shown, so that a later "
    "change is found by log verify; made where it isn't. Several runs may share one.",
)


def check_log(log: Path | None, out: Path | None) -> None:
    """Refuse a log where no results are kept, or that would lie among them."""
    if log is None:
        return
    if out is None:
        raise click.UsageError("--log needs --out: it tells whether what is kept there was changed")
    if log.resolve().is_relative_to(out.resolve()) or out.resolve().is_relative_to(log.resolve()):
        raise click.UsageError("--log lies in --out or around it; name a folder beside it")


@contextmanager
def opened_log(folder: Path | None) -> "Iterator[Log | None]":
    """Open a log, or make one; None where none is named."""
    if folder is None:
        yield None
        return
    from edge_runtime.system.files import one_sentence
    from edge_runtime.tlog.writer import Log

    with one_sentence(folder):
        log = Log(folder)
    try:
        yield log
    finally:
        with one_sentence(folder):
            log.close()
