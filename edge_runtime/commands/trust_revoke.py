"""The command ``fundus-edge trust revoke``."""

import hashlib
from datetime import datetime, timezone
from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable


@click.command()
@click.argument("file", type=GivenPath(), metavar="FILE.trust")
@click.argument("what", nargs=-1, required=True)
@click.option(
    "--key",
    type=GivenPath(),
    required=True,
    help="Secret key of whoever revokes: one that the devices trust.",
)
@click.option(
    "--number",
    type=click.IntRange(1, 999_999_999),
    metavar="NUMBER",
    help="Number of the list, higher than all that this key made before.  [default: one more than "
    "that of FILE.trust, or 1]",
)
def revoke(file: Path, what: tuple[str, ...], key: Path, number: int | None) -> None:
    """Make a list of keys and bundles that no device is to trust any more, or add to it.

    WHAT is a public key's file, a bundle's folder, or the 64 digits of either: those that "keygen"
    prints of a key, or a bundle's identity, which is in its results. What is revoked stays revoked
    on every device that has seen the list, also when the list is gone; sign anew with another key.
    A list that is there is kept and grows.
    """
    from edge_runtime.commands.signing_key import open_signing_key
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.trust.make_notice import revoke as write_list
    from edge_runtime.trust.notice import NOTICE

    if file.suffix != NOTICE:
        raise click.UsageError(f"{printable(file)}: the list's name must end in {NOTICE}")
    digests: dict[str, str] = {}
    for each in what:
        digests |= _named(each)
    today = datetime.now(timezone.utc).date().isoformat()
    made = write_list(file, digests, open_signing_key(key), day=today, number=number or 0)
    click.echo(f"Wrote {printable(file)}: list {made.number}, which revokes {len(made.revoked)}:")
    for digest in made.revoked:
        click.echo(f"  {digest}  {printable(digests.get(digest, 'as before'))}")
    click.echo(DISCLAIMER, err=True)


def _named(what: str) -> dict[str, str]:
    """Find the SHA-256 of what is to be revoked, and what a person calls it."""
    from edge_runtime.contract import MANIFEST
    from edge_runtime.system.digest import is_sha256
    from edge_runtime.trust.public_keys import read_keys

    if is_sha256(what.lower()):
        return {what.lower(): "by its number"}
    path = Path(what)
    if path.is_dir():
        if not (path / MANIFEST).is_file():
            cause = "no bundle (it has no manifest.json); name keys by their files"
            raise click.ClickException(f"{printable(path)}: {cause}")
        return {hashlib.sha256((path / MANIFEST).read_bytes()).hexdigest(): f"bundle {path.name}"}
    return {key.hint: f"key {key.name}" for key in read_keys([path])}
