"""Which data folder a command of the station is about, and how it gets what lies there."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import OutputExistsError, printable

if TYPE_CHECKING:
    from edge_runtime.station.camp_store import CampStore

_ENDING = "-station"


def data_folder(inbox: Path | None, data: Path | None) -> Path:
    """Name a camp's data folder: the one that is named, else the one beside the inbox.

    Raises:
        click.UsageError: Neither is named.
        click.ClickException: The inbox is a whole disk.
    """
    if data is not None:
        return data
    if inbox is None:
        raise click.UsageError("--data is missing: the camp's data folder")
    named = inbox.absolute()
    if not named.name:
        raise click.ClickException(f"{printable(inbox)}: the whole disk can't be an inbox")
    return named.with_name(f"{named.name}{_ENDING}")


def inbox_beside(data: Path) -> Path | None:
    """Name the inbox that a data folder stands beside; None where its name doesn't tell."""
    name = data.absolute().name
    is_beside = name.endswith(_ENDING) and name != _ENDING
    return data.absolute().with_name(name.removesuffix(_ENDING)) if is_beside else None


def folder_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--inbox`` and ``--data``."""
    for option in (
        click.option("--data", type=GivenPath(), help="The camp's data folder."),
        click.option(
            "--inbox", type=GivenPath(), help="The camera's folder, where --data isn't given."
        ),
    ):
        command = option(command)
    return command


def chosen_data(inbox: Path | None, data: Path | None) -> Path:
    """Give the data folder that options name, in which a camp is.

    Raises:
        click.UsageError: None is named.
        click.ClickException: There is no camp.
    """
    from edge_runtime.station.camp_form import FORM

    folder = data_folder(inbox, data)
    if not (folder / FORM.file).is_file():
        raise click.ClickException(f"{printable(folder)}: there is no camp, as no {FORM.file}")
    return folder


@contextmanager
def opened(folder: Path) -> Iterator["CampStore | None"]:
    """Open a camp's store; None where a station has it open, which is asked instead then."""
    from edge_runtime.station.at_work import say_nowhere
    from edge_runtime.station.camp_store import CampStore
    from edge_runtime.station.open_log import logged

    try:
        store = CampStore(folder)
    except OutputExistsError:
        yield None
        return
    with closing(store):
        say_nowhere(folder)  # where a station that was killed answered, another may listen by now
        with logged(store):
            yield store
