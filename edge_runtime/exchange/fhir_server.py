"""Read to which FHIR server a bundle goes, and by which token."""

import ipaddress
import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from edge_runtime.exchange.errors import PeerInvalidError
from edge_runtime.exchange.outbox_form import Peer

#: The environment variable with a server's token, where no file is named.
TOKEN_VARIABLE = "FUNDUS_EDGE_FHIR_TOKEN"  # noqa: S105 - the name of it

_MOST_TOKEN = 8192
_TOKEN = re.compile(r"[\x21-\x7e]+")
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
_EXPECTED = "expected the base address of a FHIR server, such as https://record.example/fhir"


class Server(NamedTuple):
    """Where a FHIR server is; ``path`` begins with a /, and is what bundles are sent to."""

    host: str
    port: int
    path: str
    is_tls: bool


def server_of(address: str) -> Server:
    """Read the base address of a FHIR server.

    Raises:
        PeerInvalidError: It is none, or has a password, a question or a fragment in it.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise PeerInvalidError("the address", f"none of a server; {_EXPECTED}") from error
    if "@" in parts.netloc:  # and isn't repeated
        raise PeerInvalidError("the address", "has a name or password in it; use --token-file")
    is_fine = parts.scheme in ("http", "https") and host and host.isascii() and port != 0
    if not is_fine or parts.query or parts.fragment or not _PATH.fullmatch(parts.path):
        raise PeerInvalidError(address, f"no address of a server; {_EXPECTED}")
    is_tls = parts.scheme == "https"
    return Server(host, port or (443 if is_tls else 80), parts.path.rstrip("/") or "/", is_tls)


def fhir_peer(address: str, *, token_file: Path | None, is_plain_allowed: bool) -> Peer:
    """Make a peer of a server's address.

    Args:
        address: Its base address.
        token_file: The file with its token, None for none.
        is_plain_allowed: Whether it may be spoken to without TLS.

    Raises:
        PeerInvalidError: It is none, or has no TLS and that isn't allowed.
    """
    server = server_of(address)
    if not (server.is_tls or is_plain_allowed or _is_here(server.host)):
        raise PeerInvalidError(
            address, "without TLS anybody on the network reads along; use https, or --allow-http"
        )
    kept = "" if token_file is None else str(token_file.absolute())
    host = f"[{server.host}]" if ":" in server.host else server.host
    scheme, usual = ("https", 443) if server.is_tls else ("http", 80)
    port = "" if server.port == usual else f":{server.port}"
    whole = f"{scheme}://{host}{port}{'' if server.path == '/' else server.path}"
    return Peer("fhir", whole, token_file=kept, is_plain_allowed=is_plain_allowed)


def token_of(peer: Peer) -> str:
    """Read a server's token from its file, or else from the environment; "" for none.

    Raises:
        PeerInvalidError: It can't be read, isn't one, or would go where others read along.
    """
    if peer.token_file:
        try:
            with Path(peer.token_file).open("rb") as file:
                token = file.read(_MOST_TOKEN + 1).decode("ascii", "replace").strip()
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise PeerInvalidError(peer.token_file, f"the token can't be read: {why}") from error
    else:
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
        if not token:
            return ""
    if len(token) > _MOST_TOKEN or not _TOKEN.fullmatch(token):
        where = peer.token_file or TOKEN_VARIABLE
        raise PeerInvalidError(where, "no token: one word of ASCII is expected")
    server = server_of(peer.address)
    if not server.is_tls and not _is_here(server.host):
        raise PeerInvalidError(peer.address, "a token isn't sent without TLS; use https")
    return token


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
