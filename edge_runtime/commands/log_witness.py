"""The command ``fundus-edge log witness``."""

from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable


@click.command()
@click.argument("folder", type=GivenPath())
@click.option(
    "--key",
    type=GivenPath(),
    required=True,
    help='Secret key of the witness: of "keygen --kind Ed25519". Beside it stands what it signed.',
)
@click.option("--out", type=GivenPath(), help="New file for the signed checkpoint.")
def witness(folder: Path, key: Path, out: Path | None) -> None:
    """Sign that the log in FOLDER has all that it had when KEY signed it last.

    For a second person, whose key is on a stick of their own. A log that was changed, cut off or
    written anew since is refused, with exit status 1. The signed checkpoint is printed, and kept
    beside KEY for log verify --checkpoint.
    """
    from edge_runtime.commands.signing_key import open_signing_key
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.errors import OutputExistsError
    from edge_runtime.system.files import one_sentence, write_file
    from edge_runtime.tlog.witness import MEMORY, witness_key
    from edge_runtime.tlog.witness import witness as sign_as_witness

    if out is not None and (out.exists() or out.is_symlink()):
        raise OutputExistsError(out, "an older checkpoint is worth keeping; choose another name")
    private = open_signing_key(key)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if not isinstance(private, Ed25519PrivateKey):
        cause = "it is of another kind; make one with: fundus-edge keygen --kind Ed25519"
        raise click.ClickException(f"{printable(key)}: {cause}")
    memory = key.with_name(key.name + MEMORY)
    with one_sentence(memory):
        found, before = sign_as_witness(folder, private, memory)
    signed = found.note.to_bytes()
    if out is not None:
        with one_sentence(out):
            write_file(out, signed)
    click.echo(signed.decode(), nl=False)
    since = f"has the {before.size} of last time" if before else "is witnessed for the first time"
    click.echo(f"Signed: the log of {found.size} entries {since}.", err=True)
    click.echo(f"The witness's public key: {witness_key(private).text}", err=True)
    click.echo(DISCLAIMER, err=True)
