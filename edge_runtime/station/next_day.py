"""Call nobody once whoever sat before the camera was called long ago: that was yesterday."""

import datetime

from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonCalled
from edge_runtime.station.moment import now

_LONG = datetime.timedelta(hours=4)


def begin_day(store: CampStore) -> None:
    """Call nobody where nothing has happened at a camp for hours and somebody is called still.

    Raises:
        OSError: It can't be written.
    """
    with store.lock:
        camp = store.camp
        if camp.called is not None:
            last = datetime.datetime.fromisoformat(camp.history[-1].at)
            if now() - last > _LONG:
                store.happen(PersonCalled(None))
