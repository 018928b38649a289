"""The command ``fundus-edge sign``."""

from datetime import datetime, timezone
from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenDay, GivenPath
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
    type=GivenDay(),
    metavar="YYYY-MM-DD",
    help="Last day on which devices are to run it.  [default: none]",
)
@click.option(
    "--force",
    is_flag=True,
    help="Take away the signatures that the bundle has, of all keys, and sign it anew.",
)
def sign(
    bundle: Path, key: Path, release: int | None, expires: datetime | None, force: bool
) -> None:
    """Sign a bundle, so that a change is found out.

    Others can then tell that it is yours, and as you left it. The signature is the file model.sig
    in the bundle, and covers every other file of it, in the form of OpenSSF Model Signing 1.0. It
    says who vouches for the bundle, not that its model is right. A bundle that is changed
    afterwards, by "validate --record" too, has to be signed anew.

    A bundle that somebody else signed gets a second signature, model.sig.2 and so on, which says
    the same release and last day as the first: devices can ask for several (--trust-threshold).
    """
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.commands.signing_key import open_signing_key
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.trust.private_keys import read_private_key
    from edge_runtime.trust.releases import Release, told_limits
    from edge_runtime.trust.sign import sign_folder, signed_before

    before = () if force else signed_before(bundle)
    read_private_key(key)
    loaded = load_bundle(bundle)
    today = datetime.now(timezone.utc).date().isoformat()
    last = expires.date().isoformat() if expires else ""
    if last and last < today:
        raise click.UsageError(f"--expires {last} is past: no device would run it")
    age = Release(release or 0, today, last)
    if before and not (release or last):
        said = before[0].statement.release
        age = Release(said.number, today, said.expires)
    signer = sign_folder(bundle, open_signing_key(key), release=age, replace=force)
    click.echo(
        f"Signed {printable(bundle)} ({printable(loaded.manifest.name)}, "
        f"{loaded.identity[:12]}, {len(loaded.manifest.files) + 1} files) with the key "
        f"{signer.hint[:16]}, "
        f"{told_limits(age)}"
        f"{f', beside {len(before)} signature(s) of others' if before else ''}."
    )
    click.echo(DISCLAIMER, err=True)
