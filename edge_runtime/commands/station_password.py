"""The command ``fundus-edge station password``."""

from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.commands.station_folder import data_folder
from edge_runtime.errors import printable


@click.command()
@click.option("--data", type=GivenPath(), help="The station's data folder.")
@click.option("--inbox", type=GivenPath(), help="The inbox, where the data folder lies beside it.")
@click.option("--remove", is_flag=True, help="Ask nobody for a password any more.")
def password(data: Path | None, inbox: Path | None, remove: bool) -> None:
    """Set the password of the station's pages, or its PIN.

    With one, other computers may open them (--host), and everybody signs in, on this computer too.
    It counts at once, and signs everybody out. Only a hash of it is kept, in the data folder.
    """
    from edge_runtime.station.access.password import remove_password, set_password, weakness
    from edge_runtime.station.data_folder import make_data_folder
    from edge_runtime.system.files import one_sentence

    folder = data_folder(inbox, data)
    with one_sentence(folder):
        if remove:
            if not remove_password(folder):
                raise click.ClickException(f"{printable(folder)}: there is no password")
            click.echo("Removed. A station that is running asks for it until it is started again.")
            return
        told = click.prompt("New password or PIN", hide_input=True)
        if fault := weakness(told):
            raise click.ClickException(f"this password won't do: {fault}")
        if click.prompt("The same once more", hide_input=True) != told:
            raise click.ClickException(
                "the two aren't the same, and nothing was changed; try again"
            )
        make_data_folder(folder)
        set_password(folder, told)
    click.echo(f"Set, for the station whose data lie in {printable(folder)}.")
