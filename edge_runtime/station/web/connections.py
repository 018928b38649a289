"""Bound what a client can take: connections, and the time for a request and for an answer."""

import asyncio
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from edge_runtime.station.access.attempts import HERE, who_asks

#: Connections at once, of all together and of one address; a browser opens six.
MOST, MOST_OF_ONE = 200, 24

#: Seconds for a request to be there to its end, and for an answer to go on.
REQUEST_S, ANSWER_S = 15.0, 60.0

_open: Counter[str] = Counter()  # connections by who has them


class BoundedConnection(H11Protocol):
    """A connection that ends where a client is too slow, or has too many.

    Who has this computer before them isn't counted among the others, so that nobody else can keep
    them out.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._who = ""
        self._patience: asyncio.TimerHandle | None = None
        self._is_counted = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, unless there are too many."""
        super().connection_made(transport)
        self._who = who_asks(self.client[0] if self.client else None)
        others = _open.total() - _open[HERE]
        is_full = _open[self._who] >= MOST_OF_ONE or others >= MOST
        if self._who != HERE and is_full:
            transport.abort()
            return
        _open[self._who] += 1
        self._is_counted = True
        self._wait(REQUEST_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of it."""
        self._wait(None)
        if self._is_counted:
            self._is_counted = False
            _open[self._who] -= 1
            if not _open[self._who]:
                del _open[self._who]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a request that is there to its end is waited for no longer."""
        super().data_received(data)
        self._let_be()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of this one."""
        if not self.transport.is_closing():
            self._wait(REQUEST_S)
        super().on_response_complete()  # which may begin the next one
        self._let_be()

    def pause_writing(self) -> None:
        """Wait for a client that doesn't take its answer, but not for ever."""
        super().pause_writing()
        self._wait(ANSWER_S)

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        self._wait(None)

    def _let_be(self) -> None:
        """Wait no longer where a request is there to its end, and the answer is to be made."""
        cycle = self.cycle
        if cycle is not None and not cycle.more_body and not cycle.response_complete:
            self._wait(None)

    def _wait(self, seconds: float | None) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._patience = None if seconds is None else self.loop.call_later(seconds, self._end)

    def _end(self) -> None:
        self._patience = None
        self.transport.abort()
