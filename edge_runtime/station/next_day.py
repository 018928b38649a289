"""Call nobody once whoever sat before the camera was called long ago: that was yesterday."""

import datetime
import time
from collections.abc import Callable

from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonCalled
from edge_runtime.station.moment import now

_LONG = 4 * 3600.0  # seconds


def elapsed() -> float:
    """Give seconds that go on whatever somebody does to the clock, in a computer that sleeps too.

    Source: clock_gettime(2), CLOCK_BOOTTIME; where the system has none, sleep doesn't count.
    """
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class NextDay:
    """Who calls nobody where nothing has happened for hours and somebody is called still.

    The computer's clock is asked once, for how long that was when the station began: afterwards it
    may be set forwards or back, and the person before the camera stays there.
    """

    def __init__(self, store: CampStore, clock: Callable[[], float] = elapsed) -> None:
        self._store, self._clock = store, clock
        history = store.camp.history
        quiet = 0.0
        if history:
            last = datetime.datetime.fromisoformat(history[-1].at)
            quiet = max(0.0, (now() - last).total_seconds())
        self._happened, self._since = len(history), clock() - quiet

    def begin(self) -> None:
        """Call nobody, if it is time for that.

        Raises:
            OSError: It can't be written.
        """
        with self._store.lock:
            happened = len(self._store.camp.history)
            if happened != self._happened:
                self._happened, self._since = happened, self._clock()
            if self._store.camp.called is not None and self._clock() - self._since > _LONG:
                self._store.happen(PersonCalled(None))
