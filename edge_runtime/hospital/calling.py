"""Call a peer: open an association, and close whatever becomes of it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from edge_runtime.errors import FundusError, printable
from edge_runtime.hospital.guard import Guard
from edge_runtime.hospital.open_call import Patience, UnknownHostError, open_call
from edge_runtime.hospital.peers import UNKNOWN_HOST, Peer

if TYPE_CHECKING:
    import ssl

_PATIENCE = 15  # seconds for each answer
_MOST = 1 << 20  # bytes of an answer
_WAITING, _IN_ALL = 20_000, 32 << 20  # answers that come faster than they are read, and all bytes


class PeerSilentError(FundusError, ConnectionError):
    """A peer that can't be reached, or doesn't take the call."""

    def __init__(self, peer: Peer, cause: str) -> None:
        self.peer, self.cause = peer, printable(cause)
        super().__init__(f"{printable(peer.ae_title)}@{peer.host}:{peer.port}: {self.cause}")


@contextmanager
def calling(
    peer: Peer,
    sop_class: str,
    *,
    ae_title: str,
    as_provider: bool = False,
    tls: "ssl.SSLContext | None" = None,
) -> Iterator[Any]:
    """Give an established association of pynetdicom for one class.

    Args:
        peer: Whom to call; its port is known.
        sop_class: What for.
        ae_title: Who calls.
        as_provider: Whether the caller is the class's provider.
        tls: With what the connection is encrypted; it isn't where it is None.

    Raises:
        PeerSilentError: It isn't known, can't be reached, refuses the call, or doesn't know the
            class.
    """
    from pynetdicom.presentation import build_context, build_role  # noqa: PLC0415 - its extra

    try:
        association, sockets, faults = open_call(
            peer,
            [build_context(sop_class)],
            ae_title=ae_title,
            patience=Patience(_PATIENCE, _PATIENCE, 2 * _PATIENCE),
            tls=tls,
            roles=[build_role(sop_class, scp_role=True)] if as_provider else [],
            on_open=_watch,
        )
    except UnknownHostError as error:
        raise PeerSilentError(peer, UNKNOWN_HOST) from error
    try:
        if not association.is_established:
            why = faults[-1].clause if faults else ""
            raise PeerSilentError(peer, why or _why(association, is_reached=bool(sockets)))
        yield association
        if association.is_established:
            association.release()
    finally:
        if association.is_established:
            association.abort()
        for each in sockets:  # the library leaves some open
            with suppress(OSError):
                each.close()


def _watch(association: Any) -> None:
    Guard(association, most=_MOST, waiting=_WAITING, in_all=_IN_ALL)


def _why(association: Any, *, is_reached: bool) -> str:
    if not is_reached:
        return "nobody answers there; check the address, the port and the network"
    if association.is_rejected:
        return "it refuses the call; have both AE titles and this computer's address entered there"
    return "it takes the call but not what it is about; check that it is the right service"
