"""The command ``fundus-edge keygen``."""

from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable


@click.command()
@click.argument("key", type=GivenPath())
@click.option(
    "--kind",
    type=click.Choice(("P-256", "Ed25519"), case_sensitive=False),
    default="P-256",
    show_default=True,
    help="P-256 is what other programs for signed models read too; few read Ed25519.",
)
@click.option(
    "--no-passphrase",
    is_flag=True,
    help="Ask for no passphrase: whoever can read the file can sign with it.",
)
def keygen(key: Path, kind: str, no_passphrase: bool) -> None:
    """Make a pair of keys to sign bundles with: KEY and KEY.pub.

    KEY is secret: it signs, its passphrase is asked for (12 characters at least, four words for
    instance), and it belongs on no computer of a camp.
    KEY.pub is public: give it to those who shall trust what you sign, by another way than the
    bundles, and let them compare its number with you.
    """
    from edge_runtime.trust.private_keys import (
        SHORTEST_PASSPHRASE,
        check_free,
        check_passphrase,
        make_key,
        public_file,
    )

    check_free(key)
    passphrase = None
    if not no_passphrase:
        asked = f"Passphrase for the key ({SHORTEST_PASSPHRASE} characters at least)"
        passphrase = click.prompt(asked, hide_input=True)
        check_passphrase(key, passphrase)
        if click.prompt("The same once more", hide_input=True) != passphrase:
            cause = "the two aren't the same, and no key was made; try again"
            raise click.ClickException(cause)
    made = make_key(key, passphrase, kind=kind)
    if no_passphrase:
        click.echo(
            f"Warning: {printable(key)} has no passphrase: whoever can read it can sign.", err=True
        )
    click.echo(f"secret  {printable(key)}")
    click.echo(f"public  {printable(public_file(key))}")
    click.echo(f"number  {made.hint}")
