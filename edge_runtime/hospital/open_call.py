"""Open an association with a peer: the one place that does, for whoever calls.

Source: DICOM PS3.8, 7.1 (A-ASSOCIATE); PS3.15, annex B (TLS).
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from edge_runtime.hospital.peers import Peer
from edge_runtime.hospital.tls import TlsFault, noted_faults

if TYPE_CHECKING:
    import ssl

    from pynetdicom.presentation import PresentationContext


class UnknownHostError(OSError):
    """No address is known of the peer's host."""


class Patience(NamedTuple):
    """How long is waited, in seconds: for the connection, for an answer, and in silence."""

    connect_s: float
    answer_s: float
    silence_s: float


class Opened(NamedTuple):
    """An association of pynetdicom, established or not.

    ``sockets`` are those that were connected, of which the library leaves some open, and ``faults``
    what went wrong with the encryption, the last one last.
    """

    association: Any
    sockets: list[Any]
    faults: list[TlsFault]


def open_call(
    peer: Peer,
    contexts: Sequence["PresentationContext"],
    *,
    ae_title: str,
    patience: Patience,
    tls: "ssl.SSLContext | None" = None,
    roles: Sequence[Any] = (),
    on_open: Callable[[Any], None] = lambda _: None,
) -> Opened:
    """Call a peer; whether it takes the call the association tells.

    Args:
        peer: Whom; its port is known.
        contexts: What is proposed.
        ae_title: Who calls.
        patience: How long may be waited; one read or write of the connection as for an answer.
        tls: With what the connection is encrypted; it isn't where it is None.
        roles: What is negotiated beside that.
        on_open: Is given the association once it is connected, before anything is said.

    Raises:
        UnknownHostError: The host has no address.
    """
    from pynetdicom import evt  # noqa: PLC0415 - its extra may not be there
    from pynetdicom.ae import ApplicationEntity  # noqa: PLC0415

    caller, sockets = ApplicationEntity(ae_title), list[Any]()
    faults = noted_faults(tls) if tls else []
    caller.connection_timeout = patience.connect_s
    caller.acse_timeout = caller.dimse_timeout = patience.answer_s
    caller.network_timeout = patience.silence_s

    def opened(event: Any) -> None:
        sockets.append(event.assoc.dul.socket.socket)
        sockets[0].settimeout(patience.answer_s)
        on_open(event.assoc)

    try:
        association = caller.associate(
            peer.host,
            peer.port or 0,
            list(contexts),
            peer.ae_title,
            ext_neg=list(roles),
            evt_handlers=[(evt.EVT_CONN_OPEN, opened)],
            tls_args=(tls, peer.host) if tls else None,
        )
    except (OSError, UnicodeError) as error:  # of who looks for the address
        raise UnknownHostError(peer.host) from error
    return Opened(association, sockets, faults)
