"""The command ``fundus-edge trust show``."""

import json
from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.commands.trust_options import TRUST_VARIABLE, trusted_by
from edge_runtime.errors import printable


@click.command()
@click.option(
    "--trust",
    "paths",
    type=GivenPath(),
    multiple=True,
    required=True,
    envvar=TRUST_VARIABLE,
    metavar="KEYS",
    help=f"As of predict and station.  [default: ${TRUST_VARIABLE}]",
)
@click.option(
    "--station",
    type=GivenPath(),
    metavar="FOLDER",
    help="The data folder of a station, for what it remembers.  [default: what you ran yourself]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(paths: tuple[Path, ...], station: Path | None, as_json: bool) -> None:
    """Show whom this computer trusts, and what it remembers.

    Which keys count, which were replaced or revoked, and the highest release of each bundle that
    was run. Nothing is changed or remembered.
    """
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.station.remembered import PREFIX
    from edge_runtime.system.state import state_folder
    from edge_runtime.trust.releases import RELEASES, highest_releases

    prefix = PREFIX if station else ""
    folder = station or state_folder()
    standing = trusted_by(paths, 1, folder=folder, prefix=prefix).standing
    voters = standing.voters if standing else ()
    by_whom = standing.lists if standing else {}
    ran = highest_releases(folder / f"{prefix}{RELEASES}") if folder else {}
    states = [(each.key, _state(each.is_revoked, each.before, each.successor, each.since))
              for each in voters]  # fmt: skip
    if as_json:
        found = {
            "keys": [{"number": key.hint, "name": key.name, "state": said} for key, said in states],
            "revoked": {by: {"list": each.number, "revoked": each.revoked}
                        for by, each in by_whom.items()},
            "releases": dict(ran), "disclaimer": DISCLAIMER,
        }  # fmt: skip
        click.echo(json.dumps(found))
        return
    for key, said in states:
        click.echo(f"key {printable(key.called)}: {printable(said)}")
    for by, each in by_whom.items():
        click.echo(f"revoked by the key {by[:16]}, list {each.number}:")
        for digest in each.revoked:
            click.echo(f"  {digest}")
    for name, release in sorted(ran.items()):
        click.echo(f"release {release} of '{printable(name)}' is the highest that was run")
    click.echo(DISCLAIMER, err=True)


def _state(is_revoked: bool, before: int | None, successor: str, since: int) -> str:
    if is_revoked:
        return "revoked"
    from_then = f"trusted from release {since} on" if since else "trusted"
    if before is None:
        return from_then
    if before == 0:
        return f"replaced by the key {successor}"
    return f"{from_then}, replaced by the key {successor} from release {before} on"
