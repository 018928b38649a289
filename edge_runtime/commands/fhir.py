"""The command ``fundus-edge fhir``, which has others below it."""

import click

from edge_runtime.commands.lazy_group import LazyGroup

#: The module of each subcommand.
COMMANDS: dict[str, str] = {
    "report": "edge_runtime.commands.fhir_report",
    "send": "edge_runtime.commands.fhir_send",
    "queue": "edge_runtime.commands.send_queue",
}


@click.group(cls=LazyGroup, modules=COMMANDS)
def fhir() -> None:
    """Make FHIR bundles of results, and send them to a record.

    For research and education only: not a validated diagnostic tool.
    """
