"""The command ``fundus-edge sign``."""

from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable


@click.command()
@click.argument("bundle", type=GivenPath())
@click.option("--key", type=GivenPath(), required=True, help="Secret key to sign with, of keygen.")
@click.option("--force", is_flag=True, help="Replace the signature that the bundle has.")
def sign(bundle: Path, key: Path, force: bool) -> None:
    """Sign a bundle, so that others can tell that it is yours and unchanged.

    The signature is the file model.sig in the bundle, and covers every other file of it, in the
    form of OpenSSF Model Signing 1.0. It says who vouches for the bundle, not that its model is
    right. Who changes the bundle afterwards, and be it by "validate --record", has to sign it anew.
    """
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.trust.private_keys import needs_passphrase, open_key, read_private_key
    from edge_runtime.trust.sign import check_unsigned, sign_folder

    check_unsigned(bundle, replace=force)
    text = read_private_key(key)
    loaded = load_bundle(bundle)
    passphrase = None
    if needs_passphrase(text):
        passphrase = click.prompt(f"Passphrase of {printable(key)}", hide_input=True, err=True)
    signer = sign_folder(bundle, open_key(key, text, passphrase), replace=force)
    click.echo(
        f"Signed {printable(bundle)} ({printable(loaded.manifest.name)}, "
        f"{loaded.identity[:12]}, {len(loaded.manifest.files) + 1} files) with the key "
        f"{signer.hint[:16]}."
    )
    click.echo(DISCLAIMER, err=True)
