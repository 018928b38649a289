"""Open the secret key that a command was given."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.errors import printable

if TYPE_CHECKING:
    from edge_runtime.trust.private_keys import PrivateKey


def open_signing_key(path: Path) -> "PrivateKey":
    """Open a secret key, and ask for its passphrase where it has one.

    Raises:
        KeyInvalidError: There is none, or the passphrase is wrong.
        MissingExtraError: What opens keys isn't installed.
    """
    from edge_runtime.trust.private_keys import needs_passphrase, open_key, read_private_key

    text, passphrase = read_private_key(path), None
    if needs_passphrase(text):
        passphrase = click.prompt(f"Passphrase of {printable(path)}", hide_input=True, err=True)
    return open_key(path, text, passphrase)
