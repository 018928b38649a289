"""The command ``fundus-edge dicom send``."""

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
)  # fmt: skip
from edge_runtime.commands.tls_options import chosen_tls, tls_options
from edge_runtime.errors import printable


@click.command()
@click.argument("files", nargs=-1, type=GivenPath(), metavar="[FILE|FOLDER]...")
@click.option(
    "--peer", metavar="AE@HOST:PORT", help="The archive: its AE title, and where it listens."
)
@click.option(
    "--ae-title",
    default="FUNDUSEDGE",
    show_default=True,
    help="By which AE title to call; the archive may have to know it.",
)
@click.option(
    "--commitment-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port at which the archive may call back to say that it keeps what it has (storage "
    "commitment); it is open only while that is waited for.  [default: none]",
)
@tls_options
@click.option(
    "--no-tls",
    is_flag=True,
    help="Speak in plain text from now on with a peer that was spoken to encrypted before.",
)
@queue_option
@wait_option
def send(
    files: tuple[Path, ...],
    peer: str | None,
    ae_title: str,
    commitment_port: int,
    tls: bool,
    tls_ca: Path | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
    no_tls: bool,
    folder: Path | None,
    wait_s: int,
) -> None:
    """Send DICOM files to an archive (C-STORE).

    Each file is kept in a queue on the disk before the network is touched, and until the archive
    has it; what an archive has is never sent to it again. What it can't take now is tried again,
    after longer and longer pauses. Without files what waits in the queue is sent.

    The exit status is 1 where something couldn't be sent, was refused, or waits still.

    For research and education only: not a validated diagnostic tool.
    """
    from edge_runtime.exchange.dicom_object import read_object
    from edge_runtime.exchange.dicom_peer import dicom_peer
    from edge_runtime.exchange.kept_peer import check_as_secret
    from edge_runtime.exchange.outbox_form import Parcel
    from edge_runtime.exchange.store_scu import deliver
    from edge_runtime.exchange.to_send import parcel_of, queue_up
    from edge_runtime.photo.beside import begins_as_dicom

    if files and peer is None:
        raise click.UsageError("--peer is missing: the archive, as AE@HOST:PORT")
    if no_tls and (tls or peer is None):
        raise click.UsageError("--no-tls needs --peer, and no --tls")
    where, failed = queue_folder(folder), list[Exception]()
    encrypted, whom = chosen_tls(tls_certificate, tls_key, tls_ca, tls=tls), None
    if encrypted and peer is None:
        raise click.UsageError("--tls needs --peer; what waits is sent as was said of its peer")
    if peer is not None:
        whom = dicom_peer(peer, calling=ae_title, commitment_port=commitment_port, tls=encrypted)

    def read(file: Path) -> Parcel:
        what = read_object(file)
        return parcel_of(file, what.uid, what.title, may_change=False)

    def is_one(file: Path) -> bool:
        return begins_as_dicom(file) and file.name.upper() != "DICOMDIR"

    def tell(error: Exception) -> None:
        failed.append(error)
        click.echo(f"Error: {printable(str(error))}", err=True)

    with opened(where) as outbox:
        if whom is not None:
            check_as_secret(outbox, whom, may_be_plain=no_tls)
            outbox.set_peer(whom)
            say_queued(queue_up(outbox, whom, files, read=read, is_one=is_one, tell=tell))
        is_done = send_all(outbox, where, "dicom", deliver, wait_s=wait_s)
    end(is_well=is_done and not failed)
