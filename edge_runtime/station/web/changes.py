"""Tell open pages that something changed, by server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

_QUIET = 10.0  # seconds after which an open page is told that the station is still there
_LOOK = 1.0  # seconds after which it is asked again whether it may hear

#: Pages that hear at once, at most.
MOST_LISTENERS = 64

#: What a page's event source reads when nothing happened.
STILL_HERE = ": still here\n\n"


class Changes:
    """The news of a station: any thread tells, and every open page hears."""

    def __init__(self, state: Callable[[], dict[str, object]]) -> None:
        """Begin.

        Args:
            state: Gives what the pages are told, as JSON takes it.
        """
        self._state = state
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[asyncio.Event] = set()

    def begin(self) -> None:
        """Take the running event loop for that of the listeners."""
        self._loop = asyncio.get_running_loop()

    @property
    def is_full(self) -> bool:
        """Whether so many pages hear that no other can."""
        return len(self._listeners) >= MOST_LISTENERS

    def end(self) -> None:
        """Have every listener leave."""
        self._loop = None
        self._wake()

    def tell(self) -> None:
        """Wake all listeners, from whichever thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for each in self._listeners:
            each.set()

    async def listen(self, may_hear: Callable[[], bool] = lambda: True) -> AsyncIterator[str]:
        """Give the news now and after each change, in the form of an event stream.

        Args:
            may_hear: Asked before each and every second; the stream ends where the answer is no.
        """
        woken = asyncio.Event()
        self._listeners.add(woken)
        try:
            while self._loop is not None and may_hear():
                woken.clear()
                yield f"data: {json.dumps(self._state())}\n\n"
                quiet = 0.0
                while not await _is_woken(woken) and may_hear():
                    quiet += _LOOK
                    if quiet >= _QUIET:
                        quiet = 0.0
                        yield STILL_HERE
        finally:
            self._listeners.discard(woken)


async def _is_woken(woken: asyncio.Event) -> bool:
    """Wait for news, but not for long."""
    try:
        await asyncio.wait_for(woken.wait(), _LOOK)
    except asyncio.TimeoutError:
        return False
    return True
