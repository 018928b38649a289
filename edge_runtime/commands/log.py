"""The command ``fundus-edge log``, which has others below it."""

import click

from edge_runtime.commands.lazy_group import LazyGroup

#: The module of each subcommand.
COMMANDS: dict[str, str] = {
    "checkpoint": "edge_runtime.commands.log_checkpoint",
    "verify": "edge_runtime.commands.log_verify",
    "prove": "edge_runtime.commands.log_prove",
    "witness": "edge_runtime.commands.log_witness",
}


@click.group(cls=LazyGroup, modules=COMMANDS)
def log() -> None:
    """Find out whether results were changed after they were made.

    A log is made by predict --log, and by the station in station.log in its data folder. It has
    hashes, and nothing of a person. Keep a checkpoint of it where others can't change it: on
    another stick, on a phone, on paper.

    For research and education only: not a validated diagnostic tool.
    """
