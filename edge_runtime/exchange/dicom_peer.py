"""Read whom a DICOM object is for, and by which name we call."""

import re
from typing import NamedTuple

from edge_runtime.exchange.errors import PeerInvalidError
from edge_runtime.exchange.outbox_form import Peer
from edge_runtime.hospital.tls import TlsFiles, client_context

#: The AE title by which we call where nobody says another.
CALLING = "FUNDUSEDGE"

_EXPECTED = "expected AE@HOST:PORT, such as ARCHIVE@pacs.example:104"
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")


class Place(NamedTuple):
    """Where a peer listens, and its AE title."""

    ae_title: str
    host: str
    port: int


def place_of(address: str) -> Place:
    """Read AE@HOST:PORT; an IPv6 address stands in brackets.

    Raises:
        PeerInvalidError: It is none.
    """
    title, _, rest = address.rpartition("@")
    host, _, port = rest.rpartition(":")
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536
    if not (_HOST.fullmatch(host) and is_port):
        raise PeerInvalidError(address, f"no peer; {_EXPECTED}")
    check_title(title)
    return Place(title, host.strip("[]"), int(port))


def check_title(title: str) -> None:
    r"""Refuse what is no AE title: 1 to 16 letters of ASCII without a \ and spaces around.

    Source: DICOM PS3.5, 6.2, the value representation AE.

    Raises:
        PeerInvalidError: It is none.
    """
    is_one = 0 < len(title) <= 16 and title.isascii() and title.isprintable()
    if not is_one or "\\" in title or title != title.strip():
        cause = "no AE title (1 to 16 letters, digits and signs of ASCII)"
        raise PeerInvalidError(title or "(empty)", f"{cause}; {_EXPECTED}")


def dicom_peer(
    address: str,
    *,
    calling: str = CALLING,
    commitment_port: int = 0,
    tls: TlsFiles | None = None,
) -> Peer:
    """Make a peer of its address.

    Args:
        address: AE@HOST:PORT.
        calling: By which AE title we call.
        commitment_port: Where it may call us to say what it keeps, 0 for nowhere.
        tls: By what it is spoken to encrypted, None where it isn't.

    Raises:
        PeerInvalidError: It is none, or ``calling`` no AE title, or it couldn't call us encrypted.
        TlsFilesError: A file can't be used.
    """
    if tls is not None:
        client_context(tls)  # refuses what is none before anything is kept
        if commitment_port and not tls.certificate:
            raise PeerInvalidError(
                address, "to call back it needs a certificate of ours: give --tls-certificate and "
                "--tls-key, or no --commitment-port"
            )  # fmt: skip
    place = place_of(address)
    check_title(calling)
    host = f"[{place.host}]" if ":" in place.host else place.host.lower()
    at = f"{place.ae_title}@{host}:{place.port}"
    return Peer("dicom", at, calling, commitment_port, tls=tls)
