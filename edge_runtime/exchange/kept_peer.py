"""Keep what is for a peer from going in plain text by a slip, once it was spoken to encrypted."""

from edge_runtime.exchange.errors import PeerInvalidError
from edge_runtime.exchange.outbox import Outbox
from edge_runtime.exchange.outbox_form import Peer
from edge_runtime.system.codec import from_line


def check_as_secret(outbox: Outbox, peer: Peer, *, may_be_plain: bool) -> None:
    """Refuse to speak in plain text from now on with a peer that the queue has as encrypted.

    Args:
        outbox: The queue.
        peer: As it is to be spoken to now.
        may_be_plain: Whether somebody said that it may be in plain text.

    Raises:
        PeerInvalidError: That is asked for.
        StoreInvalidError: The queue is damaged.
    """
    if peer.tls is not None or may_be_plain:
        return
    rows = outbox.rows(tuple[str], "SELECT settings FROM peers WHERE address = ?", peer.address)
    try:
        kept = [from_line(settings, Peer, named="a peer") for (settings,) in rows]
    except ValueError as error:
        raise outbox.invalid(f"a row {error}") from error
    if any(each.tls for each in kept):
        raise PeerInvalidError(
            peer.address,
            "what is for it goes encrypted, as was said before; give --tls again, or --no-tls to "
            "send it in plain text from now on",
        )
