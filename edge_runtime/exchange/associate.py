"""Open an association with an archive, encrypted where that is asked for, or say why there is none.

Source: DICOM PS3.8, 9.3.4 (A-ASSOCIATE-RJ).
"""

from contextlib import suppress
from ssl import SSLContext
from typing import Any

from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext

from edge_runtime.exchange.dicom_peer import place_of
from edge_runtime.exchange.outbox_form import Peer
from edge_runtime.exchange.outcome import SETTLED_S, PeerFailed, words
from edge_runtime.hospital.open_call import Patience, UnknownHostError, open_call
from edge_runtime.hospital.peers import Peer as Called
from edge_runtime.hospital.tls import TlsFilesError, client_context

_CONNECT_S = 10.0
_WHY_REJECTED = {
    (1, 2): "it doesn't know how to speak with us",
    (1, 3): "it doesn't know our AE title '{calling}'; have it entered there",
    (1, 7): "it doesn't answer to the AE title '{called}'; check the peer's",
    (3, 1): "it is too busy",
    (3, 2): "it has too many connections",
}


def associate(peer: Peer, contexts: list[PresentationContext], patience_s: float) -> Association:
    """Make the connection.

    Args:
        peer: Whom with.
        contexts: What is proposed.
        patience_s: How long an answer may take, in seconds.

    Raises:
        PeerFailed: There is none, and why; also where our own files of TLS can't be read now.
    """
    place = place_of(peer.address)
    patience = Patience(min(_CONNECT_S, patience_s), patience_s, patience_s)
    try:
        made, opened, faults = open_call(
            Called(*place), contexts, ae_title=peer.calling, patience=patience, tls=_tls(peer)
        )
    except UnknownHostError as error:
        raise PeerFailed(f"{place.host} isn't known on this network; check the name") from error
    if made.is_established:
        return made  # type: ignore[no-any-return]
    if made.is_rejected:
        answer: Any = made.acceptor.primitive
        why = _WHY_REJECTED.get(
            (answer.result_source, answer.diagnostic), "it doesn't say why"
        ).format(calling=peer.calling, called=place.ae_title)
        raise PeerFailed(
            f"it refused the connection: {why}", after_s=SETTLED_S if answer.result == 1 else 0
        )
    if faults:
        last = faults[-1]
        raise PeerFailed(words(last.clause), after_s=0 if last.may_pass else SETTLED_S)
    if made.rejected_contexts and not made.accepted_contexts and opened:
        raise PeerFailed("it takes none of the objects that wait for it", after_s=SETTLED_S)
    if opened:
        said = "something answered there, but not as an archive does; check the port"
        raise PeerFailed(said if peer.tls else f"{said}, and whether it wants --tls")
    raise PeerFailed(f"nothing answers at {place.host}, port {place.port}; is it on?")


def bound(association: Association, patience_s: float, *, answer_s: float | None = None) -> None:
    """Say how long a peer may take from now on, in seconds, also one that reads nothing.

    Args:
        association: The connection.
        patience_s: How long for each.
        answer_s: How long for the answer to a message, where that is something else.
    """
    association.dimse_timeout = patience_s if answer_s is None else answer_s
    association.acse_timeout = patience_s
    socket: Any = association.dul.socket and association.dul.socket.socket
    if socket is not None:
        with suppress(OSError):  # it was closed meanwhile, which whoever uses it finds out
            socket.settimeout(patience_s)


def _tls(peer: Peer) -> SSLContext | None:
    """Make what encrypts the connection, None where it isn't encrypted."""
    if peer.tls is None:
        return None
    try:
        return client_context(peer.tls)
    except TlsFilesError as error:
        raise PeerFailed(words(error), after_s=SETTLED_S) from error
