"""The command ``fundus-edge fhir report``."""

from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable


@click.command()
@click.argument("results", type=GivenPath(), metavar="RESULTS")
@click.option("--out", type=GivenPath(), required=True, help="Folder for the bundles.")
@click.option(
    "--patients",
    "system",
    default="",
    metavar="URI",
    help="The system that the persons' IDs are of, as the hospital's record names it, so that each "
    "result is put to the person who has the ID there.  [default: a person of its own]",
)
def report(results: Path, out: Path, system: str) -> None:
    """Write of each person in RESULTS a FHIR R4 transaction bundle.

    RESULTS is a folder that ``predict --out`` wrote. The same results give the same bundles, and a
    server that takes one twice makes nothing new. Nothing is sent anywhere.
    """
    from edge_runtime.exchange.fhir_files import write_bundles

    for file in write_bundles(results, out, system=system):
        click.echo(printable(file))
