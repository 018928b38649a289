"""Begin a day: who sat before the camera long ago, and who took the photographs, was yesterday."""

import datetime
import time
from collections.abc import Callable

from edge_runtime.station.boot import Boot, boot_id
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import ComputerStarted, Event, OperatorAtCamera, PersonCalled
from edge_runtime.station.moment import now

_LONG = 4 * 3600.0  # seconds


def elapsed() -> float:
    """Give seconds that go on whatever somebody does to the clock, in a computer that sleeps too.

    Source: clock_gettime(2), CLOCK_BOOTTIME; where the system has none, sleep doesn't count.
    """
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class NextDay:
    """Who lets nobody be at the camera, on either side of it, where nothing happened for hours.

    So it is where the computer was started since, as its clock may not have run meanwhile; that it
    was is kept, as what comes now is no visit of before unasked.

    The computer's clock is asked once, for how long that was when the station began: afterwards it
    may be set forwards or back, and who is at the camera stays there.
    """

    def __init__(
        self,
        store: CampStore,
        clock: Callable[[], float] = elapsed,
        boot: Callable[[], str] = boot_id,
    ) -> None:
        self._store, self._clock, self._boot = store, clock, Boot(store.folder, boot)
        history = store.camp.history
        quiet = 0.0
        if history:
            last = datetime.datetime.fromisoformat(history[-1].at)
            quiet = max(0.0, (now() - last).total_seconds())
        self._happened, self._since = len(history), clock() - quiet

    def begin(self) -> None:
        """Let nobody be at the camera, if it is time for that.

        Raises:
            OSError: It can't be written.
        """
        with self._store.lock:
            happened = len(self._store.camp.history)
            if happened != self._happened:
                self._happened, self._since = happened, self._clock()
            camp = self._store.camp
            if self._boot.is_other or self._clock() - self._since > _LONG:
                is_started = self._boot.is_other and happened
                events: list[Event] = [ComputerStarted()] if is_started else []
                if camp.called is not None:
                    events.append(PersonCalled(None))
                if camp.operator:
                    events.append(OperatorAtCamera(""))
                if events:
                    self._store.happen(*events, by="")
            self._boot.keep()
