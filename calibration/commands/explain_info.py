"""The command ``fundus-edge explain info``."""

import json
from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath


@click.command()
@click.argument("store", type=GivenPath())
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option(
    "--verify", is_flag=True, help="Read all parts and check that each is as it was written."
)
def info(store: Path, as_json: bool, verify: bool) -> None:
    """Say what a STORE of explanations holds: which model made it, and how many photos of what.

    With --verify the exit status is 1 where a part is missing or damaged.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.store.read import verify_store
    from calibration.explanations.store.summary import summarise, summary_text
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.system.codec import plain

    found = summarise(store)
    if verify:
        verify_store(store)
    if as_json:
        click.echo(json.dumps(plain(found), allow_nan=False))
    else:
        click.echo(summary_text(store, found))
        if verify:
            click.echo(f"  verified     {found.parts} part(s) are as they were written")
    click.echo(DISCLAIMER, err=True)
