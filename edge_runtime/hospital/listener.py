"""Wait for peers at a port; pynetdicom's server with bounds, which needs the extra."""

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from socketserver import BaseServer
from typing import TYPE_CHECKING, Any

from pynetdicom import dimse_messages, evt
from pynetdicom.transport import RequestHandler, ThreadedAssociationServer

from edge_runtime.hospital.guard import Guard, make_file
from edge_runtime.hospital.peers import plain_address
from edge_runtime.photo.decode import most_bytes

if TYPE_CHECKING:
    import ssl

_CONNECTIONS = 64  # at once, those that say nothing yet included
_SILENCE = 30.0  # seconds

# where files belong, and known to whoever removes them
setattr(dimse_messages, "NamedTemporaryFile", make_file)  # noqa: B010 - it isn't said to be there


class _Handler(RequestHandler):
    """A connection, from its first byte to its last."""

    server: "Listener"

    def handle(self) -> None:
        """Answer a peer until the connection ends."""
        connection: socket.socket = self.request
        try:
            connection.settimeout(_SILENCE)
            if self.server.tls is not None:
                connection = self.request = self.server.tls.wrap_socket(
                    connection, server_side=True
                )
            association = self._create_association()
            guard = Guard(association, most=most_bytes(), folder=self.server.folder)
            try:
                evt.trigger(association, evt.EVT_CONN_OPEN, {"address": self.client_address})
                association.start()
                association.join()
            finally:
                guard.end()
        finally:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
            self.server.slots.release()


class Listener(ThreadedAssociationServer):
    """The server; ``addresses`` are those that are heard, None for any."""

    request_queue_size = 2 * _CONNECTIONS  # so that a burst is told no, rather than nothing
    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        entity: Any,
        address: tuple[str, int],
        *,
        handlers: Sequence[Any],
        folder: Path | None,
        addresses: frozenset[str] | None,
        on_unknown: Callable[[str], None],
        tls: "ssl.SSLContext | None",
    ) -> None:
        """Begin to listen.

        Args:
            entity: The library's, with what it supports.
            address: Host and port.
            handlers: What is called of which event.
            folder: Where objects go; none are taken where it is None.
            addresses: Who is heard.
            on_unknown: Is told the address of who isn't, each time.
            tls: The context of encrypted connections, None for plain ones.

        Raises:
            OSError: The port is taken, or the address isn't this computer's.
        """
        self.folder, self.tls, self._addresses = folder, tls, addresses
        self._on_unknown = on_unknown
        self.slots = threading.BoundedSemaphore(_CONNECTIONS)
        super().__init__(
            entity,
            address,
            entity.ae_title,
            entity.supported_contexts,
            evt_handlers=[*handlers],
            request_handler=_Handler,
        )

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Tell whether a connection is taken."""
        host = plain_address(client_address[0])
        known = self._addresses is None or host in self._addresses
        if not known:
            self._on_unknown(host)
        return known and self.slots.acquire(blocking=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that ended: peers come and go."""

    def shutdown(self) -> None:
        """End ``serve_forever``, from another thread."""
        BaseServer.shutdown(self)  # the library's own needs to have started it

    def end(self) -> None:
        """End the connections that are open, and give the port back."""
        for association in self.active_associations:
            with suppress(Exception):  # it ended meanwhile
                association.abort()
        self.server_close()
