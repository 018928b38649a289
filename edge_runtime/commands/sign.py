"""The command ``fundus-edge sign``."""

from datetime import datetime, timezone
from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable


@click.command()
@click.argument("bundle", type=GivenPath())
@click.option("--key", type=GivenPath(), required=True, help="Secret key to sign with, of keygen.")
@click.option(
    "--release",
    type=click.IntRange(1, 999_999_999),
    metavar="NUMBER",
    help="Number of this release of the bundle, higher than the one before: a device that ran it "
    "refuses all lower ones of the same name.",
)
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Last day on which devices are to run it.  [default: none]",
)
@click.option("--force", is_flag=True, help="Replace the signature that the bundle has.")
def sign(
    bundle: Path, key: Path, release: int | None, expires: datetime | None, force: bool
) -> None:
    """Sign a bundle, so that a change is found out.

    Others can then tell that it is yours, and as you left it. The signature is the file model.sig
    in the bundle, and covers every other file of it, in the form of OpenSSF Model Signing 1.0. It
    says who vouches for the bundle, not that its model is right. A bundle that is changed
    afterwards, by "validate --record" too, has to be signed anew.
    """
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.trust.private_keys import needs_passphrase, open_key, read_private_key
    from edge_runtime.trust.releases import Release
    from edge_runtime.trust.sign import check_unsigned, sign_folder

    check_unsigned(bundle, replace=force)
    text = read_private_key(key)
    loaded = load_bundle(bundle)
    passphrase = None
    if needs_passphrase(text):
        passphrase = click.prompt(f"Passphrase of {printable(key)}", hide_input=True, err=True)
    today = datetime.now(timezone.utc).date().isoformat()
    last = expires.date().isoformat() if expires else ""
    if last and last < today:
        raise click.UsageError(f"--expires {last} is past: no device would run it")
    age = Release(release or 0, today, last)
    signer = sign_folder(bundle, open_key(key, text, passphrase), release=age, replace=force)
    click.echo(
        f"Signed {printable(bundle)} ({printable(loaded.manifest.name)}, "
        f"{loaded.identity[:12]}, {len(loaded.manifest.files) + 1} files) with the key "
        f"{signer.hint[:16]}, {f'release {release}' if release else 'without a release number'}"
        f"{f', to be run until {last}' if last else ''}."
    )
    click.echo(DISCLAIMER, err=True)
