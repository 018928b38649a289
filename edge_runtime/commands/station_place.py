"""Where a station's pages are: on this computer alone, or for others who know the password."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.errors import printable

if TYPE_CHECKING:
    from edge_runtime.station.web.server import Addresses, Place

_PASSWORD = "set one first with 'fundus-edge station password'"  # noqa: S105 - a sentence


def place_of(
    kept_in: Path,
    host: str,
    port: int,
    language: str,
    names: tuple[str, ...],
    tls: tuple[Path | None, Path | None],
) -> "Place":
    """Check where the pages shall be.

    Args:
        kept_in: The data folder, which may not be there yet.
        host: An address of this computer.
        port: 0 is any that is free.
        language: Of the pages.
        names: Further names of this computer.
        tls: The files of a certificate and of its key.

    Raises:
        click.BadParameter: Others could reach them without a password, or one of these is none.
        PasswordInvalidError: The password can't be used.
    """
    from edge_runtime.station.access.hosts import is_loopback, named_in, plain_address
    from edge_runtime.station.access.password import read_password
    from edge_runtime.station.web.server import Place

    address = "127.0.0.1" if host == "localhost" else host.strip("[]")
    if plain_address(address) is None:
        raise click.BadParameter(
            f"'{host}' is no address; take 127.0.0.1 for this computer alone, or 0.0.0.0 for all "
            "of its network", param_hint="--host",
        )  # fmt: skip
    if read_password(kept_in) is None:
        if not is_loopback(address):
            raise click.BadParameter(
                f"'{host}' can be reached from other computers, and the page has no password: "
                f"{_PASSWORD}, or take 127.0.0.1", param_hint="--host",
            )  # fmt: skip
        if names:
            raise click.BadParameter(
                f"others who call this computer by a name need a password: {_PASSWORD}",
                param_hint="--allow-host",
            )
    known = frozenset(map(named_in, names))
    if "" in known:
        raise click.BadParameter("an empty name is none", param_hint="--allow-host")
    return Place(address, port, language, known, _checked(*tls))


def _checked(certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    """Try a certificate and its key before anything else."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise click.UsageError("--tls-certificate and --tls-key go together")
    import ssl

    def locked() -> str:
        raise click.ClickException(
            f"{printable(key)}: the key is locked by a passphrase, which nobody can type at a "
            "start; save it without one, readable by its owner alone"
        )

    for file in (certificate, key):
        with file.open("rb"):
            pass
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, locked)
    except ssl.SSLError as error:
        raise click.ClickException(
            f"{printable(certificate)}: can't be used with {printable(key)} "
            f"({error.reason or 'no PEM'}); give a certificate and its own key as PEM files"
        ) from error
    return certificate, key


def tell(addresses: "Addresses") -> None:
    """Print where to open the pages."""
    here = f"Open {addresses.here} in a browser on this computer"
    click.echo(f"{here}. Ctrl-C ends the station.")
    for each in addresses.others:
        click.echo(f"Open {each} on another computer of this network.")
    if addresses.are_for_others:
        if not addresses.others:
            click.echo("This computer is in no network now; others find it by its address later.")
        if not addresses.here.startswith("https:"):
            click.echo(
                "Who is on the same network can read along: use a cable or a Wi-Fi of your own, or "
                "--tls-certificate.", err=True,
            )  # fmt: skip
