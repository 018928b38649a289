"""Send a file by HTTP, and read an answer of which nothing is believed.

No redirection is followed: it could lead the bytes, and the token, elsewhere.
"""

import socket
import ssl
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from msgspec import Struct

from edge_runtime.exchange.fhir_server import Server
from edge_runtime.exchange.outcome import PeerFailed

_MOST_ANSWER = 8 << 20
_CONNECT_S = 10.0
_SLOWEST = 20_000  # bytes a second
_PIECE = 1 << 16


class Answer(Struct, frozen=True):
    """What a server answered. ``location`` is where it sends one on to, "" for nowhere.

    ``retry_after`` is its word for when to come again, and ``body`` no more than 8 MB.
    """

    status: int
    location: str
    retry_after: str
    body: bytes


def post(server: Server, file: Path, *, token: str, patience_s: float) -> Answer:
    """Send a file as FHIR's JSON.

    Args:
        server: Where to.
        file: It.
        token: A bearer's token, "" for none.
        patience_s: How long the whole may take beside what the bytes need, in seconds.

    Raises:
        PeerFailed: There was no answer, or none of HTTP.
        OSError: The file can't be read.
    """
    data = file.read_bytes()
    headers = {
        "Content-Type": "application/fhir+json; charset=utf-8",
        "Accept": "application/fhir+json",
        "Connection": "close",
    }
    if token:
        headers["Authorization"] = f"Bearer {token}"
    most_s = patience_s + len(data) / _SLOWEST
    connection = _connected(server, min(_CONNECT_S, patience_s))
    opened = connection.sock
    opened.settimeout(most_s)
    cut: list[bool] = []
    watch = threading.Timer(most_s, _cut, (opened, cut))  # also of one that says a byte at a time
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", server.path, body=data, headers=headers)
        response = connection.getresponse()
        body = bytearray()
        while len(body) <= _MOST_ANSWER and (piece := response.read1(_PIECE)):
            body += piece
        if cut:
            raise TimeoutError
        if len(body) > _MOST_ANSWER:
            raise PeerFailed(
                f"it answered with more than {_MOST_ANSWER >> 20} MB", may_be_due_to_it=True
            )
        if response.length:  # what it announced and didn't send
            raise PeerFailed("the connection was lost on the way", may_be_due_to_it=True)
        return Answer(
            response.status, response.getheader("Location") or "",
            response.getheader("Retry-After") or "", bytes(body),
        )  # fmt: skip
    except (OSError, HTTPException) as error:
        is_over = bool(cut) or isinstance(error, TimeoutError)
        said = "the connection was lost on the way"
        if is_over:
            said = f"there was no answer within {most_s:.0f} seconds"
        raise PeerFailed(said, may_be_due_to_it=True) from error
    finally:
        watch.cancel()
        connection.close()


def _connected(server: Server, timeout_s: float) -> HTTPConnection:
    connection: HTTPConnection
    if server.is_tls:
        context = ssl.create_default_context()
        connection = HTTPSConnection(server.host, server.port, timeout=timeout_s, context=context)
    else:
        connection = HTTPConnection(server.host, server.port, timeout=timeout_s)
    try:
        connection.connect()
    except ssl.SSLCertVerificationError as error:
        said = f"its certificate isn't to be trusted ({error.verify_message})"
        raise PeerFailed(said) from error
    except ssl.SSLError as error:
        raise PeerFailed("something answers there, but without TLS; check the address") from error
    except socket.gaierror as error:
        raise PeerFailed(f"{server.host} isn't known on this network; check the name") from error
    except (OSError, HTTPException) as error:
        said = f"nothing answers at {server.host}, port {server.port}; is it on?"
        raise PeerFailed(said) from error
    return connection


def _cut(opened: socket.socket, cut: list[bool]) -> None:
    cut.append(True)
    try:
        opened.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
