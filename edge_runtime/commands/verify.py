"""The command ``fundus-edge verify``."""

import json
from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.commands.trust_options import read_threshold, threshold_option, trusted_by
from edge_runtime.errors import printable


@click.command()
@click.argument("bundle", type=GivenPath())
@click.option(
    "--public-key",
    "keys",
    type=GivenPath(),
    multiple=True,
    required=True,
    metavar="KEYS",
    help="Public key of whoever should have signed it, or folder of public keys and of files about "
    "keys (.trust). May be repeated; one of them must have signed.",
)
@threshold_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(bundle: Path, keys: tuple[Path, ...], as_json: bool) -> None:
    """Check a bundle's signatures and all its files, and say who signed it.

    They must be, to the last byte, what the owner of a key signed, those of the bundle in the
    package too. What was revoked on this computer, or by a file beside the keys, is refused.
    Nothing is remembered. Exit status 0 if they are, 1 if they aren't. A signature says who vouches
    for a bundle, not that its model is right.
    """
    from datetime import datetime, timezone

    from msgspec.structs import replace

    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.system.state import state_folder
    from edge_runtime.trust.releases import Release, told_age, told_doubt

    trusted = trusted_by(keys, read_threshold(), folder=state_folder())
    trusted = replace(trusted, takes_shipped=False)
    loaded = load_bundle(bundle, trusted=trusted)
    sealed, name = loaded.sealed, loaded.manifest.name
    files = len(loaded.manifest.files) + 1
    by, release = (sealed.by, sealed.release) if sealed else ("", Release())
    if as_json:
        found = {
            "bundle": str(bundle), "name": name, "identity": loaded.identity, "files": files,
            "signed_by": by, "signers": [*(sealed.signers if sealed else ())],
            "not_counted": [*(sealed.apart if sealed else ())], "release": release.number,
            "signed": release.signed, "expires": release.expires, "disclaimer": DISCLAIMER,
        }  # fmt: skip
        click.echo(json.dumps(found))
        return
    click.echo(
        f"{printable(bundle)} ({printable(name)}, {loaded.identity[:12]}, {files} files) is as "
        f"vouched for by {printable(by)}."
    )
    if age := told_age(release):
        click.echo(age.removeprefix(", "))
    if doubt := told_doubt(release, today=datetime.now(timezone.utc).date()):
        click.echo(f"Warning: {doubt}.", err=True)
    for clause in sealed.apart if sealed else ():
        click.echo(f"another signature doesn't count: {printable(clause)}")
    click.echo(DISCLAIMER, err=True)
