"""The command ``fundus-edge station restore``."""

from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable


@click.command()
@click.argument("file", type=GivenPath())
@click.option(
    "--data", type=GivenPath(), required=True, help="Data folder to make; not there yet, or empty."
)
def restore(file: Path, data: Path) -> None:
    """Make a camp of FILE again, which "station backup" wrote.

    Every file is checked by its hash, and the store as a whole, before the folder takes its place.
    """
    from edge_runtime.station import backup
    from edge_runtime.system.files import one_sentence

    with one_sentence(file):
        people, photos = backup.restore(file, data)
    click.echo(f"{printable(data)}: a camp of {people} people and {photos} photos.")
    click.echo(f"Go on with: fundus-edge station --inbox FOLDER --data {printable(data)}", err=True)
