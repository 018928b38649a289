"""The command ``fundus-edge dicom receive``."""

from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.commands.tls_options import chosen_tls, own_certificate_options
from edge_runtime.errors import MissingExtraError, printable

if TYPE_CHECKING:
    import ssl


@click.command()
@click.option(
    "--out", type=GivenPath(), required=True,
    help="Folder for the objects, each a file by its UID. A station's inbox is one.",
)  # fmt: skip
@click.option(
    "--port", type=click.IntRange(0, 65535), default=11112, show_default=True,
    help="Port to listen at; 0 takes any that is free.",
)  # fmt: skip
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address of this computer to listen at. One that others can reach, or 0.0.0.0 for all, "
    "needs --from.",
)
@click.option(
    "--ae-title", default="FUNDUSEDGE", show_default=True, help="AE title of this computer."
)
@click.option(
    "--from", "peers", multiple=True, metavar="AE@HOST[:PORT]",
    help="Peer that may send, by its AE title and address. The port is where it is told what is "
    "kept (storage commitment). May be repeated.  [default: any program of this computer]",
)  # fmt: skip
@own_certificate_options
@click.option(
    "--tls-peers", type=GivenPath(),
    help="PEM file of the authority that issued the peers' certificates; others are refused.",
)  # fmt: skip
def receive(
    out: Path,
    port: int,
    host: str,
    ae_title: str,
    peers: tuple[str, ...],
    tls_certificate: Path | None,
    tls_key: Path | None,
    tls_peers: Path | None,
) -> None:
    """Take in the photos that cameras and archives send by DICOM (C-STORE, C-ECHO).

    Each object is on the disk before its sender is told so; sent again it is kept once. The kinds
    of objects and of compression that `predict` reads are taken, others are refused. Who asks
    whether objects are kept (storage commitment) is answered by what lies in the folder.

    The files' names are printed as they come. Ctrl-C ends it.
    """
    from importlib.util import find_spec

    for module in ("pydicom", "pynetdicom"):
        if find_spec(module) is None:
            raise MissingExtraError("hospital", module)
    from edge_runtime.hospital.peers import is_ae_title, peer_of
    from edge_runtime.hospital.receiver import Listening, Receiver
    from edge_runtime.station.access.hosts import is_loopback
    from edge_runtime.system.files import make_folder, one_sentence
    from edge_runtime.system.interrupts import ending_in_order

    if not is_ae_title(ae_title):
        raise click.BadParameter("it has 1 to 16 letters of ASCII", param_hint="--ae-title")
    if not peers and not is_loopback("127.0.0.1" if host == "localhost" else host):
        raise click.UsageError(
            f"'{printable(host)}' can be reached from other computers: say by --from who may send"
        )
    listening = Listening(ae_title, host, port, tuple(map(peer_of, peers)))
    tls = _context(tls_certificate, tls_key, tls_peers)
    with one_sentence(out):
        make_folder(out, mode=0o700)
        receiver = Receiver(
            out, listening, tls=tls,
            on_kept=lambda file: click.echo(printable(file)),
            say=lambda sentence: click.echo(sentence, err=True),
        )  # fmt: skip
    with ending_in_order(), one_sentence(out), closing(receiver):
        at, port = receiver.address
        click.echo(f"Listening as {ae_title} at {at}:{port}; Ctrl-C ends it.", err=True)
        with suppress(KeyboardInterrupt):
            receiver.serve()
    click.echo("Ended.", err=True)


def _context(
    certificate: Path | None, key: Path | None, peers: Path | None
) -> "ssl.SSLContext | None":
    """Make what keeps connections secret; None where no certificate is given."""
    from edge_runtime.hospital.tls import server_context

    files = chosen_tls(certificate, key, peers, tls=any((certificate, key, peers)))
    if files is None:
        return None
    if not files.certificate:
        raise click.UsageError("--tls-peers needs --tls-certificate and --tls-key")
    return server_context(files)
