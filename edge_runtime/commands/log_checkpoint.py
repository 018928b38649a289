"""The command ``fundus-edge log checkpoint``."""

from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable


@click.command()
@click.argument("folder", type=GivenPath())
@click.option("--out", type=GivenPath(), help="New file for it.  [default: it is printed]")
@click.option(
    "--qr", is_flag=True, help="Print it as a code too, for a phone; needs the extra station."
)
def checkpoint(folder: Path, out: Path | None, qr: bool) -> None:
    """Print the checkpoint of the log in FOLDER: four lines that stand for all its entries.

    Give them to somebody who can't change the log, or write them down. Whatever was logged until
    now can't be changed any more without log verify --checkpoint finding it. It can be done while
    the station is at work.
    """
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.errors import OutputExistsError
    from edge_runtime.system.files import one_sentence, write_file
    from edge_runtime.tlog.now import checkpoint_now

    if out is not None and (out.exists() or out.is_symlink()):
        raise OutputExistsError(out, "an older checkpoint is worth keeping; choose another name")
    _, found = checkpoint_now(folder)
    text = found.note.to_bytes().decode()
    if out is None:
        click.echo(text, nl=False)
    else:
        with one_sentence(out):
            write_file(out, text.encode())
        click.echo(f"{printable(out)}: the checkpoint of {found.size} entries.")
    if qr:
        click.echo(_code(text), nl=False)
    if not found.note.signatures:
        click.echo("Warning: it isn't signed, as the extra 'trust' isn't installed.", err=True)
    click.echo(DISCLAIMER, err=True)


def _code(text: str) -> str:
    """Draw a text as a code for a terminal."""
    import io

    from edge_runtime.errors import MissingExtraError

    try:
        import segno
    except ModuleNotFoundError as error:
        raise MissingExtraError("station", str(error.name)) from error
    drawn = io.StringIO()
    segno.make(text.encode(), mode="byte", micro=False).terminal(drawn, compact=True)
    return drawn.getvalue()
