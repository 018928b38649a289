"""The command ``fundus-edge explain info``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from calibration.commands.tell import tell
from edge_runtime.commands.param_types import GivenPath

if TYPE_CHECKING:
    from calibration.explanations.store.summary import StoreSummary


@click.command()
@click.argument("store", type=GivenPath())
@click.option("--out", type=GivenPath(), help="New folder for store.html and store.json.")
@click.option("--json", "as_json", is_flag=True, help="Print what store.json holds.")
@click.option(
    "--verify", is_flag=True, help="Read all parts and check that each is as it was written."
)
def info(store: Path, out: Path | None, as_json: bool, verify: bool) -> None:
    """Say what a STORE of explanations holds: which model made it, and how many photos of what.

    With --verify the exit status is 1 where a part is missing or damaged.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.store.read import verify_store
    from calibration.explanations.store.summary import summarise, summary_text
    from edge_runtime.system.folders import check_absent, check_writable

    if out is not None:
        check_absent(out)
        check_writable(out)
    found = summarise(store)
    if verify:
        verify_store(store)
    if out is not None:
        from calibration.explanations.store.page import write_summary

        write_summary(store, found, out, verified=verify)

    def show(found: "StoreSummary") -> None:
        click.echo(summary_text(store, found))
        if verify:
            click.echo(f"  verified     {found.parts} part(s) are as they were written")

    tell(found, show, page=out and out / "store.html", as_json=as_json)
