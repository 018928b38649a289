"""The command ``fundus-edge fhir send``."""

from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.commands.sending import (
    end,
    opened,
    queue_folder,
    queue_option,
    say_queued,
    send_all,
    wait_option,
)
from edge_runtime.errors import printable


@click.command()
@click.argument("bundles", nargs=-1, type=GivenPath(), metavar="[BUNDLE|FOLDER]...")
@click.option("--to", "address", metavar="URL", help="Base address of the FHIR server.")
@click.option(
    "--token-file",
    type=GivenPath(),
    help="File with the server's bearer token; it is read each time, and never kept.  [default: "
    "$FUNDUS_EDGE_FHIR_TOKEN, if it is set]",
)
@click.option(
    "--allow-http",
    is_flag=True,
    help="Speak without TLS to another computer, without a token: anybody on the network reads "
    "along.",
)
@queue_option
@wait_option
def send(
    bundles: tuple[Path, ...],
    address: str | None,
    token_file: Path | None,
    allow_http: bool,
    folder: Path | None,
    wait_s: int,
) -> None:
    """Send FHIR transactions to a hospital's record.

    Each bundle is kept in a queue on the disk before the network is touched, and until the server
    has it. What it can't take now is tried again, after longer and longer pauses. Without bundles
    what waits in the queue is sent.

    The exit status is 1 where something couldn't be sent, was refused, or waits still.

    For research and education only: not a validated diagnostic tool.
    """
    from edge_runtime.exchange.bundle_to_send import is_bundle, read_bundle
    from edge_runtime.exchange.fhir_send import deliver
    from edge_runtime.exchange.fhir_server import fhir_peer, token_of
    from edge_runtime.exchange.to_send import queue_up

    if bundles and address is None:
        raise click.UsageError("--to is missing: the base address of the FHIR server")
    where, failed, whom = queue_folder(folder), list[Exception](), None
    if address is not None:
        whom = fhir_peer(address, token_file=token_file, is_plain_allowed=allow_http)
        token_of(whom)  # refuses what is no token before anything is kept

    def tell(error: Exception) -> None:
        failed.append(error)
        click.echo(f"Error: {printable(str(error))}", err=True)

    with opened(where) as outbox:
        if whom is not None:
            outbox.set_peer(whom)
            counts = queue_up(outbox, whom, bundles, read=read_bundle, is_one=is_bundle, tell=tell)
            say_queued(counts)
        is_done = send_all(outbox, where, "fhir", deliver, wait_s=wait_s)
    end(is_well=is_done and not failed)
