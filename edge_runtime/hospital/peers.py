"""Other computers that speak DICOM: what they are called, and where they are."""

import ipaddress
import re
import socket

from msgspec import Struct

from edge_runtime.errors import FundusError, printable

_AE = re.compile(r"(?! *$)[ -\[\]-~]{1,16}")  # ASCII without a backslash, PS3.5, 6.2
_PLACE = re.compile(r"(?P<host>\[[0-9a-fA-F:.%]+\]|[^\s:\[\]]+)(?::(?P<port>\d{1,5}))?")


#: Why a peer can't be reached whose host has no address.
UNKNOWN_HOST = "no such host is known here; check the name, or write its address"


class PeerInvalidError(FundusError, ValueError):
    """What names no peer, or a peer that has no address."""

    def __init__(self, told: str, cause: str) -> None:
        super().__init__(f"'{printable(told)}': {cause}")


class Peer(Struct, frozen=True):
    """A peer by its AE title and its host; ``port`` is where it listens, None where nobody said."""

    ae_title: str
    host: str
    port: int | None = None


def peer_of(told: str, *, needs_port: bool = False) -> Peer:
    """Read a peer as people write it: ``AE@HOST`` or ``AE@HOST:PORT``.

    Raises:
        PeerInvalidError: It is none.
    """
    title, _, place = told.rpartition("@")
    found = _PLACE.fullmatch(place)
    if found is None or not is_ae_title(title):
        form = "AE@HOST:PORT" if needs_port else "AE@HOST or AE@HOST:PORT"
        raise PeerInvalidError(told, f"a peer is written {form}, as ARCHIVE@192.168.1.5:104")
    port = int(found["port"]) if found["port"] else None
    if (port is None and needs_port) or (port is not None and not 0 < port < 65536):
        raise PeerInvalidError(told, "its port is missing; write it behind the host, as :104")
    return Peer(title.strip(), found["host"].strip("[]"), port)


def is_ae_title(told: str) -> bool:
    """Tell whether a text can be an AE title: 1 to 16 letters of ASCII, no backslash."""
    return _AE.fullmatch(told) is not None


def addresses_of(peer: Peer) -> frozenset[str]:
    """Look up the addresses that a peer's host has.

    Raises:
        PeerInvalidError: It has none that is known here.
    """
    try:
        found = socket.getaddrinfo(peer.host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PeerInvalidError(peer.host, UNKNOWN_HOST) from error
    return frozenset(plain_address(str(each[4][0])) for each in found)


def plain_address(address: str) -> str:
    """Write an address of IPv4 as such, though a socket for both kinds has it as ::ffff:a.b.c.d."""
    try:
        told = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = told.ipv4_mapped if isinstance(told, ipaddress.IPv6Address) else None
    return str(mapped or told)
