"""The options --tls, --tls-ca, --tls-certificate and --tls-key, wherever DICOM is spoken."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from edge_runtime.commands.param_types import GivenPath

if TYPE_CHECKING:
    from edge_runtime.hospital.tls import TlsFiles

_Command = TypeVar("_Command", bound=Callable[..., Any])


def own_certificate_options(command: _Command) -> _Command:
    """Add --tls-certificate and --tls-key to a command, as ``tls_certificate`` and ``tls_key``."""
    for option in (
        click.option(
            "--tls-key", type=GivenPath(), metavar="FILE", help="PEM file of the certificate's key."
        ),
        click.option(
            "--tls-certificate", type=GivenPath(), metavar="FILE",
            help="PEM file of this computer's certificate.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def tls_options(command: _Command) -> _Command:
    """Add these two, --tls and --tls-ca to a command, as ``tls`` and ``tls_ca``."""
    command = own_certificate_options(command)
    for option in (
        click.option(
            "--tls-ca", type=GivenPath(), metavar="FILE",
            help="PEM file of the peer's certificate, or of the authority that issued it.  "
            "[default: those that the system trusts]",
        ),
        click.option(
            "--tls", is_flag=True,
            help="Speak encrypted (TLS 1.2 or newer) with the peer, whose certificate must be of "
            "the name or address in --peer.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def chosen_tls(
    certificate: Path | None,
    key: Path | None,
    authority: Path | None,
    *,
    tls: bool,
    prefix: str = "--",
) -> "TlsFiles | None":
    """Put the options together; None where nothing is to be encrypted.

    Args:
        certificate: Ours.
        key: Its.
        authority: Who vouches for the other side.
        tls: Whether to encrypt.
        prefix: What the options begin with, before "tls".

    Raises:
        click.UsageError: They don't go together.
    """
    given, named = (certificate, key, authority), f"{prefix}tls"
    if not tls:
        if any(given):
            raise click.UsageError(f"{named}-ca, {named}-certificate and {named}-key need {named}")
        return None
    if (certificate is None) != (key is None):
        raise click.UsageError(f"{named}-certificate and {named}-key go together")
    from edge_runtime.hospital.tls import TlsFiles

    return TlsFiles(*("" if each is None else str(each.absolute()) for each in given))
