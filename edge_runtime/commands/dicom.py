"""The command ``fundus-edge dicom``, which has others below it."""

import click

from edge_runtime.commands.lazy_group import LazyGroup

#: The module of each subcommand.
COMMANDS: dict[str, str] = {
    "wrap": "edge_runtime.commands.dicom_wrap",
    "deidentify": "edge_runtime.commands.dicom_deidentify",
    "report": "edge_runtime.commands.dicom_report",
    "send": "edge_runtime.commands.dicom_send",
    "queue": "edge_runtime.commands.send_queue",
    "receive": "edge_runtime.commands.dicom_receive",
    "worklist": "edge_runtime.commands.dicom_worklist",
}


@click.group(cls=LazyGroup, modules=COMMANDS)
def dicom() -> None:
    """Make, send and take in DICOM files.

    ``predict`` and the station read DICOM files. For research and education only: not a validated
    diagnostic tool.
    """
