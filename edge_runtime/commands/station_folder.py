"""Where a station keeps its data."""

from pathlib import Path

import click

from edge_runtime.errors import printable


def data_folder(inbox: Path | None, data: Path | None) -> Path:
    """Name a station's data folder: the one that is named, else the one beside the inbox."""
    if data is not None:
        return data
    if inbox is None:
        raise click.UsageError("name the data folder by --data, or the inbox by --inbox")
    named = inbox.absolute()
    if not named.name:
        raise click.ClickException(f"{printable(inbox)}: the whole disk can't be an inbox")
    return named.with_name(f"{named.name}-station")
