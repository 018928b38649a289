"""The option ``--archive`` of ``fundus-edge station``."""

from pathlib import Path

import click

from edge_runtime.errors import printable
from edge_runtime.station.camp_form import CAMP_PICTURES, FORM


def check_archive(archive: Path | None, inbox: Path, data: Path) -> None:
    """Refuse a folder in which photographs would be found again, or lost among others.

    Args:
        archive: Where the files of photographs go; None is nowhere.
        inbox: Where they come from.
        data: Where the camp is kept.

    Raises:
        click.ClickException: It is none for that.
    """
    if archive is None:
        return
    there, here, kept = (each.resolve() for each in (archive, inbox, data))
    cause = ""
    if there.is_relative_to(here) or here.is_relative_to(there):
        cause = "it and the inbox lie in each other, so photos would be found again"
    elif any((each / FORM.file).is_file() for each in (there, *there.parents) if each != kept):
        cause = "it lies in another camp's data folder"
    elif there == kept or there.is_relative_to(kept / CAMP_PICTURES):
        cause = "the station keeps its own pictures there"
    elif there.exists() and not there.is_dir():
        cause = "it is a file"
    if cause:
        raise click.ClickException(f"{printable(archive)}: {cause}; choose another --archive")
