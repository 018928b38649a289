"""The command ``fundus-edge verify``."""

import json
from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
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
    help="Public key of whoever should have signed it, or folder of public keys. May be repeated; "
    "one of them must have signed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(bundle: Path, keys: tuple[Path, ...], as_json: bool) -> None:
    """Check a bundle's signature and all its files.

    They must be, to the last byte, what the owner of a key signed. Exit status 0 if they are, 1 if
    they aren't. A signature says who vouches for a bundle, not that its model is right.
    """
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.trust.public_keys import read_keys
    from edge_runtime.trust.releases import Release
    from edge_runtime.trust.verify import Trusted

    loaded = load_bundle(bundle, trusted=Trusted(read_keys(keys)))
    sealed, name = loaded.sealed, loaded.manifest.name
    files = len(loaded.manifest.files) + 1
    by, release = (sealed.by, sealed.release) if sealed else ("", Release())
    if as_json:
        found = {
            "bundle": str(bundle), "name": name, "identity": loaded.identity, "files": files,
            "signed_by": by, "release": release.number, "signed": release.signed,
            "expires": release.expires, "disclaimer": DISCLAIMER,
        }  # fmt: skip
        click.echo(json.dumps(found))
        return
    click.echo(
        f"{printable(bundle)} ({printable(name)}, {loaded.identity[:12]}, {files} files) is as "
        f"vouched for by {printable(by)}."
    )
    if release.number or release.expires:
        until = f", to be run until {release.expires}" if release.expires else ""
        click.echo(f"release {release.number}, signed on {release.signed}{until}")
    click.echo(DISCLAIMER, err=True)
